/** Keep the page exactly as tall as what can be seen, so that an opening keyboard never hides the text box. */

export function fitViewport() {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const fit = () => {
    // Zoomed in by hand, the person moves about freely: leave everything in its place.
    if (viewport.scale > 1.01) return;
    document.documentElement.style.setProperty("--seen", `${viewport.height}px`);
    // iOS scrolls the whole page up under the keyboard; with the right height there is nothing to scroll for.
    window.scrollTo(0, 0);
  };
  viewport.addEventListener("resize", fit);
  viewport.addEventListener("scroll", fit);
  fit();
}
