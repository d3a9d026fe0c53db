// Choosing many reports: a box for the whole page, and how many are chosen.
document.addEventListener("change", (event) => {
  const form = event.target.closest("#bulk");
  if (!form) return;
  const boxes = [...form.querySelectorAll("[name=report]")];
  if (event.target.matches("[data-all]")) for (const box of boxes) box.checked = event.target.checked;
  form.querySelector(".bulk data").textContent = boxes.filter((box) => box.checked).length;
});
