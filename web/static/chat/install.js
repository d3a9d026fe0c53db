/** Installing as an app, and the page that is shown without a network. Nothing of the conversation is ever cached. */

import { byId, config } from "./page.js";

const policy = "default-src 'none'; style-src 'self'; img-src 'self'";

function offlinePage() {
  const inside = byId("offline").innerHTML;
  const styles = config.offlineStyles.map((style) => `<link rel="stylesheet" href="${style}">`).join("");
  const html = `<!doctype html><html lang="${document.documentElement.lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${styles}</head><body>${inside}</body></html>`;
  return new Response(html, {
    headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy },
  });
}

async function prepareOffline() {
  await navigator.serviceWorker.register(config.worker, { scope: config.page });
  const cache = await caches.open("youli-offline");
  await Promise.all((await cache.keys()).map((old) => cache.delete(old)));
  await cache.put("/chat/offline", offlinePage());
  await cache.addAll(config.offlineStyles);
}

/** Offer installation in the menu where the browser can, and keep an offline page where it may. */
export function setUpInstall() {
  let offer;
  const row = byId("install-row");
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event;
    row.hidden = false;
  });
  addEventListener("appinstalled", () => { row.hidden = true; });
  byId("install").addEventListener("click", () => offer?.prompt());
  // Chatting needs none of this; where it is forbidden or storage is full, the browser's own offline page appears.
  if ("serviceWorker" in navigator && window.isSecureContext) prepareOffline().catch(() => {});
}
