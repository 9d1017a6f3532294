import type { Rates } from "../data/metrics";
import { count } from "./format";

const WIDTH = 88;
const HEIGHT = 12;
/** Of the bar: positives to the left of here, what was wrongly taken for them to the right. */
const MIDDLE = 60;

/** Positives found and missed, and beside them false positives on the same scale; textures tell them apart, not colour alone. */
export function CountBar({ rates: { tp, fn, fp } }: { rates: Rates }) {
  const unit = MIDDLE / (tp + fn);
  if (!Number.isFinite(unit)) return null;
  const found = tp * unit;
  const wrong = Math.min(fp * unit, WIDTH - MIDDLE);
  const cut = fp * unit > wrong;
  return (
    <svg class="count-bar" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`TP ${count(tp)}, FN ${count(fn)}, FP ${count(fp)}`}>
      <title>{`TP ${count(tp)} · FN ${count(fn)} · FP ${count(fp)}${cut ? ", more than there is room for" : ""}`}</title>
      <path class="found" d={box(0, found)} />
      <path class="missed" d={box(found, MIDDLE - found)} />
      <path class="hatch" d={hatch(found, MIDDLE)} />
      <path class="wrong" d={box(MIDDLE + 1, wrong)} />
      {cut && <path class="cut" d={`M${WIDTH - 5} 0v${HEIGHT}M${WIDTH - 2} 0v${HEIGHT}`} />}
    </svg>
  );
}

const box = (left: number, width: number): string => `M${left} 0h${Math.max(0, width)}v${HEIGHT}h${-Math.max(0, width)}z`;

/** Slanted strokes every 4 px, none of them past the edges. */
function hatch(from: number, to: number): string {
  let strokes = "";
  for (let x = Math.ceil(from / 4) * 4; x + 4 <= to; x += 4) strokes += `M${x} ${HEIGHT}l4 ${-HEIGHT}`;
  return strokes;
}
