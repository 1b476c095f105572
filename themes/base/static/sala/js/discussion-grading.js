// Grading from the keyboard. A digit only works inside a criterion, so nothing else is disturbed.
const form = document.querySelector("[data-grading]");
if (form) {
  const criteria = [...form.querySelectorAll("fieldset")];
  form.addEventListener("keydown", (event) => {
    const criterion = event.target.closest("fieldset");
    if (!criterion || event.ctrlKey || event.altKey || event.metaKey) return;
    const level = [...criterion.querySelectorAll("input")].find((input) => input.value === event.key);
    if (!level) return;
    event.preventDefault();
    level.checked = true;
    const following = criteria[criteria.indexOf(criterion) + 1];
    const inputs = following ? [...following.querySelectorAll("input")] : [];
    const next = inputs.find((input) => input.checked) || inputs[0] || form.querySelector("textarea");
    next.focus();
  });
}
