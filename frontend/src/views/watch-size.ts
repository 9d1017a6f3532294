/** Calls `changed` when an element's size changes, and when a font arrives: canvases do not redraw their text alone. */
export function watchSize(element: HTMLElement, changed: () => void): () => void {
  const observer = new ResizeObserver(changed);
  observer.observe(element);
  document.fonts.addEventListener("loadingdone", changed);
  return () => {
    observer.disconnect();
    document.fonts.removeEventListener("loadingdone", changed);
  };
}
