// Brings the meter up to date while an author types. The server counts; nothing is saved by it.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  const QUIET = 600; // milliseconds without a change before the form is sent

  const panel = document.querySelector("[data-meter]");
  const form = panel?.closest("form");
  if (!panel || !form) return;

  const said = panel.querySelector("[data-meter-said]");
  const error = panel.querySelector("[data-meter-error]");
  let timer = 0;
  let asking = null;
  let last = address() + written();

  // Saving a new page for the first time gives the form the address of that page.
  function address() {
    const saved = /\/pages\/(\d+)\/edit\//.exec(form.getAttribute("action") || "");
    return saved ? panel.dataset.editUrl.replace("/0/", `/${saved[1]}/`) : panel.dataset.url;
  }

  function written() {
    const data = new FormData(form);
    for (const name of [...data.keys()]) {
      if (name.startsWith("comments-") || name === "next" || name.includes("_revision_")) {
        data.delete(name);
      }
    }
    for (const [name, value] of [...data.entries()]) {
      if (typeof value !== "string") data.delete(name);
    }
    return new URLSearchParams(data).toString();
  }

  function changed() {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, QUIET);
  }

  async function ask() {
    const body = written();
    if (address() + body === last) return;
    last = address() + body;
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    panel.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(address(), {
        method: "POST",
        body,
        credentials: "same-origin",
        signal: mine.signal,
        headers: {
          "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
          "X-CSRFToken": form.elements.csrfmiddlewaretoken?.value || "",
          "X-Requested-With": "XMLHttpRequest",
        },
      });
      const html = response.ok && !response.redirected ? await response.text() : "";
      if (asking !== mine) return; // a later change has been sent since
      const answer = parsed(html);
      if (answer) show(answer);
      else fail(response.status === 403 || response.redirected);
    } catch (problem) {
      if (problem.name !== "AbortError" && asking === mine) fail(false);
    } finally {
      if (asking === mine) panel.removeAttribute("aria-busy");
    }
  }

  function parsed(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    return page.querySelector("[data-meter-answer]");
  }

  function show(answer) {
    const focused = document.activeElement;
    const inside = focused?.id && focused.closest("[data-meter-part]") ? focused.id : "";
    for (const part of answer.querySelectorAll("[data-meter-part]")) {
      const place = form.querySelector(`[data-meter-part="${part.dataset.meterPart}"]`);
      if (place) place.innerHTML = part.innerHTML;
    }
    if (inside) document.getElementById(inside)?.focus({ preventScroll: true });
    error.hidden = true;
    panel.classList.remove("sala-meter--stale");
    if (said.textContent !== answer.dataset.said) said.textContent = answer.dataset.said;
  }

  function fail(refused) {
    const text = refused ? panel.dataset.refused : panel.dataset.failed;
    last = ""; // the next change tries again, even back to what was there
    error.textContent = text;
    error.hidden = false;
    said.textContent = text;
    panel.classList.add("sala-meter--stale");
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // Blocks that were added, moved or taken away change no field that somebody typed into.
  form.addEventListener("w-unsaved:add", changed);
  form.addEventListener("w-autosave:success", changed);
});
