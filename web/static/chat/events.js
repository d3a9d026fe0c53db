/** What the server pushes, over one lasting connection that mends itself: notices, and what is said in other windows. */

import { own } from "./letters.js";
import { config } from "./page.js";

const longest = 60; // seconds between attempts, at most

export class Events {
  #source = null;
  #wait = 1;
  #timer;

  /** `onMessage(message)` for every notice; `onTurn(message)` for either side of another window; `onOpen()` when connected, also again; `onDown()` when the line broke. */
  constructor({ onMessage, onTurn, onOpen, onDown }) {
    this.on = { onMessage, onTurn, onOpen, onDown };
    // A page put aside keeps no connection, so that it can be brought back at once, and then connects again.
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => event.persisted && this.open());
    addEventListener("online", () => this.open());
    addEventListener("offline", () => this.on.onDown());
  }

  open() {
    this.close();
    const source = new EventSource(`${config.events}?own=${own}`);
    this.#source = source;
    source.addEventListener("open", () => {
      this.#wait = 1;
      this.on.onOpen();
    });
    source.addEventListener("message", (event) => this.on.onMessage(JSON.parse(event.data)));
    source.addEventListener("turn", (event) => this.on.onTurn(JSON.parse(event.data)));
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
