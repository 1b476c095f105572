// Asking what is new on an open page, with a cursor: seldom, patiently, never while the tab is hidden or
// the reader has paused it. `take` gets the events and says whether any was new to the page; `tell` writes
// down what is known so far. Where nothing can be told any more the link that loads the page remains.
const OFTEN = 10_000;
const QUIET = 120_000;
const MOST = 60_000;

export function keepAsking(bar, take, tell) {
  const text = bar.dataset;
  const said = bar.querySelector("[data-live-said]");
  const load = bar.querySelector("[data-live-load]");
  const pause = bar.querySelector("[data-live-pause]");
  const often = Number(text.liveEvery) * 1000 || OFTEN;
  let after = text.liveAfter;
  let timer = 0;
  let failures = 0;
  let lastNews = Date.now();
  let asking = false;
  let paused = recall();

  load.hidden = true;
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    remember(paused);
    settle();
    if (!paused) ask();
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  settle();
  later(often);

  function settle() {
    pause.textContent = paused ? text.textGo : text.textPause;
    load.hidden = !paused;
    if (paused) {
      clearTimeout(timer);
      said.textContent = text.textPaused;
    } else {
      tell();
    }
  }

  function later(time) {
    clearTimeout(timer);
    if (!paused && !document.hidden) timer = setTimeout(ask, time * (0.8 + Math.random() * 0.4));
  }

  async function ask() {
    clearTimeout(timer);
    if (paused || document.hidden || asking) return;
    asking = true;
    let wait = 0;
    try {
      const address = new URL(text.liveUrl, location.href);
      address.searchParams.set("after", after);
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        after = answer.headers.get("Sala-After") ?? after;
        failures = 0;
        if (answer.status === 200 && take((await answer.json()).events)) lastNews = Date.now();
        if (!paused) tell();
      } else if (answer.status === 410) {
        said.textContent = text.textStale;
        load.hidden = false;
        return;
      } else if (answer.status === 403 || answer.status === 404) {
        load.hidden = false;
        return;
      } else {
        failures += 1;
        wait = Number(answer.headers.get("Retry-After")) * 1000 || 0;
      }
    } catch {
      failures += 1;
      if (failures === 2) said.textContent = text.textLost;
    } finally {
      asking = false;
    }
    const usual = Date.now() - lastNews > QUIET ? 3 * often : often;
    later(Math.max(wait, failures ? Math.min(Math.max(MOST, often), often * 2 ** failures) : usual));
  }
}

// The page is asked for again, and the parts that hold no form take the place of the old ones.
export async function renew(here) {
  const answer = await fetch(here, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live-part]")) {
    const now = page.querySelector(`[data-live-part="${part.dataset.livePart}"]`);
    if (now) part.replaceChildren(...now.childNodes);
  }
}

export function count(n, one, many) {
  return n ? (n === 1 ? one : many.replace("{n}", n)) : "";
}

function recall() {
  try {
    return localStorage.getItem("sala-live") === "off";
  } catch {
    return false;
  }
}

function remember(off) {
  try {
    localStorage.setItem("sala-live", off ? "off" : "on");
  } catch {
    // private windows may refuse storage
  }
}
