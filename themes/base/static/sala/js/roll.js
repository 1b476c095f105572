// The roll call from the keyboard: one key for each person, by where the key is, so that it is the same
// on a Thai keyboard. The form works without this.
const form = document.querySelector("form[data-roll]");
const people = [...form.querySelectorAll("[data-person]")];
const first = (person) => person.querySelector("input[type=radio]:checked") || person.querySelector("input[type=radio]");

const go = (person) => {
  if (!person) return form.querySelector("#reason, button[value=save]").focus();
  const radio = first(person);
  radio.focus();
  person.scrollIntoView({ block: "nearest" });
};

form.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const person = event.target.closest("[data-person]");
  if (!person) return;
  const at = people.indexOf(person);
  const late = person.querySelector("input[name^=late-]");
  if (event.target === late) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    go(people[at + 1]);
    return;
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    go(people[at + (event.key === "ArrowDown" ? 1 : -1)] || person);
    return;
  }
  const key = event.code.startsWith("Key") ? event.code.slice(3) : event.key.toUpperCase();
  const radio = person.querySelector(`input[data-key="${CSS.escape(key)}"]`);
  if (!radio) return;
  event.preventDefault();
  radio.checked = true;
  if (radio.value === "late") late.focus();
  else {
    late.value = "";
    go(people[at + 1]);
  }
});

// Minutes say that somebody is late.
form.addEventListener("input", (event) => {
  if (!event.target.name?.startsWith("late-") || !event.target.value) return;
  event.target.closest("[data-person]").querySelector("input[data-key=L]").checked = true;
});
