// What is new in an open discussion: asked for with a cursor, said politely, shown when the reader wants
// it. Nothing moves by itself, no focus is taken, and what is being typed is never touched. Only what may
// not be read any more gives way at once.
const bar = document.querySelector("[data-live-url]");
if (bar) start(bar);

function start(bar) {
  const text = bar.dataset;
  const root = Number(text.liveRoot) || null;
  const said = bar.querySelector("[data-live-said]");
  const show = bar.querySelector("[data-live-show]");
  const load = bar.querySelector("[data-live-load]");
  const pause = bar.querySelector("[data-live-pause]");
  const OFTEN = 10_000;
  const SELDOM = 30_000;
  const QUIET = 120_000;
  const MOST = 60_000;
  const seen = new Set();
  const fresh = { post: new Set(), reply: new Set(), change: new Set() };
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
  show.addEventListener("click", reveal);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  settle();
  later(OFTEN);

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
        if (answer.status === 200) take((await answer.json()).events);
        else tell();
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
    const usual = Date.now() - lastNews > QUIET ? SELDOM : OFTEN;
    later(Math.max(wait, failures ? Math.min(MOST, OFTEN * 2 ** failures) : usual));
  }

  function take(events) {
    for (const { id, data } of events) {
      const mark = `${id} ${data.post}`;
      if (seen.has(mark) || (root && data.post !== root && data.root !== root)) continue;
      seen.add(mark);
      lastNews = Date.now();
      const there = document.getElementById(`p${data.post}`);
      if (data.gone) there?.remove();
      else if (data.taken && there) hide(there, data.taken);
      if (data.gone || data.taken) {
        for (const news of Object.values(fresh)) news.delete(data.post);
      } else if (data.new && !there) {
        fresh[data.root ? "reply" : "post"].add(data.post);
      } else if (there && !data.new) {
        fresh.change.add(data.post);
      }
    }
    tell();
  }

  function hide(post, words) {
    const body = post.querySelector(".post-body");
    body.textContent = words;
    body.classList.add("is-taken");
    post.querySelector(".quoted")?.remove();
    post.querySelector(".post-acts")?.replaceChildren();
  }

  function tell() {
    const words = [
      count(fresh.post.size, text.textPost, text.textPosts),
      count(fresh.reply.size, text.textReply, text.textReplies),
      fresh.change.size ? text.textChange : "",
    ];
    const sentence = words.filter(Boolean).join(" · ");
    if (said.textContent !== sentence) said.textContent = sentence;
    show.hidden = !sentence;
  }

  function count(n, one, many) {
    return n ? (n === 1 ? one : many.replace("{n}", n)) : "";
  }

  // The page is asked for again, and the parts that hold no form take the place of the old ones.
  async function reveal() {
    show.disabled = true;
    try {
      const answer = await fetch(load.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const before = new Set([...document.querySelectorAll(".post[id]")].map((post) => post.id));
      for (const part of document.querySelectorAll("[data-live-part]")) {
        const now = page.querySelector(`[data-live-part="${part.dataset.livePart}"]`);
        if (now) part.replaceChildren(...now.childNodes);
      }
      const shown = [...document.querySelectorAll(".post[id]")].filter((post) => !before.has(post.id));
      shown.forEach(mark);
      const changed = document.getElementById(`p${[...fresh.change][0]}`);
      for (const news of Object.values(fresh)) news.clear();
      tell();
      const target = shown[0] ?? changed;
      if (target) {
        target.tabIndex = -1;
        target.focus();
      }
    } catch {
      location.assign(load.href);
    } finally {
      show.disabled = false;
    }
  }

  function mark(post) {
    const chip = document.createElement("span");
    chip.className = "chip is-new";
    chip.textContent = text.textNew;
    post.querySelector("h3")?.append(" ", chip);
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
}
