// What is typed into a form with data-keep survives until the form was sent well: a session that ended, a crash, a
// closed tab. It stays in this tab's storage and never leaves the browser. Passwords and files are not kept.

const key = (form) => `draft:${location.pathname}:${form.dataset.keep}`;
const kept = "textarea, input:not([type=hidden], [type=password], [type=file]), select";

function read(form) {
  const values = {};
  for (const field of form.querySelectorAll(kept)) {
    if (!field.name) continue;
    const ticked = field.type === "checkbox" || field.type === "radio";
    if (ticked ? field.checked !== field.defaultChecked : changed(field)) {
      (values[field.name] ??= []).push([field.value, ticked ? field.checked : null]);
    }
  }
  return values;
}

function changed(field) {
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  return !(field.selectedOptions[0]?.defaultSelected ?? true) && field.selectedIndex > 0;
}

function fill(form, values) {
  let filled = false;
  for (const field of form.querySelectorAll(kept)) {
    for (const [value, ticked] of values[field.name] ?? []) {
      if (ticked === null) {
        if (field.value !== value && !changed(field)) { field.value = value; filled = true; }
      } else if (field.value === value && field.checked !== ticked) { field.checked = ticked; filled = true; }
    }
  }
  if (filled) form.closest("details")?.setAttribute("open", "");
  return filled;
}

// Forms that were sent well are named by the page that comes then: in data-sent, or in its address behind #sent=.
function forget() {
  const named = /^#sent=([\w-]+)$/.exec(location.hash)?.[1];
  if (named) history.replaceState(history.state, "", location.pathname + location.search);
  const path = location.pathname;
  for (const name of [named, document.body.dataset.sent]) {
    const done = `draft:${path}:${name}`; // and of several forms for one deed (name-…) all
    for (const one of Object.keys(sessionStorage)) if (name && (one === done || one.startsWith(`${done}-`))) sessionStorage.removeItem(one);
  }
}

// Puts back what was typed and not sent; whether there was any.
export function keepDrafts(root) {
  forget();
  let filled = false;
  for (const form of root.querySelectorAll("form[data-keep]")) {
    const draft = sessionStorage.getItem(key(form));
    if (draft && fill(form, JSON.parse(draft))) filled = true;
    form.addEventListener("input", () => sessionStorage.setItem(key(form), JSON.stringify(read(form))));
  }
  return filled;
}
