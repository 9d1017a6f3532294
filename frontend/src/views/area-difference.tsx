import { unpairedDifference, type Difference } from "../data/area";
import type { Row } from "../state/row";
import { shortName } from "../state/runs";
import { useSession } from "./context";
import { rate, signed } from "./format";

export function areaDifference(row: Row, base: Row): Difference {
  return unpairedDifference(row.roc_auc, row.roc_auc_se, base.roc_auc, base.roc_auc_se);
}

/** How much better the focused run is than the baseline, and how sure that is. */
export function DifferenceLine() {
  const { figures, selection } = useSession();
  const base = figures.baselineRow.value;
  const row = figures.rows.value.find(({ series }) => series === selection.focus.value);
  if (!base || !row || base.series === row.series) return null;
  const { value, margin } = areaDifference(row, base);
  if (Number.isNaN(value)) return null;
  return (
    <p class="difference" title={UNPAIRED}>
      <b>{shortName(row.series)}</b> − <b>{shortName(base.series)}</b>: ΔAUC {signed(value, rate)}
      {Number.isNaN(margin)
        ? ", without an interval: a standard error is unknown"
        : `, unpaired 95 % interval ${signed(value - margin, rate)} to ${signed(value + margin, rate)}${verdict(value, margin)}`}
    </p>
  );
}

const UNPAIRED =
  "From the two standard errors, as if the runs had been tested on different examples. Tested on the same ones they agree on many, " +
  "and the true interval is narrower than this.";

const verdict = (value: number, margin: number): string => (Math.abs(value) > margin ? "" : ": no clear difference");
