// What is new in an open discussion: asked for with a cursor, said politely, shown when the reader wants
// it. Nothing moves by itself, no focus is taken, and what is being typed is never touched. Only what may
// not be read any more gives way at once.
import { count, keepAsking, renew } from "./asking.js";

const bar = document.querySelector("[data-live-url]");
if (bar) start(bar);

function start(bar) {
  const text = bar.dataset;
  const root = Number(text.liveRoot) || null;
  const said = bar.querySelector("[data-live-said]");
  const show = bar.querySelector("[data-live-show]");
  const load = bar.querySelector("[data-live-load]");
  const seen = new Set();
  const fresh = { post: new Set(), reply: new Set(), change: new Set() };

  show.addEventListener("click", reveal);
  keepAsking(bar, take, tell);

  function take(events) {
    let any = false;
    for (const { id, data } of events) {
      const mark = `${id} ${data.post}`;
      if (seen.has(mark) || (root && data.post !== root && data.root !== root)) continue;
      seen.add(mark);
      any = true;
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
    return any;
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

  async function reveal() {
    show.disabled = true;
    try {
      const before = new Set([...document.querySelectorAll(".post[id]")].map((post) => post.id));
      await renew(load.href);
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
}
