// A second press within five seconds sends nothing: slow lines make people press again.
const sent = new WeakMap();
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[data-prefs]")) return;
  if (Date.now() - (sent.get(form) ?? 0) < 5000) {
    event.preventDefault();
    return;
  }
  sent.set(form, Date.now());
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-disabled", "true");
  setTimeout(() => button.removeAttribute("aria-disabled"), 5000);
});
addEventListener("pageshow", () => document.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled")));

// Enter in a field that has a button of its own beside it presses that one, not the form's first.
addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches?.("form[method=post] .cluster > input")) return;
  const own = event.target.parentElement.querySelector(":scope > button[type=submit]");
  if (!own) return;
  event.preventDefault();
  event.target.form.requestSubmit(own);
});
