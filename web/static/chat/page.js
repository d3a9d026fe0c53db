/** What the server wrote into the page: configuration, words in the page's language, and its elements. */

export const config = JSON.parse(document.getElementById("chat-config").textContent);

/** The element with this id; an id the template lacks is a mistake worth hearing about at once. */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`chat.html has no #${id}`);
  return found;
}

/** The sentence under this key ("live.unread"), with {n} and the like replaced. */
export function words(key, values = {}) {
  return config.words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A new element. Children that are strings become text, never markup. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** One of the drawings in the page's sprite; purely decorative, a label stands beside it. */
export function icon(name, className = "icon") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A text as it is shown: commands of the menu by their label. */
export function labelOf(text) {
  if (text === "/language") return words("live.language");
  return config.commands.find((one) => one.text === text)?.label ?? text;
}

const line = byId("notice");
let clearing;

/** Say something above the composer. It goes after eight seconds unless it is to stay until the next one. */
export function notice(text, stays = false) {
  clearTimeout(clearing);
  line.textContent = text;
  if (text && !stays) clearing = setTimeout(() => notice(""), 8000);
}

/** Take a notice back, but only if it is still the one on show. */
export function withdraw(text) {
  if (line.textContent === text) notice("");
}
