/**
 * Canvases stacked in a host element, each as many device pixels as the screen has.
 */
import type { Size } from "./frame";
import { CanvasPen } from "./pen";

export class Layers {
  /** The host's size when it was last measured, in CSS px; zero until it was visible. */
  size: Size = { width: 0, height: 0 };
  ratio = 1;
  private readonly host: HTMLElement;
  private readonly canvases: readonly HTMLCanvasElement[];

  /** @param count How many canvases; the last lies on top. */
  constructor(host: HTMLElement, count: number) {
    this.host = host;
    this.canvases = Array.from({ length: count }, () => {
      const canvas = host.ownerDocument.createElement("canvas");
      Object.assign(canvas.style, { position: "absolute", left: "0", top: "0", pointerEvents: "none" });
      return canvas;
    });
    const position = host.ownerDocument.defaultView?.getComputedStyle(host).position;
    if (position === undefined || position === "" || position === "static") host.style.position = "relative";
    host.append(...this.canvases);
  }

  /** Reads the host's size and fits the canvases to it; false, and nothing changes, while the host is hidden. */
  measure(): boolean {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0) return false;
    this.size = { width, height };
    this.ratio = this.host.ownerDocument.defaultView?.devicePixelRatio ?? 1;
    for (const canvas of this.canvases) fit(canvas, this.size, this.ratio);
    return true;
  }

  /** Whether there is anything to draw on: measured now if it never was. */
  isReady(): boolean {
    return this.size.height > 0 || this.measure();
  }

  /** An empty canvas in CSS px. */
  clear(layer: number): CanvasRenderingContext2D {
    const context = this.canvas(layer).getContext("2d");
    if (!context) throw new Error("Expected a browser with Canvas 2D; received no context.");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.size.width + 1, this.size.height + 1);
    return context;
  }

  /** A pen on an empty canvas. */
  pen(layer: number): CanvasPen {
    return new CanvasPen(this.clear(layer), this.ratio);
  }

  /** Fades a whole canvas without drawing it again. */
  setOpacity(layer: number, opacity: number): void {
    this.canvas(layer).style.opacity = opacity === 1 ? "" : String(opacity);
  }

  dispose(): void {
    for (const canvas of this.canvases) canvas.remove();
  }

  private canvas(layer: number): HTMLCanvasElement {
    return this.canvases[layer]!;
  }
}

/** Sets a canvas' size only where it changes, because setting it clears the canvas. */
function fit(canvas: HTMLCanvasElement, size: Size, ratio: number): void {
  const width = Math.round(size.width * ratio);
  const height = Math.round(size.height * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  // Divided back, so that at a fractional ratio one canvas pixel is still exactly one device pixel.
  canvas.style.width = `${width / ratio}px`;
  canvas.style.height = `${height / ratio}px`;
}
