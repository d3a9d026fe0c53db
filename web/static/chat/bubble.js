/** One message of the log as an element: when, who, text, photos, place, options, and how far it has got. */

import { clock } from "./clock.js";
import { element, icon, labelOf, words } from "./page.js";
import { prose } from "./prose.js";

const lettered = /^(✓ )?([A-Z])\. /;

/**
 * `message` as the server gives it, or made from a letter. `actions`: choose(option), view(images, index),
 * say(text), retry().
 */
export function bubble(message, actions) {
  const mine = message.from === "you";
  const body = element("div", { class: "body" }, element("span", { class: "unseen" }, words(mine ? "live.you" : "live.bot")));
  const article = element(
    "article",
    { class: `message ${mine ? "you" : "bot"}`, "data-id": message.id, "data-at": message.at },
    element("p", { class: "when", hidden: true }, element("time", { datetime: message.at }, clock(message.at))),
    element("div", { class: "said" }, mine ? "" : icon("avatar", "avatar"), body),
  );
  // A command tapped in the menu reads better as its label than as «/report».
  const text = mine ? labelOf(message.text) : message.text;
  if (text || message.place) {
    body.append(element("div", { class: "bubble" }, ...saying(text, message.place, actions)));
  }
  if (message.images?.length) body.append(photos(message.images, actions));
  if (message.options?.length) body.append((message.several ? ticks : options)(message.options, actions));
  return article;
}

function saying(text, place, actions) {
  if (!place) return prose(text, actions.say);
  const where = place.label || text || words("place.mine");
  const exact = `${Number(place.lat).toFixed(5)}, ${Number(place.lon).toFixed(5)}`;
  return [
    element("p", { class: "where" }, icon("place"), element("span", {}, where)),
    element("p", { class: "source" }, exact),
  ];
}

/** Photos beside each other, each a button that opens it. */
export function photos(images, actions) {
  const list = element("div", { class: images.length === 1 ? "photos one" : "photos" });
  if (images.length === 2 || images.length === 4) list.classList.add("two");
  images.forEach((image, index) => {
    const label = words("live.photo_open", { n: index + 1 });
    const picture = element("img", { src: image.url, alt: image.alt || words("live.photo", { n: index + 1 }) });
    picture.decoding = "async";
    if (image.width && image.height) {
      picture.width = image.width;
      picture.height = image.height;
    }
    const button = element("button", { type: "button", class: "photo", title: label }, picture);
    picture.addEventListener("error", () => {
      button.classList.add("broken");
      picture.replaceWith(element("span", {}, image.name || words("live.photo_failed")));
    });
    button.addEventListener("click", () => actions.view(images, index));
    list.append(button);
  });
  return list;
}

function options(choices, actions) {
  const group = element("div", { class: "options" });
  if (choices.length > 4 && choices.every((one) => one.label.length <= 7)) group.classList.add("short");
  for (const option of choices) {
    const button = element("button", { type: "button", class: "option" }, element("span", {}, option.label));
    button.addEventListener("click", () => actions.choose(option));
    group.append(button);
  }
  return group;
}

// Where several can be right they are ticked here, and sent together: one answer instead of a question again and again.
function ticks(choices, actions) {
  const group = element("fieldset", { class: "options several", "aria-label": words("live.several") });
  const ready = element("button", { type: "button", class: "option ready" });
  const ticked = () => [...group.querySelectorAll("[aria-checked='true']")].map((button) => button.dataset.letter);
  const look = () => {
    ready.disabled = ticked().length < 2;
    ready.textContent = words(ready.disabled ? "live.several" : "live.ready");
  };
  for (const { label } of choices) {
    const [, before, letter] = label.match(lettered) ?? [];
    if (!letter) continue; // «that's my choice», for those who tick at the server
    const box = element("button", { type: "button", class: "option", role: "checkbox", "data-letter": letter });
    box.append(icon("check"), element("span", {}, before ? label.slice(before.length) : label));
    box.setAttribute("aria-checked", String(Boolean(before)));
    box.addEventListener("click", () => {
      box.setAttribute("aria-checked", String(box.getAttribute("aria-checked") !== "true"));
      look();
    });
    group.append(box);
  }
  ready.addEventListener("click", () => actions.say(ticked().join("、")));
  group.append(ready);
  look();
  return group;
}

/** Mark what `answer`, the own message after it, has chosen: the option whose label it repeats, or those it names. */
export function markChosen(group, answer) {
  const said = answer.querySelector(".bubble")?.textContent ?? "";
  const named = group.matches(".several") && /^[A-Z](、[A-Z])+$/.test(said) ? said.split("、") : null;
  for (const button of group.querySelectorAll(".option:not(.chosen)")) {
    if (named) button.setAttribute("aria-checked", String(named.includes(button.dataset.letter)));
    if (named ? named.includes(button.dataset.letter) : button.textContent === said) {
      button.classList.add("chosen");
      if (!named) button.append(icon("check"), element("span", { class: "unseen" }, words("live.chosen")));
    }
  }
}

/** Show under an own message how far its letter has got: on its way, its photos' progress, failed or refused. */
export function showState(article, letter, actions) {
  article.dataset.state = letter.state;
  const before = article.querySelector(".state");
  const bar = before?.querySelector("progress");
  if (bar && (letter.state === "sending" || letter.state === "waiting")) {
    bar.value = letter.progress ?? 0;
    before.querySelector(".reason").textContent = letter.reason ?? "";
    return;
  }
  before?.remove();
  const state = element("div", { class: `state ${letter.state}` });
  if (letter.state === "failed") {
    const again = element("button", { type: "button", class: "plain" }, icon("again"), words("live.failed"));
    again.addEventListener("click", actions.retry);
    state.append(again);
    if (letter.photos) state.append(element("p", {}, words("live.photos_memory")));
  } else if (letter.state === "refused") {
    state.append(element("p", {}, letter.reason));
  } else if (letter.photos) {
    state.append(
      element("p", {}, words("live.uploading")),
      element("progress", { max: "1", value: "0", "aria-label": words("live.uploading") }),
      element("p", { class: "reason" }),
    );
  } else {
    state.append(element("p", {}, letter.reason || words("live.sending")));
  }
  article.querySelector(".body").append(state);
}
