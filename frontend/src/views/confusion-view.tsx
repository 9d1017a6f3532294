import { computed, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { confusedPairs, matrixOf, type Matrix } from "../data/confusion";
import { shortName } from "../state/runs";
import type { Session } from "../state/session";
import { Card } from "./card";
import type { Cell } from "../chart";
import { useSession } from "./context";
import { count, percent, rate, threshold } from "./format";
import { MatrixTable } from "./matrix-table";
import { MatrixView } from "./matrix-view";
import { PairsCard } from "./pairs-card";
import { Segmented } from "./segmented";

const MOST_PAIRS = 60;

/** Which true class the focused run takes for which, at the epoch. */
export function ConfusionView() {
  const session = useSession();
  const { choice, selection } = session;
  const cell = useSignal<Cell | null>(null);
  const matrix = useMemo(() => computed(() => currentMatrix(session)), []);
  const pairs = useMemo(() => computed(() => (matrix.value ? confusedPairs(matrix.value, MOST_PAIRS) : [])), []);
  const focus = selection.focus.value;
  if (!focus) return null;
  return (
    <div class="grid confusion">
      <Card
        title="Confusion matrix"
        detail={detail(session)}
        controls={
          <>
            <Segmented
              label="Cells"
              options={[["row", "Row %"], ["count", "Counts"]]}
              value={choice.cells.value}
              onChange={(cells) => (choice.cells.value = cells)}
            />
            <label class="check">
              <input
                type="checkbox"
                checked={choice.hideDiagonal.value}
                onChange={(event) => (choice.hideDiagonal.value = event.currentTarget.checked)}
              />
              hide diagonal
            </label>
          </>
        }
      >
        <MatrixView matrix={matrix} cell={cell} label={`Confusion matrix of ${shortName(focus)}, ${detail(session)}`} />
        {matrix.value && <MatrixTable matrix={matrix.value} />}
        <p class="read-out" role="status">{readOut(matrix.value, cell.value)}</p>
      </Card>
      <PairsCard matrix={matrix.value} pairs={pairs.value} cell={cell} />
    </div>
  );
}

function currentMatrix({ figures, selection }: Session): Matrix | null {
  const confusion = figures.confusion.value;
  const curve = selection.curve.value;
  return confusion && matrixOf(confusion, curve.startsWith("class:") ? curve.slice("class:".length) : null);
}

function detail({ figures, selection }: Session): string {
  const focus = selection.focus.value;
  const confusion = figures.confusion.value;
  if (!focus || !confusion) return "";
  const which = [shortName(focus), `epoch ${confusion.step}`, `${count(confusion.n_examples)} examples`];
  if (focus.task !== "multiclass") which.push(`threshold ${threshold(confusion.threshold)}`);
  if (focus.task === "multilabel" && !selection.curve.value.startsWith("class:")) which.push("all labels pooled");
  return which.join(" · ");
}

function readOut(matrix: Matrix | null, cell: Cell | null): string {
  if (!matrix) return "";
  const { names, counts, rowSums } = matrix;
  if (!cell || cell.row >= names.length) return `Accuracy ${rate(accuracy(matrix))}. Point at a cell to read it.`;
  const value = counts[cell.row * names.length + cell.column]!;
  const sum = rowSums[cell.row]!;
  return `true ${names[cell.row]!} → predicted ${names[cell.column]!}: ${count(value)} of ${count(sum)} (${percent(value / sum)})`;
}

function accuracy({ names, counts, rowSums }: Matrix): number {
  const right = names.reduce((sum, _, i) => sum + counts[i * (names.length + 1)]!, 0);
  return right / rowSums.reduce((sum, each) => sum + each, 0);
}
