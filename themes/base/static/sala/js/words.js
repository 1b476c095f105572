// What the scripts say, in the reader's language. It is on its way while a page begins: whoever says
// something reads `words` at that moment, whoever must say something at once waits for `ready`.
export const words = {};
export const ready = fetch(document.body.dataset.wordsUrl)
  .then((answer) => (answer.ok ? answer.json() : {}))
  .then((found) => Object.assign(words, found))
  .catch(() => words);
