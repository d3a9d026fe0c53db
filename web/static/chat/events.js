/** Notices pushed by the server, over one lasting connection that mends itself. */

import { config } from "./page.js";

const longest = 60; // seconds between attempts, at most

export class Events {
  #source = null;
  #wait = 1;
  #timer;

  /** `onMessage(message)` for every notice; `onOpen()` when connected, also again; `onDown()` when the line broke. */
  constructor({ onMessage, onOpen, onDown }) {
    this.on = { onMessage, onOpen, onDown };
    // A page put aside keeps no connection, so that it can be brought back at once, and then connects again.
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => event.persisted && this.open());
    addEventListener("online", () => this.open());
    addEventListener("offline", () => this.on.onDown());
  }

  open() {
    this.close();
    const source = new EventSource(config.events);
    this.#source = source;
    source.addEventListener("open", () => {
      this.#wait = 1;
      this.on.onOpen();
    });
    source.addEventListener("message", (event) => this.on.onMessage(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      this.on.onDown();
      // After a network failure the browser tries again by itself; after an HTTP error it gives up, so we do.
      if (source.readyState === EventSource.CLOSED && this.#source === source) this.#later();
    });
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #later() {
    // Many browsers lose a restarting server at once; they must not all come back at once.
    const spread = this.#wait * (0.5 + Math.random());
    this.#timer = setTimeout(() => this.open(), spread * 1000);
    this.#wait = Math.min(this.#wait * 2, longest);
  }
}
