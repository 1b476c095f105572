// The progress matrix from the keyboard: one stop for Tab, arrow keys from cell to cell. Without this
// every cell is a link of its own.
const table = document.querySelector("table[data-matrix]");
const rows = [...table.querySelectorAll("tr")].map((row) => [...row.querySelectorAll("a")]).filter((row) => row.length);
const all = rows.flat();
const stop = (link) => {
  for (const other of all) other.tabIndex = -1;
  link.tabIndex = 0;
};
if (all.length) stop((rows[1] || rows[0])[0]);

const place = (link) => {
  const cell = link.closest("th, td");
  const row = rows.findIndex((links) => links.includes(link));
  return [row, cell.cellIndex];
};

table.addEventListener("focusin", (event) => {
  const link = event.target.closest("a");
  if (link) stop(link);
});

table.addEventListener("keydown", (event) => {
  const link = event.target.closest("a");
  if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
  const [row, column] = place(link);
  const at = rows[row].indexOf(link);
  const near = (links) => links && links.find((one) => one.closest("th, td").cellIndex >= column);
  const to = {
    ArrowRight: () => rows[row][at + 1],
    ArrowLeft: () => rows[row][at - 1],
    ArrowDown: () => near(rows[row + 1]),
    ArrowUp: () => near(rows[row - 1]),
    Home: () => rows[row][0],
    End: () => rows[row].at(-1),
  }[event.key];
  const target = to?.();
  if (!to) return;
  event.preventDefault();
  target?.focus();
});
