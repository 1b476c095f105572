import { ready, words } from "./words.js";

// Counts what the server counts: letters, vowels, tone marks and digits; no quoted lines, links or
// tags; no more than one of a character that is held down. So the rule is never a surprise.
export const substance = (text) =>
  [
    ...text
      .normalize("NFC")
      .replace(/<[^>]*>/g, " ")
      .replace(/(https?:\/\/|www\.)\S+/gi, " ")
      .split("\n")
      .filter((line) => !line.trimStart().startsWith(">"))
      .join("\n")
      .replace(/[^\p{L}\p{M}\p{N}]/gu, "")
      .replace(/(.)\1{2,}/gsu, "$1"),
  ].length;

for (const field of document.querySelectorAll("textarea[data-min-chars]")) {
  const place = document.getElementById(field.dataset.counter);
  const least = Number(field.dataset.minChars);
  if (!place || !least) continue;
  // The server's sentence, with its two numbers, is the pattern: so it is in the reader's language.
  const pattern = place.textContent;
  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.setAttribute("aria-live", "polite");
  place.after(said);
  let met = null;
  const show = () => {
    const count = substance(field.value);
    let turn = 0;
    const rest = count >= least ? " ✓" : ` · ${(words.remaining ?? "{n}").replace("{n}", least - count)}`;
    place.textContent = pattern.replace(/\d[\d,.]*/g, () => (turn++ ? least : count)) + rest;
    place.classList.toggle("is-done", count >= least);
    if (met !== null && met !== count >= least) said.textContent = place.textContent;
    met = count >= least;
  };
  let timer;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 120);
  });
  ready.then(show);
}
