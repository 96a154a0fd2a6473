// Ticking many contributions: how many are ticked, the whole page at once; and
// words and ticks that outlive looking at another clause or a closed window.
// Without scripts the boxes and "answer all of these" do the same.

const form = document.querySelector("#answer");
const said = document.querySelector("[data-picked]");
const whole = document.querySelector("[data-pick-page]");
const boxes = () => [...document.querySelectorAll("[data-pick]")];

function count() {
  const ticked = boxes().filter((box) => box.checked).length;
  said.textContent = ticked ? said.dataset.one.replace("{n}", String(ticked)) : "";
}

// Kept in this window only: a shared computer shows nobody else's draft.
const key = () => `answer:${form.action}:${form.elements.version.value}`;
const typed = () => [...form.querySelectorAll("textarea, select, input[type=radio]")];

function keep() {
  const words = {};
  for (const field of typed()) {
    if (field.type !== "radio" || field.checked) words[field.name] = field.value;
  }
  const ticks = boxes().filter((box) => box.checked).map((box) => box.value);
  sessionStorage.setItem(key(), JSON.stringify({ words, ticks }));
}

function bringBack() {
  const kept = JSON.parse(sessionStorage.getItem(key()) || "null");
  // What came back with a fault is newer than what was kept.
  if (!kept || form.querySelector("[data-errors]")) return;
  for (const field of typed()) {
    if (!(field.name in kept.words)) continue;
    if (field.type === "radio") field.checked = field.value === kept.words[field.name];
    else field.value = kept.words[field.name];
  }
  const here = new Set(boxes().map((box) => box.value));
  for (const box of boxes()) box.checked = kept.ticks.includes(box.value);
  // Ticked on another page of the list: still part of the answer.
  for (const value of kept.ticks.filter((tick) => !here.has(tick))) {
    const other = document.createElement("input");
    Object.assign(other, { type: "checkbox", name: "c", value, checked: true, hidden: true });
    other.dataset.pick = "";
    form.append(other);
  }
}

if (form) {
  bringBack();
  count();
  document.addEventListener("input", keep);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick]")) count();
    keep();
  });
  form.addEventListener("submit", () => sessionStorage.removeItem(key()));
}
if (whole) {
  whole.hidden = false;
  whole.addEventListener("click", () => {
    const shown = boxes().filter((box) => !box.hidden);
    const on = !shown.every((box) => box.checked);
    for (const box of shown) box.checked = on;
    count();
    keep();
  });
}
