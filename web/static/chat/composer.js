/** Where the person writes: a box that grows, Enter that sends, a draft that survives a reload. */

import { recall, remember } from "./memory.js";
import { byId } from "./page.js";
import { Photos } from "./photos.js";

export class Composer {
  #box = byId("text");
  #send = byId("send");

  /** `onSend({text?, photos?})` with at least one of the two. */
  constructor(onSend) {
    this.onSend = onSend;
    this.photos = new Photos(() => this.#changed());
    this.#box.value = recall("draft", "");
    this.#box.addEventListener("input", () => this.#changed());
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    // Tapping «send» must not take the focus from the box, or the phone's keyboard folds away and the page jumps.
    this.#send.addEventListener("pointerdown", (event) => event.preventDefault());
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#changed();
  }

  /** Put text back into an empty box. */
  restore(text) {
    if (!this.#box.value) this.#box.value = text;
    this.#changed();
  }

  #key(event) {
    // While an input method composes, Enter picks a candidate. Safari reports it after the fact, as key code 229.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.#box.value.trim();
    if (!text && !this.photos.count) {
      this.#box.focus();
      return;
    }
    const photos = this.photos.take();
    this.#box.value = "";
    this.#changed();
    this.onSend({ ...(text && { text }), ...(photos.length && { photos }) });
  }

  #changed() {
    remember("draft", this.#box.value);
    this.#send.classList.toggle("ready", Boolean(this.#box.value.trim()) || this.photos.count > 0);
    this.#box.style.height = "auto";
    this.#box.style.height = `${this.#box.scrollHeight + this.#box.offsetHeight - this.#box.clientHeight}px`;
  }
}
