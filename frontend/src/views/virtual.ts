import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows beyond the edges that are kept, so that a small scroll shows no gap. */
const MARGIN = 4;

export interface Window {
  readonly from: number;
  readonly to: number;
  /** Heights, in px, of what is left out before and after. */
  readonly before: number;
  readonly after: number;
}

/** The rows of a long list that its scrolling element shows; the others need not exist. */
export function useVirtual<E extends HTMLElement>(count: number, rowHeight: number) {
  const ref = useRef<E>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = ref.current!;
    const measure = () => {
      if (element.clientHeight > 0) setView({ top: element.scrollTop, height: element.clientHeight });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);
  const from = Math.max(0, Math.min(count, Math.floor(view.top / rowHeight)) - MARGIN);
  const to = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + MARGIN);
  const window: Window = { from, to, before: from * rowHeight, after: (count - to) * rowHeight };
  return { ref, window };
}
