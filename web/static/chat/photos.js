/** Photos chosen and not yet sent: a strip of previews above the text box. They are sent as they are, never resized. */

import { byId, element, icon, notice, words } from "./page.js";

const most = 9;

export class Photos {
  #chosen = [];
  #strip = byId("strip");

  /** `onChange()` whenever a photo comes or goes. */
  constructor(onChange) {
    this.onChange = onChange;
    for (const [button, field] of [["camera-button", "camera"], ["album-button", "album"]]) {
      const input = byId(field);
      byId(button).addEventListener("click", () => input.click());
      input.addEventListener("change", () => {
        this.add(input.files);
        input.value = ""; // so that the same photo can be chosen again
      });
    }
    const page = document.documentElement;
    page.addEventListener("dragover", (event) => event.preventDefault());
    page.addEventListener("drop", (event) => {
      event.preventDefault();
      this.add(event.dataTransfer.files);
    });
    byId("text").addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) {
        event.preventDefault();
        this.add(event.clipboardData.files);
      }
    });
  }

  get count() {
    return this.#chosen.length;
  }

  add(files) {
    const given = [...files];
    const photos = given.filter((file) => file.type.startsWith("image/") || /\.hei[cf]$/i.test(file.name));
    if (photos.length < given.length) notice(words("live.not_photo"));
    if (this.count + photos.length > most) notice(words("live.photos_limit", { n: most }));
    for (const photo of photos.slice(0, most - this.count)) {
      this.#chosen.push(photo);
      this.#strip.append(this.#preview(photo));
    }
    this.#changed();
  }

  /** Hand the photos over and empty the strip. */
  take() {
    const taken = this.#chosen;
    this.#chosen = [];
    this.#strip.replaceChildren();
    this.#changed();
    return taken;
  }

  #preview(photo) {
    const url = URL.createObjectURL(photo);
    const picture = element("img", { src: url, alt: photo.name });
    picture.addEventListener("load", () => URL.revokeObjectURL(url));
    // Few browsers can show HEIC; the name says enough, and the server can read it.
    picture.addEventListener("error", () => picture.replaceWith(element("span", { class: "name" }, photo.name)));
    const remove = element("button", { type: "button", class: "round remove" }, icon("close"));
    const item = element("li", {}, picture, remove);
    remove.addEventListener("click", () => {
      const index = this.#chosen.indexOf(photo);
      this.#chosen.splice(index, 1);
      item.remove();
      this.#changed();
      const next = this.#strip.querySelectorAll(".remove")[Math.min(index, this.count - 1)];
      (next ?? byId("text")).focus();
    });
    return item;
  }

  #changed() {
    this.#strip.hidden = this.count === 0;
    this.#strip.querySelectorAll(".remove").forEach((button, index) => {
      button.setAttribute("aria-label", words("live.photo_remove", { n: index + 1 }));
    });
    this.onChange();
  }
}
