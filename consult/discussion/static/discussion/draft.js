// Keeps what is being typed: on the server while there is a connection, in the
// browser when there is none.  Without scripts the form itself keeps the words.

const PAUSE = 1500;

function watch(form) {
  const status = form.querySelector("[data-draft-status]");
  const version = form.elements.namedItem("draft_version");
  const text = form.elements.namedItem("text");
  const localKey = () => `draft:${form.dataset.draft}:${form.dataset.draftBox || boxOf(form)}`;
  let timer = null;
  let saving = Promise.resolve();

  const offline = localStorage.getItem(localKey());
  if (offline && !text.value) text.value = offline;

  async function save() {
    const body = new FormData(form);
    if (form.dataset.draftBox) body.set("box", form.dataset.draftBox);
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body,
        credentials: "same-origin",
        headers: { Accept: "application/json" },
      });
      const said = await answer.json();
      if (answer.ok) {
        version.value = said.version;
        localStorage.removeItem(localKey());
      } else {
        localStorage.setItem(localKey(), text.value);
      }
      status.textContent = said.message;
    } catch {
      localStorage.setItem(localKey(), text.value);
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => (saving = saving.then(save)), PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    localStorage.removeItem(localKey());
  });
}

function boxOf(form) {
  const kind = form.elements.namedItem("kind");
  const clause = form.elements.namedItem("clause");
  return clause && clause.value ? `${kind.value}-${clause.value}` : kind.value;
}

document.querySelectorAll("form[data-draft]").forEach(watch);
