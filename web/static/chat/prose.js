/** Plain text from the server, turned into paragraphs. Everything becomes text nodes: no markup is ever read. */

import { config, element } from "./page.js";

// A web address ends before Chinese characters and punctuation. A path needs a letter after its slash and nothing
// wordlike before it, so that «1/2», «TCP/IP» and «//host» stay text.
const reference = /(https?:\/\/[\w\-.~:/?#@!$&'()*+,;=%[\]]+)|(^|[^\w/.:\-])(\/[A-Za-z][\w\-./?=&%#]*)/g;
const trailing = /[.,;:!?)\]']+$/;
const dot = "\u00a0· "; // no line begins with it
const isSource = (line) => config.sources.some((lead) => line.startsWith(lead));

/** Paragraphs of `text`; `onCommand(text)` is called when a command of the menu, like /help, is tapped in it. */
export function prose(text, onCommand) {
  const paragraphs = [];
  let open = null;
  for (const line of text.replaceAll(" · ", dot).split("\n")) {
    if (isSource(line)) {
      paragraphs.push(source(line, onCommand));
      open = null;
    } else if (!line.trim()) {
      open = null;
    } else if (open) {
      open.append("\n", ...linked(line, onCommand));
    } else {
      open = element("p", {}, ...linked(line, onCommand));
      paragraphs.push(open);
    }
  }
  return paragraphs;
}

// «《道路交通安全法》第47条 · 2026-11 核对» may break before its date, not inside it.
function source(line, onCommand) {
  const pieces = line.split(dot);
  const date = pieces.length > 1 ? pieces.pop() : "";
  const paragraph = element("p", { class: "source" }, ...linked(pieces.join(dot), onCommand));
  if (date) paragraph.append(dot, element("span", { class: "piece" }, date));
  return paragraph;
}

function linked(line, onCommand) {
  const parts = [];
  let from = 0;
  for (const match of line.matchAll(reference)) {
    const target = (match[1] ?? match[3]).replace(trailing, "");
    const start = match.index + (match[2]?.length ?? 0);
    parts.push(line.slice(from, start), match[1] || !isCommand(target) ? link(target) : command(target, onCommand));
    from = start + target.length;
  }
  parts.push(line.slice(from));
  return parts;
}

function link(target) {
  return element("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, target);
}

// /privacy is a command and a page; what the menu links to is a page.
function isCommand(text) {
  return config.commands.some((one) => one.text === text) && !document.querySelector(`#menu a[href="${text}"]`);
}

function command(text, onCommand) {
  const button = element("button", { type: "button", class: "link" }, text);
  button.addEventListener("click", () => onCommand(text));
  return button;
}
