// Parts of a photo are drawn with mouse, pen or finger; each is a row of four numbers that can be typed as well.
const easel = document.querySelector("#easel");
const form = document.querySelector("#veil");
const body = form.querySelector("tbody");
const sides = ["left", "top", "width", "height"];
const field = (row, side) => row.querySelector(`[name=${side}]`);
const empty = (row) => sides.every((side) => !field(row, side).value);

const show = () => {
  for (const one of easel.querySelectorAll("i")) one.remove();
  for (const row of body.rows) {
    const part = sides.map((side) => Number(field(row, side).value.replace(",", ".")));
    if (!(part[2] > 0 && part[3] > 0)) continue;
    const box = document.createElement("i");
    sides.forEach((side, at) => { box.style[side] = `${part[at]}%`; });
    easel.append(box);
  }
};

const fresh = () => {
  const found = [...body.rows].find(empty);
  if (found || body.rows.length >= Number(form.dataset.most)) return found;
  const row = body.rows[0].cloneNode(true);
  for (const side of sides) field(row, side).value = "";
  body.append(row);
  return row;
};

let start = null;
let row = null;
const at = (event) => {
  const frame = easel.getBoundingClientRect();
  const within = (value) => Math.min(100, Math.max(0, value));
  return [within((event.clientX - frame.left) / frame.width * 100), within((event.clientY - frame.top) / frame.height * 100)];
};
const draw = (event) => {
  const end = at(event);
  const [left, top] = [0, 1].map((axis) => Math.min(start[axis], end[axis]));
  const [width, height] = [0, 1].map((axis) => Math.abs(start[axis] - end[axis]));
  [left, top, width, height].forEach((value, side) => { field(row, sides[side]).value = (Math.floor(value * 10) / 10).toFixed(1); });
  show();
};

easel.classList.add("drawing");
easel.addEventListener("pointerdown", (event) => {
  row = fresh();
  if (!row || event.button) return;
  event.preventDefault();
  start = at(event);
  easel.setPointerCapture(event.pointerId);
});
easel.addEventListener("pointermove", (event) => { if (start) draw(event); });
const stop = (event) => {
  if (!start) return;
  draw(event);
  const small = sides.slice(2).some((side) => Number(field(row, side).value) < 0.5); // a tap is no part
  if (small) for (const side of sides) field(row, side).value = "";
  start = null;
  show();
};
easel.addEventListener("pointerup", stop);
easel.addEventListener("pointercancel", stop);
form.addEventListener("input", show);
show();
