// A report's forms: phrases put into the words, a look at what the resident would read, one form open at a time.
for (const chooser of document.querySelectorAll("[data-phrases]")) {
  chooser.addEventListener("change", () => {
    const words = chooser.form.elements.note;
    if (chooser.value) words.value = words.value.trim() ? `${words.value.trim()}\n${chooser.value}` : chooser.value;
    chooser.value = "";
    words.dispatchEvent(new Event("input", { bubbles: true }));
    words.focus();
  });
}

// A ground brings its words; another one replaces them, unless somebody has changed them.
for (const chooser of document.querySelectorAll("[data-grounds]")) {
  let brought = "";
  chooser.addEventListener("change", () => {
    const words = chooser.form.elements.note;
    const said = chooser.selectedOptions[0].dataset.words ?? "";
    if (words.value.trim() === brought.trim() && said !== brought) {
      words.value = said;
      brought = said;
      words.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
}

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
