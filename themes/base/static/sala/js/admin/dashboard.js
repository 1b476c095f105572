// Dragging rows of the outline. The buttons beside each row do the same without this.
const table = document.querySelector("table[data-order]");

if (table) {
  const status = document.querySelector("[data-order-status]");
  let dragged = null;

  const clear = () => {
    for (const row of table.querySelectorAll(".is-over, .is-under"))
      row.classList.remove("is-over", "is-under");
  };

  // The lower half of the last row of a group means behind it; everywhere else a row goes before.
  const below = (event, row) => {
    if (!("last" in row.dataset)) return false;
    const box = row.getBoundingClientRect();
    return event.clientY > box.top + box.height / 2;
  };

  const send = async (target, where) => {
    const body = new FormData();
    body.set("page", dragged.dataset.page);
    body.set("where", where);
    body.set("target", target.dataset.page);
    body.set("csrfmiddlewaretoken", table.querySelector("[name=csrfmiddlewaretoken]").value);
    let answer;
    try {
      answer = await fetch(table.dataset.order, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
      });
    } catch {
      status.textContent = table.dataset.offline;
      return;
    }
    const said = await answer.json().catch(() => ({ message: table.dataset.offline }));
    status.textContent = said.message;
    if (answer.ok) {
      window.location.hash = `p${body.get("page")}`;
      window.location.reload();
    }
  };

  table.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("tr[data-page]");
    event.dataTransfer.effectAllowed = "move";
  });
  table.addEventListener("dragover", (event) => {
    const row = event.target.closest("tr[data-page]");
    if (!dragged || !row || row === dragged) return;
    event.preventDefault();
    clear();
    row.classList.add(below(event, row) ? "is-under" : "is-over");
  });
  table.addEventListener("drop", (event) => {
    const row = event.target.closest("tr[data-page]");
    if (!dragged || !row || row === dragged) return;
    event.preventDefault();
    const into = "section" in row.dataset && !("section" in dragged.dataset);
    if (below(event, row)) send(row, "after");
    else send(row, into ? "into" : "before");
  });
  table.addEventListener("dragend", () => {
    dragged = null;
    clear();
  });
}
