// The queue by keyboard: j and k walk, Enter opens, x selects, / searches.
const rows = () => [...document.querySelectorAll("[data-row]")];
let at = null; // the number of the report one stands on, so that it is found again after the list was drawn anew

function stand(row) {
  for (const other of rows()) other.classList.toggle("at", other === row);
  if (!row) return;
  at = row.querySelector("a").getAttribute("href");
  row.querySelector("a").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function walk(step) {
  const all = rows();
  const here = all.findIndex((row) => row.querySelector("a").getAttribute("href") === at);
  stand(all[Math.max(0, Math.min(all.length - 1, here < 0 ? 0 : here + step))]);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "x") document.querySelector("[data-row].at input[type=checkbox]")?.click();
  else if (event.key === "/") document.getElementById("q")?.focus();
  else return;
  event.preventDefault();
});

document.body.addEventListener("htmx:afterSwap", () => {
  const row = rows().find((one) => one.querySelector("a").getAttribute("href") === at);
  if (!row) return;
  row.classList.add("at");
  if (document.activeElement === document.body) row.querySelector("a").focus({ preventScroll: true });
});
