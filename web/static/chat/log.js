/** The conversation on the page: messages in order, times now and then, scrolling that stays where the reader is. */

import { bubble, markChosen, photos, showState } from "./bubble.js";
import { byId, element, words } from "./page.js";

const gap = 5 * 60_000; // after this silence the time is said again
const near = 90; // pixels from the end that still count as reading along

export class Log {
  box = byId("log");
  list = byId("messages");
  #typing = byId("typing");
  #seen = new Set();
  #letters = new Map();
  #size = ""; // of the log and of the window onto it, when they were last looked at
  #actions;

  /** `onScroll()` after every scroll or change of size. `actions` are those of bubble(). */
  constructor(actions, onScroll) {
    this.#actions = actions;
    this.atEnd = true;
    this.lastId = "";
    this.live = false; // once true, what comes is new and arrives with a small movement
    this.box.addEventListener("scroll", () => {
      // A photo that has just come, a notice that takes some of the height: that is no scrolling away, and the observer
      // below makes up for it.
      if (this.#size === this.#measure()) {
        this.atEnd = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < near;
      }
      onScroll();
    }, { passive: true });
    // Photos load late, keyboards open, bubbles grow: whoever read along keeps reading along.
    const sizes = new ResizeObserver(() => {
      this.#size = this.#measure();
      if (this.atEnd) this.toEnd();
      onScroll();
    });
    for (const part of [this.box, ...this.box.children]) sizes.observe(part);
  }

  #measure() {
    return `${this.box.clientHeight}/${this.box.scrollHeight}`;
  }

  get firstId() {
    return this.list.querySelector(".message[data-id]")?.dataset.id ?? "";
  }

  get empty() {
    return this.#seen.size === 0;
  }

  /** Add messages at the end; those already here are left alone. Returns the elements added. */
  add(messages) {
    const added = this.#fresh(messages).map((message) => this.#append(message));
    if (messages.length) this.lastId = messages[messages.length - 1].id;
    this.#arrange();
    return added.filter(Boolean);
  }

  /** Add a page of older messages above, without moving what is being read. */
  addOlder(messages) {
    const fromEnd = this.box.scrollHeight - this.box.scrollTop;
    this.box.setAttribute("aria-live", "off");
    const older = this.#fresh(messages).filter(visible).map((message) => bubble(message, this.#actions));
    this.list.prepend(...older);
    this.lastId ||= messages[messages.length - 1]?.id ?? "";
    this.#arrange();
    this.box.scrollTop = this.box.scrollHeight - fromEnd;
    requestAnimationFrame(() => this.box.setAttribute("aria-live", "polite"));
  }

  /** Show a letter, or how far it has got. */
  showLetter(letter) {
    if (letter.quiet && letter.state !== "failed" && letter.state !== "refused") return;
    let article = this.#letters.get(letter.id);
    if (!article) {
      article = this.#append({ ...letter, id: "", from: "you", text: letter.label ?? letter.text, images: previews(letter) });
      article.removeAttribute("data-id");
      this.#letters.set(letter.id, article);
      this.#arrange();
      this.toEnd();
    }
    showState(article, letter, this.#actions);
    if (letter.state === "refused") this.#arrange();
  }

  /**
   * The letter has become message `you`: its bubble stays, unless the history has brought the message already. True
   * when it has photos that this browser can't show as they were sent (HEIC).
   */
  settle(letter, you) {
    const article = this.#letters.get(letter.id);
    this.#letters.delete(letter.id);
    if (this.#seen.has(you.id)) article?.remove();
    else if (article) {
      article.dataset.id = you.id;
      delete article.dataset.state;
      article.querySelector(".state")?.remove();
    }
    this.#seen.add(you.id);
    this.lastId = you.id;
    return Boolean(article?.querySelector(".photo.broken"));
  }

  /** Show the photos of a message as the server keeps them. */
  redraw(message) {
    const shown = this.list.querySelector(`[data-id="${message.id}"] .photos`);
    if (message.images.length) shown?.replaceWith(photos(message.images, this.#actions));
  }

  /** Draw the line above the first of the last `count` messages from the bot. */
  divide(count) {
    const from = [...this.list.querySelectorAll(".message.bot")].slice(-count)[0];
    const divider = element("p", { class: "divider" }, element("span", {}, words("live.unread_line")));
    this.list.insertBefore(divider, from ?? null);
    return divider;
  }

  typing(shown) {
    this.#typing.hidden = !shown;
    if (shown && this.atEnd) this.toEnd();
  }

  toEnd(smoothly = false) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.box.scrollTo({ top: this.box.scrollHeight, behavior: smoothly && !calm ? "smooth" : "auto" });
    if (!smoothly) this.atEnd = true;
  }

  /** Bring new messages into view: their end, or their beginning when they are taller than the window. */
  reveal(first) {
    const top = first.offsetTop - 16;
    if (this.list.offsetTop + this.list.offsetHeight - top > this.box.clientHeight) {
      this.atEnd = false;
      this.box.scrollTo({ top });
    } else this.toEnd();
  }

  #fresh(messages) {
    const fresh = messages.filter((message) => !this.#seen.has(message.id));
    fresh.forEach((message) => this.#seen.add(message.id));
    return fresh;
  }

  #append(message) {
    if (!visible(message)) return null;
    const article = bubble(message, this.#actions);
    article.classList.toggle("new", this.live);
    this.list.append(article);
    return article;
  }

  // Times, avatars and which options are the current ones depend on the neighbours, so they are settled here together.
  #arrange() {
    let before = null;
    let asked = null;
    for (const article of this.list.querySelectorAll(".message")) {
      const silence = before ? Date.parse(article.dataset.at) - Date.parse(before.dataset.at) : Infinity;
      const timed = silence > gap;
      article.querySelector(".when").hidden = !timed;
      article.classList.toggle("first", timed || before.classList[1] !== article.classList[1]);
      if (asked && article.matches(".you")) markChosen(asked, article);
      asked = article.querySelector(".options") ?? asked;
      before = article;
    }
    const groups = [...this.list.querySelectorAll(".options")];
    // What was refused has answered nothing: the question before it is still open.
    const answered = [...this.list.querySelectorAll(".message.you:not([data-state='refused'])")].pop();
    groups.forEach((group, index) => {
      const follows = !answered || answered.compareDocumentPosition(group) & Node.DOCUMENT_POSITION_FOLLOWING;
      const current = Boolean(follows) && index === groups.length - 1;
      group.classList.toggle("current", current);
      if (group.matches("fieldset")) group.disabled = !current; // its letters would answer another question
    });
  }
}

// «/start» is how the page says hello for the person; nobody typed it.
function visible(message) {
  return !(message.from === "you" && /^\/start\b/.test(message.text ?? ""));
}

function previews(letter) {
  return letter.photos?.map((photo) => ({ url: URL.createObjectURL(photo), name: photo.name, alt: "" }));
}
