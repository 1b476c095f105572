// Keeps what is being typed: on the server a moment after the last key, on this device until the
// server has it.
import { ready, words } from "./words.js";

const WAIT = 1500;
const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 60000;
const NOT_TYPED = new Set(["hidden", "submit", "button", "image", "reset", "file", "password"]);
const { writer = "" } = document.body.dataset;

const sameForAllLanguages = (url) => url.replace(/^\/[a-z]{2}\//, "/");

for (const form of document.querySelectorAll("form[data-autosave-url]")) {
  const url = form.dataset.autosaveUrl;
  const status = form.querySelector("[data-autosave-status]");
  const name = form.querySelector("[name=draft_form]")?.value ?? "form";
  const extra = form.querySelector("[name=prompt]")?.value ?? "";
  // On a shared computer nobody meets another's text.
  const key = `sala-draft:${writer}:${sameForAllLanguages(url)}:${name}:${extra}`;
  const say = (text) => status && text && status.textContent !== text && (status.textContent = text);

  const controls = () => [...form.elements].filter((field) => field.name && !NOT_TYPED.has(field.type) && field.tagName !== "FIELDSET" && field.tagName !== "OUTPUT");
  const choice = (field) => field.type === "radio" || field.type === "checkbox";
  const typed = () => controls().filter((field) => !choice(field) || field.checked).map((field) => [field.name, field.value]);
  const text = () => JSON.stringify(typed());

  const atFirst = text(); // what the server has, or has just been sent
  let timer;
  let pause = FIRST_PAUSE;
  let saved = atFirst;
  let failing = false;
  let stored = true;
  let submitted = false;
  let waiting = false; // in the outbox
  let leaving = false;
  const dirty = () => text() !== saved;

  const store = () => {
    try {
      if (dirty()) localStorage.setItem(key, JSON.stringify({ base: saved, values: typed(), at: Date.now() }));
      else localStorage.removeItem(key);
      stored = true;
    } catch {
      stored = false; // private windows may refuse storage
    }
  };

  const save = async () => {
    clearTimeout(timer);
    if (submitted || waiting) return; // a draft of what was just sent would look like something unsent
    const now = text();
    if (now === saved) return;
    say(words.saving);
    try {
      const response = await fetch(url, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
        keepalive: leaving && now.length < 30000, // browsers send no more than that from a page that goes
      });
      const answer = await response.json().catch(() => ({}));
      if (submitted) return;
      if (!response.ok) {
        failing = true;
        if (answer.error) say(answer.error);
        else if (response.status === 403) say(words.ended);
        if (response.status < 500) return; // trying again would not help; the device keeps the text
        throw new Error(response.status);
      }
      failing = false;
      saved = now;
      pause = FIRST_PAUSE;
      store();
      say((words.saved ?? "").replace("{time}", answer.saved_at ?? ""));
    } catch {
      failing = true;
      if (submitted) return;
      say(words.unsaved);
      timer = setTimeout(save, pause * (0.8 + Math.random() * 0.4));
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  };

  const changed = () => {
    waiting = false; // what was sent first is sent; this is newer
    store();
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  };

  const fill = (values) => {
    const wanted = new Map();
    for (const [field, value] of values) wanted.set(field, [...(wanted.get(field) ?? []), value]);
    for (const field of controls()) {
      const there = wanted.get(field.name) ?? [];
      if (choice(field)) field.checked = there.includes(field.value);
      else field.value = there.shift() ?? "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  // What the server has not got comes back: by itself where nothing newer stands in its place, else
  // when the writer wants it.
  const offer = (values, at) => {
    const line = document.createElement("p");
    line.className = "notice notice--info";
    const sentence = document.createElement("span");
    sentence.textContent = (words.found ?? "").replace("{time}", new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }));
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = words.use;
    button.addEventListener("click", () => {
      line.remove();
      fill(values);
      controls()[0]?.focus();
    });
    line.append(sentence, " ", button);
    form.prepend(line);
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "null");
    const empty = controls().every((field) => (choice(field) ? !field.checked : !field.value));
    if (found?.values && JSON.stringify(found.values) !== atFirst) {
      if (found.base === atFirst || empty) fill(found.values);
      else ready.then(() => offer(found.values, found.at));
    } else localStorage.removeItem(key);
  } catch {
    // nothing that could be read
  }

  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (event.defaultPrevented) return;
    if (!navigator.onLine || (failing && pause > FIRST_PAUSE)) {
      event.preventDefault();
      wait(event.submitter);
      return;
    }
    submitted = true;
    try {
      sessionStorage.setItem("sala-submitted", key);
    } catch {
      // the copy on this device then stays until it is saved
    }
  });

  // No connection: the form waits in the outbox, and its page goes on by itself once it was sent.
  const wait = async (submitter) => {
    store();
    const files = [...form.elements].some((field) => field.type === "file" && field.files.length);
    if (files || form.dataset.confidential !== undefined) return say(files ? words.files : words.unsaved);
    const { put } = await outbox;
    waiting = put(form, submitter, key);
    if (waiting) say(words.waiting);
  };
  // Loaded while there is a connection.
  const outbox = import("./outbox.js");
  addEventListener("sala:sent", (event) => {
    const { entry, response } = event.detail;
    if (entry.draft !== key) return;
    event.preventDefault();
    submitted = true;
    if (response.ok) {
      try {
        sessionStorage.setItem("sala-sent", "1");
      } catch {
        // the next page then shows it without saying so
      }
      return location.assign(response.url);
    }
    // Sent once more, now by the page itself: the answer says what to do, and it keeps the text.
    const there = new FormData(form);
    for (const [field, value] of entry.fields) {
      if (there.has(field)) continue;
      const input = Object.assign(document.createElement("input"), { type: "hidden", name: field, value });
      form.append(input);
    }
    HTMLFormElement.prototype.submit.call(form);
  });

  addEventListener("online", () => dirty() && save());
  document.addEventListener("visibilitychange", () => document.hidden && dirty() && save());
  addEventListener("pagehide", () => {
    leaving = true;
    if (dirty()) save();
  });
  addEventListener("beforeunload", (event) => {
    if (!submitted && dirty() && (failing || !stored)) event.preventDefault();
  });
}
