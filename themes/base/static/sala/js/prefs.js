// Text size and colours at once, without a new page. Without this file the form posts and returns.
const root = document.documentElement;
for (const form of document.querySelectorAll("form[data-prefs]")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.name) return;
    event.preventDefault();
    const data = new FormData(form);
    data.set(button.name, button.value);
    fetch(form.action, { method: "POST", body: data, redirect: "manual" }).catch(() => form.submit());
    root.dataset[button.name] = button.value;
    for (const other of [...form.elements].filter((control) => control.name === button.name)) {
      other.setAttribute("aria-pressed", String(other.value === button.value));
    }
  });
}
