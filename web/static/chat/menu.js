/** The header's menu: quick commands, large type, language; and cards that open and close under a button. */

import { recall, remember } from "./memory.js";
import { byId, config, element } from "./page.js";

/** Let `button` show and hide `card`: Escape, a click elsewhere or choosing something closes it. */
export function disclose(button, card) {
  const show = (open) => {
    card.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => show(!card.classList.contains("open")));
  card.addEventListener("click", (event) => {
    if (!event.target.closest("button:not([role=switch]), a")) return;
    show(false);
    if (button.offsetParent) button.focus();
  });
  document.addEventListener("click", (event) => {
    if (!card.contains(event.target) && !button.contains(event.target)) show(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !card.classList.contains("open")) return;
    const inside = card.contains(document.activeElement);
    show(false);
    if (inside) button.focus();
  });
  card.parentElement.addEventListener("focusout", (event) => {
    const next = event.relatedTarget;
    if (next && !card.contains(next) && next !== button) show(false);
  });
}

/** Large type, as it was left. */
export function setUpType() {
  const button = byId("large");
  const show = (large) => {
    document.documentElement.classList.toggle("large", large);
    button.setAttribute("aria-checked", String(large));
  };
  show(recall("large", false));
  button.addEventListener("click", () => {
    const large = button.getAttribute("aria-checked") !== "true";
    show(large);
    remember("large", large);
  });
}

/** The commands of the page's list, and the language, which has its own place; `onCommand(text)` sends one. */
export function setUpMenu(onCommand) {
  const entries = config.commands.filter(({ text }) => text !== "/language").map(({ label, text }) => {
    const button = element("button", { type: "button" }, label);
    button.addEventListener("click", () => onCommand(text));
    return element("li", {}, button);
  });
  byId("commands").replaceChildren(...entries);
  byId("language").addEventListener("click", () => onCommand("/language"));
  disclose(byId("menu-button"), byId("menu"));
  disclose(byId("attach-button"), byId("attach"));
}
