// Keeps what is being typed: on the server a moment after the last key, on this device until the
// server has it. The sentences come from the page, so they are in the reader's language.
const WAIT = 1500;
const LONGEST_PAUSE = 60000;

for (const form of document.querySelectorAll("form[data-autosave-url]")) {
  const url = form.dataset.autosaveUrl;
  const status = form.querySelector("[data-autosave-status]");
  const name = form.querySelector("[name=draft_form]")?.value ?? "form";
  const extra = form.querySelector("[name=prompt]")?.value ?? "";
  const key = `sala-draft:${location.pathname}:${name}:${extra}`;
  const { textSaving, textSaved, textUnsaved, textEnded } = document.body.dataset;
  const say = (text) => status && text && status.textContent !== text && (status.textContent = text);
  const ignored = new Set(["csrfmiddlewaretoken", "action", "draft_form", "key"]);
  const typed = () => [...new FormData(form)].filter(([field, value]) => !ignored.has(field) && typeof value === "string");

  let timer;
  let pause = 5000;
  let dirty = false;
  let sent = "";
  let submitted = false;

  const store = (text) => {
    try {
      if (text) localStorage.setItem(key, text);
      else localStorage.removeItem(key);
    } catch {
      // private windows may refuse storage
    }
  };

  const save = async () => {
    clearTimeout(timer);
    if (submitted) return; // a draft of what was just sent would look like something unsent
    const text = JSON.stringify(typed());
    if (text === sent) return;
    say(textSaving);
    try {
      const response = await fetch(url, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
      });
      const answer = await response.json().catch(() => ({}));
      if (!response.ok) {
        if (answer.error) say(answer.error);
        else if (response.status === 403) say(textEnded);
        if (response.status < 500) return; // trying again would not help; the device keeps the text
        throw new Error(response.status);
      }
      sent = text;
      pause = 5000;
      dirty = text !== JSON.stringify(typed());
      if (!dirty) store("");
      say((textSaved ?? "").replace("{time}", answer.saved_at ?? ""));
    } catch {
      say(textUnsaved);
      timer = setTimeout(save, pause);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  };

  // What the server has not got comes back, into fields that are still empty.
  try {
    const values = JSON.parse(localStorage.getItem(key) ?? "[]");
    for (const [field, value] of values) {
      const target = form.elements[field];
      if (target?.tagName === "TEXTAREA" && !target.value && value) {
        target.value = value;
        target.dispatchEvent(new Event("input", { bubbles: true }));
        dirty = true;
      }
    }
    if (dirty) timer = setTimeout(save, WAIT);
  } catch {
    store("");
  }

  const changed = () => {
    dirty = true;
    store(JSON.stringify(typed()));
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  };
  sent = dirty ? "" : JSON.stringify(typed());
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    submitted = true;
    try {
      sessionStorage.setItem("sala-submitted", key);
    } catch {
      // the copy on this device then stays until it is saved
    }
  });
  addEventListener("online", () => dirty && save());
  document.addEventListener("visibilitychange", () => document.hidden && dirty && save());
}
