// What is new on a page where somebody waits or keeps watch: said politely, and shown when the reader
// wants it. Which news concern the page is known by the sentences that it brings along. Nothing moves by
// itself and no focus is taken.
import { count, keepAsking, renew } from "./asking.js";

const bar = document.querySelector("[data-live-url]");
if (bar) start(bar);

function start(bar) {
  const text = bar.dataset;
  const said = bar.querySelector("[data-live-said]");
  const show = bar.querySelector("[data-live-show]");
  const load = bar.querySelector("[data-live-load]");
  const told = JSON.parse(text.liveTexts); // {what: [for one, for many]}, the most important first
  const known = new Set(text.liveKnown.split(" ").map(Number)); // events that the page shows already
  const seen = new Set();
  let fresh = {};

  show?.addEventListener("click", reveal);
  keepAsking(bar, take, tell);

  function take(events) {
    let any = false;
    for (const { id, data } of events) {
      const mark = `${id} ${data.what} ${data.of ?? ""}`;
      if (known.has(id) || seen.has(mark) || !told[data.what]) continue;
      seen.add(mark);
      any = true;
      (fresh[data.what] ??= new Set()).add(data.of);
    }
    return any;
  }

  // Who waits is told the most important thing, who keeps watch all of it.
  function tell() {
    const words = Object.entries(told).map(([what, [one, many]]) => count(fresh[what]?.size, one, many ?? one));
    const sentence = words.filter(Boolean).slice(0, show ? words.length : 1).join(" · ");
    if (said.textContent !== sentence) said.textContent = sentence;
    (show ?? load).hidden = !sentence;
  }

  async function reveal() {
    show.disabled = true;
    fresh = {};
    try {
      await renew(location.href);
      said.textContent = text.textDone;
      show.hidden = true;
      document.querySelector("[data-live-part][tabindex]")?.focus();
    } catch {
      location.assign(load.href);
    } finally {
      show.disabled = false;
    }
  }
}
