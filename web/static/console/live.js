// Draws a part of the page anew every so many seconds (data-every), while somebody can see it and has nothing selected.
for (const part of document.querySelectorAll("[data-every]")) {
  setInterval(() => {
    if (document.hidden || part.querySelector("input:checked")) return;
    window.htmx?.trigger(part.querySelector("[hx-trigger~=refresh]") ?? part, "refresh");
  }, 1000 * part.dataset.every);
}
