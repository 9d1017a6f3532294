import { effect, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Plot, type Hit, type Overlay, type PlotSpec } from "../chart";
import type { Zoom } from "../state/choice";
import { useSession } from "./context";
import { cancelFrame, inNextFrame } from "./frames";
import { chartTheme } from "./theme";
import { watchSize } from "./watch-size";

interface Place {
  readonly hit: Hit | null;
  readonly x: number;
  readonly y: number;
}

interface Props {
  /** What a listener is told instead of the picture. */
  label: string;
  /** Read signals only: they are called again whenever one changes, at most once a frame drawn. */
  spec: () => PlotSpec;
  overlay: () => Overlay;
  onHover: (hit: Hit | null) => void;
  onClick?: (place: Place) => void;
  /** A box was drawn with the pointer. */
  onZoom?: (zoom: Zoom) => void;
  onReset?: () => void;
  /** The pointer is dragged along x; where given, there is no box. */
  onDrag?: (x: number) => void;
  children?: ComponentChildren;
}

/** A drag shorter than this, in px, is a click. */
const LEAST_DRAG = 5;

type Box = readonly [number, number, number, number];

export function PlotView(props: Props) {
  const session = useSession();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const box = useSignal<Box | null>(null);

  useEffect(() => {
    const own = new Plot(host.current!);
    plot.current = own;
    const keys = [{}, {}, {}] as const;
    const stops: (() => void)[] = [
      effect(() => {
        const spec = props.spec();
        const theme = chartTheme(session.dark.value);
        const moving = session.figures.moving.value;
        inNextFrame(keys[0], () => own.draw(spec, theme, { moving }));
      }),
      effect(() => {
        const overlay = { ...props.overlay(), brush: box.value };
        inNextFrame(keys[1], () => own.overlay(overlay));
      }),
    ];
    stops.push(watchSize(host.current!, () => inNextFrame(keys[2], () => own.resize())));
    return () => {
      stops.forEach((stop) => stop());
      keys.forEach(cancelFrame);
      own.dispose();
    };
  }, []);

  const at = (event: PointerEvent | MouseEvent): readonly [number, number] => {
    const { left, top } = host.current!.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    host.current!.setPointerCapture(event.pointerId);
    const [x, y] = at(event);
    box.value = [x, y, x, y];
    props.onDrag?.(plot.current!.toData(x, y).x);
  };

  const onPointerMove = (event: PointerEvent) => {
    const [x, y] = at(event);
    if (!box.value) {
      props.onHover(plot.current!.nearest(x, y));
    } else if (props.onDrag) {
      props.onDrag(plot.current!.toData(x, y).x);
    } else {
      props.onHover(null);
      box.value = [box.value[0], box.value[1], x, y];
    }
  };

  const onPointerUp = (event: PointerEvent) => {
    const drawn = box.value;
    box.value = null;
    if (!drawn || props.onDrag) return;
    const zoom = zoomOf(plot.current!, drawn);
    if (zoom) props.onZoom?.(zoom);
    else {
      const [px, py] = at(event);
      props.onClick?.({ hit: plot.current!.nearest(px, py), ...plot.current!.toData(px, py) });
    }
  };

  return (
    <div class={props.onDrag ? "plot scrub" : "plot"}>
      <div
        ref={host}
        class="plot-host"
        role="img"
        aria-label={props.label}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => (box.value = null)}
        onPointerLeave={() => props.onHover(null)}
        onDblClick={() => props.onReset?.()}
      />
      {props.children}
    </div>
  );
}

/** The data inside a drawn box, cut to the plot; null where it is too small to be meant. */
function zoomOf(plot: Plot, [x0, y0, x1, y1]: Box): Zoom | null {
  if (Math.abs(x1 - x0) < LEAST_DRAG || Math.abs(y1 - y0) < LEAST_DRAG) return null;
  const { left, top, width, height } = plot.plotArea;
  const cut = (value: number, low: number, size: number) => Math.max(low, Math.min(low + size, value));
  const from = plot.toData(cut(Math.min(x0, x1), left, width), cut(Math.max(y0, y1), top, height));
  const to = plot.toData(cut(Math.max(x0, x1), left, width), cut(Math.min(y0, y1), top, height));
  return from.x < to.x && from.y < to.y ? { x: [from.x, to.x], y: [from.y, to.y] } : null;
}
