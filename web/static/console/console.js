// What every page of the console does: keep what is typed, say when one is signed out or offline.
import { keepDrafts } from "./drafts.js";

const banner = document.getElementById("banner");

function say(words, link) {
  banner.replaceChildren(words);
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = `/console/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
    anchor.textContent = banner.dataset.signIn;
    banner.append(" ", anchor);
  }
  banner.hidden = false;
}

document.body.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) say(banner.dataset.signedOut, true);
});
document.body.addEventListener("htmx:sendError", () => say(banner.dataset.offline));
document.body.addEventListener("htmx:afterOnLoad", () => { banner.hidden = true; });

// What takes longer than a moment says so, and that it goes on.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.defaultPrevented) return;
  setTimeout(() => {
    say(banner.dataset.working);
    const bar = document.createElement("progress");
    bar.ariaLabel = banner.dataset.working;
    banner.append(bar);
    banner.scrollIntoView({ block: "nearest" });
  }, 600);
});
addEventListener("pageshow", (event) => { if (event.persisted) banner.hidden = true; });

if (keepDrafts(document)) say(banner.dataset.kept);
