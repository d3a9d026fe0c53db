/** What has come and has not been looked at: a number in the title and on the icon, and the pill that leads there. */

import { byId, words } from "./page.js";
import { markRead } from "./server.js";

export class Unread {
  #count = 0;
  #shown = 0;
  #told = "";
  #title = document.title;
  #pill = byId("latest");
  #label = byId("latest-words");

  constructor(log) {
    this.log = log;
    this.#pill.addEventListener("click", () => {
      this.log.toEnd(true);
      byId("text").focus({ preventScroll: true });
    });
    // What was read as the answer to an own message is told once, on leaving, instead of after every message.
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#tell() : this.look()));
  }

  /** `count` more messages came that were not asked for. */
  more(count) {
    this.#count += count;
    this.look();
  }

  /** Is the newest on show? Then all is read. Called whenever scrolling, sizes or visibility change. */
  look() {
    if (this.#count && this.log.atEnd && !document.hidden) {
      this.#count = 0;
      this.#tell();
    }
    this.#pill.hidden = this.log.atEnd;
    if (this.#count !== this.#shown) this.#show();
  }

  #show() {
    this.#shown = this.#count;
    this.#pill.classList.toggle("news", this.#count > 0);
    this.#label.textContent = this.#count ? words("live.unread", { n: this.#count }) : this.#label.dataset.rest;
    document.title = this.#count ? `(${this.#count}) ${this.#title}` : this.#title;
    if (this.#count) navigator.setAppBadge?.(this.#count).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  }

  #tell() {
    const id = this.log.lastId;
    if (!id || id === this.#told || this.#count) return;
    this.#told = id;
    markRead(id).catch(() => { this.#told = ""; }); // the next look tells it again
  }
}
