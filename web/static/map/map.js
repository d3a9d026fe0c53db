// Reports in heaps over the communities: Leaflet draws, the server counts.
const here = document.getElementById("map");
const L = window.L;

if (here && L) {
  const [south, west, north, east] = here.dataset.bounds.split(",").map(Number);
  const map = L.map(here, { minZoom: 9, maxZoom: 19, zoomSnap: 0.25, attributionControl: Boolean(here.dataset.credit) });
  map.fitBounds([[south, west], [north, east]]);
  if (here.dataset.tiles) L.tileLayer(here.dataset.tiles, { attribution: here.dataset.credit }).addTo(map);
  const communities = L.layerGroup().addTo(map);
  const heaps = L.layerGroup().addTo(map);
  const query = location.search.slice(1);

  const areas = await (await fetch(`${here.dataset.from}/areas.json?${query}`)).json();
  const most = Math.max(1, ...areas.features.map((one) => one.properties.count));
  L.geoJSON(areas, {
    style: (one) => ({ className: "community", fillOpacity: 0.04 + 0.4 * (one.properties.count / most) }),
    onEachFeature: (one, layer) => layer.bindTooltip(words(`${one.properties.name} · ${one.properties.count}`), { sticky: true }),
  }).addTo(communities);

  async function draw() {
    const bounds = map.getBounds();
    const window = [bounds.getSouth(), bounds.getWest(), bounds.getNorth(), bounds.getEast()].map((one) => one.toFixed(6));
    const answer = await fetch(`${here.dataset.from}/heaps.json?window=${window.join(",")}&${query}`);
    if (!answer.ok) return;
    const found = await answer.json();
    heaps.clearLayers();
    for (const [lat, lon, count, late, number] of found.heaps) heaps.addLayer(marker(lat, lon, count, late, number));
  }

  function marker(lat, lon, count, late, number) {
    const size = Math.round(22 + 12 * Math.log10(count));
    const icon = L.divIcon({ className: late ? "heap late" : "heap", html: count > 1 ? String(count) : "", iconSize: [size, size] });
    const title = number ?? here.dataset.heap.replace("{n}", count).replace("{late}", late);
    const made = L.marker([lat, lon], { icon, title, alt: title, keyboard: true });
    made.on("click", () => {
      if (number) location.assign(`/console/reports/${encodeURIComponent(number)}`);
      else if (map.getZoom() < map.getMaxZoom()) map.setView([lat, lon], map.getZoom() + 2);
    });
    return made;
  }

  function words(text) {
    const made = document.createElement("span");
    made.textContent = text;
    return made;
  }

  map.on("moveend", draw);
  draw();
  setInterval(() => { if (!document.hidden) draw(); }, 30_000);
}

document.getElementById("filters")?.addEventListener("change", (event) => event.currentTarget.requestSubmit());
