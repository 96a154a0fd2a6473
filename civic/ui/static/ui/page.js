// Comforts of every page.  Nothing here is needed: without it every page still works.

const speech = window.speechSynthesis;

// A form that came back with faults: the summary takes the focus, so it is read first.
function showFaults(root) {
  const summary = root.querySelector("[data-errors]");
  if (summary) {
    summary.focus();
    document.title = `${summary.querySelector("h2").textContent} · ${document.title}`;
  }
}

// Counting characters while they are typed.  The limit is not enforced here: cutting off
// somebody's words while they paste would lose them; the server says what is too long.
function count(note) {
  const area = document.getElementById(note.dataset.count);
  if (!area) return;
  area.removeAttribute("maxlength");
  const left = Number(note.dataset.limit) - Array.from(area.value).length;
  const words = left < 0 ? note.dataset.over : note.dataset.left;
  note.textContent = words.replace("{n}", String(Math.abs(left)));
  note.classList.toggle("over", left < 0);
}

// Reading aloud, where the device can.
function readAloud(button) {
  if (speech.speaking) {
    speech.cancel();
    return;
  }
  const sources = Array.from(document.querySelectorAll(button.dataset.read));
  if (!sources.length) return;
  const text = sources.map((source) => {
    const copy = source.cloneNode(true);
    copy.querySelectorAll("form, nav, .vh, .helpbox, [data-read], script").forEach((part) => part.remove());
    return copy.textContent.replace(/\s+/g, " ");
  });
  const words = new SpeechSynthesisUtterance(text.join(" "));
  words.lang = sources[0].closest("[lang]").lang === "en" ? "en" : "zh-CN";
  words.rate = 0.9;
  words.onend = () => button.removeAttribute("aria-pressed");
  button.setAttribute("aria-pressed", "true");
  speech.speak(words);
}

function prepare(root) {
  root.querySelectorAll("[data-count]").forEach(count);
  if (speech) root.querySelectorAll("[data-read]").forEach((button) => (button.hidden = false));
  root.querySelectorAll("[data-print]").forEach((button) => (button.hidden = false));
}

document.addEventListener("input", (event) => {
  const note = event.target.id && document.querySelector(`[data-count="${CSS.escape(event.target.id)}"]`);
  if (note) count(note);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-read], [data-print]");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  else readAloud(button);
});
document.addEventListener("htmx:afterSettle", (event) => {
  prepare(event.target);
  showFaults(event.target);
});
// A button that was refused (too often, no longer possible): the answer's own sentence, beside the button.
document.addEventListener("htmx:responseError", (event) => {
  const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const sentence = answer.querySelector(".lead");
  if (!sentence) return;
  const note = document.createElement("p");
  note.className = "note";
  note.setAttribute("role", "alert");
  note.textContent = sentence.textContent;
  const form = event.detail.elt;
  if (form.nextElementSibling && form.nextElementSibling.matches(".note[role=alert]")) form.nextElementSibling.remove();
  form.after(note);
});
window.addEventListener("pagehide", () => speech && speech.cancel());

prepare(document);
showFaults(document);
