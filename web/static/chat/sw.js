/** The service worker: without a network it shows the offline page. It keeps no messages, photos or answers. */

self.addEventListener("install", (event) => {
  // Where browsers know routes, messages go past the worker, and never wait for it to wake up.
  event.addRoutes?.({ condition: { requestDestination: "" }, source: "network" });
  self.skipWaiting();
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match("/chat/offline")) ?? Response.error()));
  } else if (request.destination === "style") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) ?? Response.error()));
  }
});
