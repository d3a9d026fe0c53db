// A report's forms: phrases put into the words, a look at what the resident would read, one form open at a time.

// What somebody chose while this script was still on its way counts as well; what the page came with does not, since its
// words may have been deleted on purpose.
function chosen(what, take) {
  for (const chooser of document.querySelectorAll(what)) {
    chooser.addEventListener("change", () => take(chooser));
    if (!chooser.selectedOptions[0].defaultSelected) take(chooser);
  }
}

function write(chooser, words) {
  const note = chooser.form.elements.note;
  note.value = words;
  note.dispatchEvent(new Event("input", { bubbles: true }));
}

chosen("[data-phrases]", (chooser) => {
  if (!chooser.value) return;
  const note = chooser.form.elements.note;
  write(chooser, note.value.trim() ? `${note.value.trim()}\n${chooser.value}` : chooser.value);
  chooser.value = "";
  note.focus();
});

// A ground brings its words; another one replaces them, unless somebody has changed them.
const brought = new Map();
chosen("[data-grounds]", (chooser) => {
  const before = brought.get(chooser) ?? "";
  const said = chooser.selectedOptions[0].dataset.words ?? "";
  if (chooser.form.elements.note.value.trim() !== before.trim() || said === before) return;
  write(chooser, said);
  brought.set(chooser, said);
});

for (const button of document.querySelectorAll("[data-rehearse]")) {
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const form = button.form;
    const asked = new FormData(form, button);
    asked.delete("photo"); // nothing is sent that need not be
    const answer = await fetch(form.action, { method: "POST", body: asked, headers: { "HX-Request": "true" } });
    const told = form.querySelector("[data-told]");
    if (answer.status === 401) document.body.dispatchEvent(new CustomEvent("htmx:responseError", { detail: { xhr: answer } }));
    else told.innerHTML = await answer.text(); // our own page, escaped there
  });
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) setTimeout(() => { button.disabled = true; });
  });
}
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[data-keep] button")) button.disabled = false;
});
