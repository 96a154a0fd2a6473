// Ticking many contributions: how many are ticked, and the whole page at once.
// Without scripts the boxes and "answer all of these" do the same.

const boxes = () => [...document.querySelectorAll("[data-pick]")];
const said = document.querySelector("[data-picked]");
const whole = document.querySelector("[data-pick-page]");

function count() {
  if (!said) return;
  const ticked = boxes().filter((box) => box.checked).length;
  said.textContent = ticked ? said.dataset.one.replace("{n}", String(ticked)) : "";
}

if (whole) {
  whole.hidden = false;
  whole.addEventListener("click", () => {
    const all = boxes();
    const on = !all.every((box) => box.checked);
    for (const box of all) box.checked = on;
    count();
  });
}
document.addEventListener("change", (event) => event.target.matches("[data-pick]") && count());
count();
