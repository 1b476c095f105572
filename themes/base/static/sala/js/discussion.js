// Beginnings of replies: with JavaScript, pressing one puts it into the text field.
for (const list of document.querySelectorAll("[data-frames-for]")) {
  const field = document.getElementById(list.dataset.framesFor);
  if (!field) continue;
  for (const item of list.querySelectorAll("[data-frame]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = item.dataset.frame;
    button.addEventListener("click", () => {
      const before = field.value && !field.value.endsWith("\n") ? "\n" : "";
      field.setRangeText(before + item.dataset.frame, field.value.length, field.value.length, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
    item.replaceChildren(button);
  }
}
