// Opens the tab and the panels around the block that an address names after “:w:contentpath=”, and
// puts the cursor into it. The editor scrolls there by itself, but only within the open tab.

function named() {
  const at = location.hash.indexOf(":w:");
  const path = at < 0 ? null : new URLSearchParams(location.hash.slice(at + 3)).get("contentpath");
  if (!path) return null;
  const parts = path.split(".").map((part) => `[data-contentpath="${CSS.escape(part)}"]`);
  return document.querySelector(parts.join(" "));
}

function open(target) {
  for (let part = target; part; part = part.parentElement) {
    if (!part.hidden || !part.id) continue;
    document.querySelector(`[aria-controls="${CSS.escape(part.id)}"]`)?.click();
  }
}

function show() {
  const target = named();
  if (!target) return;
  open(target);
  setTimeout(() => {
    target.scrollIntoView({ block: "center" });
    target.querySelector("input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
  }, 200);
}

if (document.readyState === "complete") show();
else addEventListener("load", show);
