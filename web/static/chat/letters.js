/**
 * What the person has written and the server has not yet answered.
 *
 * Letters leave one after another, in order. Each keeps its id through every attempt, and the server answers the same
 * id with the same answer, so trying again can never do a thing twice. Letters without photos also survive a reload.
 *
 * A letter: {id, at, text?, choice?, label?, place?, photos?, quiet?, state, progress?, reason?, again?}
 * state: "waiting" → "sending" → gone; or "failed" (attempts used up, may be retried) or "refused" (the server said no).
 */

import { recall, remember } from "./memory.js";
import { post, Refusal } from "./server.js";

const pauses = [1, 2, 4, 8, 15, 30]; // seconds between attempts; about a minute in all
const patience = 120; // the longest Retry-After, in seconds, that is waited out without asking the person

/** How the ids of this window's letters begin: by it the server knows what need not be shown here again. */
export const own = uuid().slice(0, 9);

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Plain http (a test in the office network) has no randomUUID, but has random numbers.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Letters {
  #line = [];
  #busy = false;
  #wake = () => {};

  /** `onChange(letter)` whenever its state or progress changes; `onAnswer(letter, answer)` once it has been answered. */
  constructor({ onChange, onAnswer }) {
    this.onChange = onChange;
    this.onAnswer = onAnswer;
  }

  get waiting() {
    return this.#line.length;
  }

  get holdsPhotos() {
    return this.#line.some((letter) => letter.photos);
  }

  /** Put a new letter in the line; the same option tapped twice in a hurry is one letter. */
  send(content) {
    const twice = content.choice !== undefined && this.#line.some((letter) => letter.choice === content.choice);
    if (twice) return;
    const letter = { id: own + uuid().slice(9), at: new Date().toISOString(), state: "waiting", ...content };
    this.#line.push(letter);
    this.#save();
    this.onChange(letter);
    this.#run();
  }

  /** Take up what an earlier visit could not send. Returns {text} of letters whose photos could not be kept. */
  resume() {
    const kept = recall("letters", []).filter((letter) => !this.#line.some((one) => one.id === letter.id));
    const lost = kept.filter((letter) => letter.lostPhotos);
    const left = kept.filter((letter) => !letter.lostPhotos).map((letter) => ({ ...letter, state: "waiting" }));
    this.#line.unshift(...left);
    this.#save(lost);
    left.forEach((letter) => this.onChange(letter));
    this.#run();
    return lost;
  }

  /** Try everything again now: the person asked, or the network is back. */
  retry() {
    for (const letter of this.#line) {
      if (letter.state === "failed") this.#set(letter, "waiting");
    }
    this.#wake();
    this.#run();
  }

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    let letter;
    while ((letter = this.#line.find((one) => one.state === "waiting"))) await this.#deliver(letter);
    this.#busy = false;
  }

  async #deliver(letter) {
    for (let attempt = 0; ; attempt += 1) {
      this.#set(letter, "sending");
      try {
        const answer = await post(letter, (share) => this.#set(letter, "sending", { progress: share }));
        this.#drop(letter);
        this.onAnswer(letter, answer);
        return;
      } catch (error) {
        if (error instanceof Refusal) {
          this.#drop(letter);
          this.#set(letter, "refused", { reason: error.text });
          return;
        }
        if (attempt === pauses.length || !(error.wait <= patience)) {
          // Later letters may lean on this one, so they wait with it.
          this.#line.forEach((one) => this.#set(one, "failed", { reason: error.text }));
          return;
        }
        this.#set(letter, "waiting", { reason: error.text, progress: 0, again: true });
        await this.#pause(Math.max(pauses[attempt], error.wait), error.wait > 0);
      }
    }
  }

  // A pause the server asked for is kept to the end; our own ends early when the network comes back.
  #pause(seconds, firm) {
    return new Promise((resolve) => {
      setTimeout(resolve, seconds * 1000);
      this.#wake = firm ? () => {} : resolve;
    });
  }

  #set(letter, state, more = {}) {
    Object.assign(letter, { reason: "" }, more, { state });
    this.onChange(letter);
  }

  #drop(letter) {
    this.#line = this.#line.filter((one) => one !== letter);
    this.#save([letter]);
  }

  // Another tab may keep letters in the same place: only our own are changed, and those `gone` are taken out.
  #save(gone = []) {
    const own = this.#line.map(({ id, at, text, choice, label, place, photos, quiet }) => (
      photos ? { id, text, lostPhotos: photos.length } : { id, at, text, choice, label, place, quiet }
    ));
    const touched = new Set([...own, ...gone].map((letter) => letter.id));
    remember("letters", [...recall("letters", []).filter((letter) => !touched.has(letter.id)), ...own]);
  }
}
