// What was sent without a connection waits on this device and goes out once there is one again. Text
// only; the server knows each message by its key, so that none is taken twice.
import { ready, words } from "./words.js";

const KEY = "sala-outbox";
const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 60000;
const { writer = "" } = document.body.dataset;

const all = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
};
const write = (entries) => {
  if (entries.length) localStorage.setItem(KEY, JSON.stringify(entries));
  else localStorage.removeItem(KEY);
};
const drop = (id) => write(all().filter((entry) => entry.id !== id));
const mine = () => all().filter((entry) => entry.writer === writer);

// Not every address is a safe context, and only those have randomUUID.
const uuid = () =>
  crypto.randomUUID?.() ??
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16),
  );

let place;
const say = (text, url) => {
  if (!text) return;
  if (!place) {
    place = document.createElement("div");
    place.className = "notice notice--info";
    place.setAttribute("role", "status");
    document.querySelector("#main .wrap")?.prepend(place);
  }
  const said = document.createElement(url ? "a" : "span");
  said.textContent = text;
  if (url) said.href = url;
  place.replaceChildren(said);
};

export const tellSent = () => ready.then(() => say(words.sent));

// Puts a form into the outbox; a second press of the same form replaces the first. False when this
// device keeps nothing.
export const put = (form, submitter, draft) => {
  const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
  if (submitter?.name) fields.push([submitter.name, submitter.value]);
  const earlier = all().find((entry) => entry.draft === draft);
  const id = earlier?.id ?? fields.find(([name]) => name === "key")?.[1] ?? uuid();
  const sent = [...fields.filter(([name]) => name !== "key"), ["key", id]];
  try {
    write([
      ...all().filter((entry) => entry.draft !== draft),
      { id, writer, draft, url: new URL(form.getAttribute("action") ?? "", location).href, page: location.href, fields: sent, at: Date.now() },
    ]);
  } catch {
    return false;
  }
  later(FIRST_PAUSE);
  return true;
};

const send = async (entry) => {
  const body = new URLSearchParams(entry.fields);
  body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
  const response = await fetch(entry.url, { method: "POST", body });
  if (response.status >= 500 || response.status === 429) throw new Error(response.status);
  drop(entry.id);
  const event = new CustomEvent("sala:sent", { detail: { entry, response }, cancelable: true });
  const handled = !dispatchEvent(event); // the form's own page says what followed
  if (response.ok) {
    localStorage.removeItem(entry.draft);
    if (!handled) say(words.sent, response.url);
  } else if (!handled) say(words.unsent, entry.page);
};

let timer;
let pause = FIRST_PAUSE;
const later = (wait) => {
  clearTimeout(timer);
  timer = setTimeout(flush, wait * (0.8 + Math.random() * 0.4));
};

const run = async () => {
  for (const entry of mine()) {
    try {
      await send(entry);
      pause = FIRST_PAUSE;
    } catch {
      say(words.waiting);
      later(pause);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
      return;
    }
  }
};

// One tab sends at a time, where the browser can see to that.
export const flush = () => {
  clearTimeout(timer);
  if (!mine().length) return;
  if (!navigator.onLine) return later(pause);
  if (navigator.locks) navigator.locks.request(KEY, { ifAvailable: true }, (lock) => (lock ? run() : later(pause)));
  else run();
};

addEventListener("online", flush);
flush();
