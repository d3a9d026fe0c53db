/** The little window for sending a place: where the device is, or an address in words. */

import { byId, words } from "./page.js";

/** `onSend(content)`: {place: {lat, lon, label}} from the device (WGS-84), or {text} when typed. */
export function offerPlace(onSend) {
  const dialog = byId("place");
  const typed = byId("place-typed");
  const said = byId("place-notice");
  const here = byId("place-here");

  const close = () => dialog.close();
  const found = ({ coords }) => {
    here.disabled = false;
    if (!dialog.open) return; // closed while searching: nothing is sent that was not wanted any more
    onSend({ place: { lat: coords.latitude, lon: coords.longitude, label: typed.value.trim() } });
    close();
  };
  const missed = (error) => {
    here.disabled = false;
    said.textContent = words(error.code === error.PERMISSION_DENIED ? "place.denied" : "place.unavailable");
    typed.focus();
  };

  byId("place-button").addEventListener("click", () => {
    typed.value = "";
    const able = window.isSecureContext && "geolocation" in navigator;
    here.hidden = !able;
    said.textContent = able ? "" : words("place.insecure");
    dialog.showModal();
  });
  here.addEventListener("click", () => {
    here.disabled = true;
    said.textContent = words("place.searching");
    navigator.geolocation.getCurrentPosition(found, missed, { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 });
  });
  byId("place-close").addEventListener("click", close);
  dialog.addEventListener("close", () => byId("attach-button").focus());
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = typed.value.trim();
    if (!text) {
      typed.focus();
      return;
    }
    onSend({ text });
    close();
  });
}
