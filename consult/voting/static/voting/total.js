// What a ballot adds up to while it is filled in.  Without scripts the page says it when the ballot is read back.

const total = document.querySelector("[data-total]");

// Figures as any keyboard writes them, full-width ones too.
const figure = (text) => Number(text.normalize("NFKC").trim()) || 0;
const written = (number) => number.toLocaleString("en-US");

function used(part, form) {
  let sum = Number(part.dataset.other);
  if (part.dataset.part === "points") {
    for (const field of form.querySelectorAll("[data-points]")) sum += Math.max(0, figure(field.value));
    return sum;
  }
  for (const box of form.querySelectorAll("[data-cost]:checked")) {
    sum += part.dataset.part === "money" ? Number(box.dataset.cost) : 1;
  }
  return sum;
}

function say(form) {
  for (const part of total.querySelectorAll("[data-part]")) {
    const limit = Number(part.dataset.limit);
    const sum = used(part, form);
    const numbers = { used: sum, limit, left: limit - sum, over: sum - limit };
    const sentence = sum > limit ? part.dataset.over : part.dataset.fits;
    part.textContent = sentence.replace(/\{(\w+)\}/g, (_all, name) => written(numbers[name]));
    part.classList.toggle("over", sum > limit);
  }
}

if (total) {
  const form = document.getElementById(total.getAttribute("for"));
  total.hidden = false;
  say(form);
  form.addEventListener("input", () => say(form));
  // A page that comes back from the browser's memory has its ticks without any event.
  window.addEventListener("pageshow", () => say(form));
}
