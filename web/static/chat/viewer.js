/** Photos in full screen: swipe, arrow keys or buttons to turn, Escape or the cross to close. */

import { byId, element, words } from "./page.js";

const dialog = byId("viewer");
const reel = byId("reel");
const count = byId("viewer-count");
const back = byId("viewer-back");
const on = byId("viewer-on");

const current = () => Math.round(reel.scrollLeft / reel.clientWidth) || 0;

function turn(step) {
  reel.scrollTo({ left: (current() + step) * reel.clientWidth });
}

function told() {
  const last = reel.childElementCount - 1;
  count.textContent = last ? `${current() + 1} / ${last + 1}` : "";
  back.hidden = current() === 0;
  on.hidden = current() >= last;
}

/** Show `images` ({url, alt}) beginning with the one at `index`. */
export function view(images, index) {
  reel.replaceChildren(...images.map((image, at) => element(
    "figure", {}, element("img", { src: image.url, alt: image.alt || words("live.photo", { n: at + 1 }) }),
  )));
  dialog.showModal();
  reel.scrollTo({ left: index * reel.clientWidth, behavior: "instant" });
  reel.focus();
  told();
}

/** Make the viewer's buttons and keys work. */
export function setUpViewer() {
  reel.addEventListener("scroll", told, { passive: true });
  back.addEventListener("click", () => turn(-1));
  on.addEventListener("click", () => turn(1));
  byId("viewer-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => reel.replaceChildren());
  dialog.addEventListener("click", (event) => event.target.closest("img, button") || dialog.close());
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      turn(step);
    }
  });
}
