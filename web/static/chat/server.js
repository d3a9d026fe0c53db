/** The four requests a chat makes. Answers are parsed JSON; what goes wrong is one of the two errors below. */

import { config, words } from "./page.js";

/** The server looked at it and said no; `text` is written for the person. */
export class Refusal extends Error {
  constructor(status, text) {
    super(`refused with ${status}`);
    this.status = status;
    this.text = text;
  }
}

/** It did not arrive, or the server asked for patience; the same letter may go again after `wait` seconds. */
export class Delay extends Error {
  constructor(reason, wait = 0, text = "") {
    super(reason);
    this.wait = wait;
    this.text = text;
  }
}

function failure(status, retryAfter, body) {
  // Who is asked to write again writes by hand; this page does it by itself.
  const text = body?.error?.code === "bot.busy" ? words("live.busy") : body?.error?.text;
  if (status === 429 || status === 408 || status >= 500) {
    // Retry-After may also be a date; then our own pauses are long enough.
    return new Delay(`status ${status}`, Number(retryAfter) || 0, text || words("live.busy"));
  }
  return new Refusal(status, text || words("live.refused"));
}

// Refusals come in the language of this page, whatever the browser itself prefers.
const language = { "Accept-Language": config.language };

async function ask(url, options = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 30_000);
  let response;
  let body;
  try {
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", signal: abort.signal, ...options });
    body = await response.json().catch(() => null);
  } catch (error) {
    throw new Delay(String(error));
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw failure(response.status, response.headers.get("Retry-After"), body);
  return body ?? {};
}

function asJson(value) {
  return { method: "POST", headers: { ...language, "Content-Type": "application/json" }, body: JSON.stringify(value) };
}

/** {messages, unread, more}: the latest, those after an id, or a page of those before one. */
export function history(query = {}) {
  const search = new URLSearchParams(query).toString();
  return ask(search ? `${config.messages}?${search}` : config.messages);
}

/** Mark everything up to this id as read. Sent so that it survives the page being closed. */
export function markRead(id) {
  return ask(config.read, { ...asJson({ id }), keepalive: true });
}

/** Post one letter; `onProgress` hears the uploaded share (0–1) of its photos. */
export function post(letter, onProgress) {
  if (letter.photos) return upload(letter, onProgress);
  const { id, text, choice, place } = letter;
  const request = asJson({ id, text, choice, place });
  if (letter.again) request.headers["X-Again"] = "1";
  return ask(config.messages, request);
}

// fetch cannot tell how much has gone up, XMLHttpRequest can.
function upload(letter, onProgress) {
  const form = new FormData();
  form.append("id", letter.id);
  if (letter.text) form.append("text", letter.text);
  for (const photo of letter.photos) form.append("photo", photo, photo.name || "photo.jpg");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", config.messages);
    request.setRequestHeader("Accept-Language", config.language);
    if (letter.again) request.setRequestHeader("X-Again", "1");
    request.responseType = "json";
    request.timeout = 300_000;
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(new Delay("network"));
    request.ontimeout = () => reject(new Delay("timeout"));
    request.onload = () => {
      const { status, response } = request;
      if (status >= 200 && status < 300) resolve(response ?? {});
      else reject(failure(status, request.getResponseHeader("Retry-After"), response));
    };
    request.send(form);
  });
}
