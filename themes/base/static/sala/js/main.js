// Loads what a page needs, and only that. Every page works without it.
const need = (selector, file) => {
  if (document.querySelector(selector)) import(file).catch(() => {});
};

// What was sent needs no copy on this device any more, once the answer is not an error.
try {
  const key = sessionStorage.getItem("sala-submitted");
  if (key && !document.querySelector(".oops, .error-summary")) {
    localStorage.removeItem(key);
    sessionStorage.removeItem("sala-submitted");
  }
} catch {
  // private windows may refuse storage
}

need("textarea[data-min-chars]", "./counter.js");
need("form[data-autosave-url]", "./autosave.js");
need("body[data-ping-url]", "./ping.js");
try {
  if (localStorage.getItem("sala-outbox")) import("./outbox.js").catch(() => {});
} catch {
  // private windows may refuse storage
}
try {
  // The page after what waited was sent: its own message went to the script that sent it.
  if (sessionStorage.getItem("sala-sent")) {
    sessionStorage.removeItem("sala-sent");
    import("./outbox.js").then(({ tellSent }) => tellSent()).catch(() => {});
  }
} catch {
  // private windows may refuse storage
}
need("input[type=file][data-shrink]", "./shrink.js");
need("form[data-prefs]", "./prefs.js");
need("input[data-suggest-url]", "./suggest.js");
need("form[method=post]", "./guard.js");
need("table[data-matrix]", "./matrix.js");
need("form[data-roll]", "./roll.js");

// After a refusal the summary is the first thing to hear.
document.getElementById("error-summary")?.focus();

// One menu at a time; Escape and a press elsewhere close it.
const menus = [...document.querySelectorAll("details.menu")];
const close = (except) => menus.forEach((menu) => menu !== except && (menu.open = false));
menus.forEach((menu) =>
  menu.addEventListener("toggle", () => {
    if (!menu.open) return;
    close(menu);
    menu.querySelector("input[type=search]")?.focus(); // opened to type into
  }),
);
addEventListener("click", (event) => event.target.closest("details.menu") || close());
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = menus.find((menu) => menu.open);
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

// Parts that somebody closed stay closed on this device.
for (const part of document.querySelectorAll("details[data-remember]")) {
  const key = `sala-${part.dataset.remember}`;
  try {
    if (localStorage.getItem(key) === "closed") part.open = false;
    part.addEventListener("toggle", () => localStorage.setItem(key, part.open ? "open" : "closed"));
  } catch {
    // private windows may refuse storage
  }
}
