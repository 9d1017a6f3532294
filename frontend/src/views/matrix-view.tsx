import { effect, type ReadonlySignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Matrix as MatrixPlot, type Cell } from "../chart";
import { shades, type Matrix } from "../data/confusion";
import { useSession } from "./context";
import { count, percent } from "./format";
import { cancelFrame, inNextFrame } from "./frames";
import { chartTheme } from "./theme";
import { watchSize } from "./watch-size";

interface Props {
  matrix: ReadonlySignal<Matrix | null>;
  /** The cell under the pointer, here or in the list of pairs. */
  cell: Signal<Cell | null>;
  label: string;
}

export function MatrixView({ matrix, cell, label }: Props) {
  const { choice, dark } = useSession();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<MatrixPlot | null>(null);

  useEffect(() => {
    const own = new MatrixPlot(host.current!);
    plot.current = own;
    const keys = [{}, {}, {}] as const;
    const stops: (() => void)[] = [
      effect(() => {
        const theme = chartTheme(dark.value);
        const of = choice.cells.value;
        const values = matrix.value;
        const spec = values && matrixSpec(values, of, choice.hideDiagonal.value);
        if (spec) inNextFrame(keys[0], () => own.draw(spec, theme));
      }),
      effect(() => {
        const marked = cell.value;
        inNextFrame(keys[1], () => own.highlight(marked));
      }),
    ];
    stops.push(watchSize(host.current!, () => inNextFrame(keys[2], () => own.resize())));
    return () => {
      stops.forEach((stop) => stop());
      keys.forEach(cancelFrame);
      own.dispose();
    };
  }, []);

  const onPointerMove = (event: PointerEvent) => {
    const { left, top } = host.current!.getBoundingClientRect();
    const under = plot.current!.cellAt(event.clientX - left, event.clientY - top);
    if (under?.row !== cell.value?.row || under?.column !== cell.value?.column) cell.value = under;
  };

  return (
    <div class="plot">
      <div ref={host} class="plot-host" role="img" aria-label={label} onPointerMove={onPointerMove} onPointerLeave={() => (cell.value = null)} />
    </div>
  );
}

function matrixSpec(matrix: Matrix, of: "row" | "count", hideDiagonal: boolean) {
  const { names, counts, rowSums } = matrix;
  const size = names.length;
  return {
    rows: size,
    columns: size,
    values: shades(matrix, of, hideDiagonal),
    rowLabels: names,
    columnLabels: names,
    rowTitle: "True",
    columnTitle: "Predicted",
    cellText: (row: number, column: number) => {
      const value = counts[row * size + column]!;
      if (value === 0 || (hideDiagonal && row === column)) return "";
      return of === "count" ? count(value) : percent(value / rowSums[row]!);
    },
  };
}
