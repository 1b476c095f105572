// Suggestions while one types (a combobox with a list, ARIA 1.2). The form works without it.
let count = 0;

for (const input of document.querySelectorAll("input[data-suggest-url]")) {
  const id = `suggestions-${++count}`;
  const box = document.createElement("div");
  box.className = "suggest";
  input.before(box);
  const list = document.createElement("ul");
  Object.assign(list, { id, className: "suggestions", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  box.append(input, list, said);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", id);

  let timer, asked, at = -1;
  const options = () => [...list.children];

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (index) => {
    const all = options();
    if (!all.length) return;
    at = (index + all.length + 1) % (all.length + 1);
    all.forEach((option, n) => option.setAttribute("aria-selected", n === at));
    if (at < all.length) {
      input.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    } else {
      at = -1;
      input.removeAttribute("aria-activedescendant");
    }
  };

  const show = (found) => {
    list.replaceChildren(
      ...found.map((suggestion, n) => {
        const option = document.createElement("li");
        option.id = `${id}-${n}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.url = suggestion.url;
        const title = document.createElement("span");
        title.textContent = suggestion.title;
        title.lang = suggestion.language;
        option.append(title);
        if (suggestion.kind) {
          const kind = document.createElement("small");
          kind.textContent = suggestion.kind;
          option.append(kind);
        }
        return option;
      }),
    );
    at = -1;
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(Boolean(found.length)));
    said.textContent = (input.dataset.textCount ?? "{n}").replace("{n}", found.length);
  };

  const ask = async () => {
    asked?.abort();
    const typed = input.value.trim();
    if (!typed) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(`${input.dataset.suggestUrl}?q=${encodeURIComponent(typed)}`, {
        signal: asked.signal,
        headers: { Accept: "application/json" },
      });
      if (answer.ok) show((await answer.json()).suggestions);
    } catch {
      // no network, or asked again: what is typed can still be sent
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 180);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return;
      event.preventDefault();
      const last = options().length;
      choose(event.key === "ArrowDown" ? at + 1 : at < 0 ? last - 1 : at - 1);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      location.assign(options()[at].dataset.url);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
  input.addEventListener("blur", close);
}
