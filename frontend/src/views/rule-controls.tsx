import { prevalenceOf, type Criterion } from "../data/operating";
import type { Session } from "../state/session";
import { useSession } from "./context";

const NAMES: Record<Criterion, string> = {
  threshold: "threshold =",
  fpr: "FPR ≤",
  tpr: "TPR ≥",
  precision: "precision ≥",
  f1: "max F1",
  youden: "max TPR − FPR (Youden)",
  cost: "cost, FP : FN =",
};

const FIRST_LEVEL: Record<Criterion, number> = { threshold: 0.5, fpr: 0.01, tpr: 0.9, precision: 0.9, f1: 0, youden: 0, cost: 1 };

/** Ends of the slider; a level beyond them can still be typed. Levels that span magnitudes move by their logarithm. */
const RANGES: Partial<Record<Criterion, readonly [number, number]>> = {
  fpr: [1e-4, 1],
  tpr: [0, 1],
  precision: [0, 1],
  cost: [1e-3, 1e3],
};

const isLogarithmic = (criterion: Criterion): boolean => criterion === "fpr" || criterion === "cost";

/** The rule that chooses the same kind of operating point on every run. */
export function RuleControls() {
  const session = useSession();
  const { rule } = session.choice;
  const { criterion, level } = rule.value;
  const choose = (chosen: Criterion) => (rule.value = { criterion: chosen, level: FIRST_LEVEL[chosen] });
  const setLevel = (value: number) => (rule.value = { ...rule.value, level: value });
  const hasLevel = criterion !== "f1" && criterion !== "youden";
  return (
    <div class="rule">
      <select aria-label="Criterion" value={criterion} onChange={(event) => choose(event.currentTarget.value as Criterion)}>
        {Object.entries(NAMES).map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      {hasLevel && <NumberField label={`${NAMES[criterion]} level`} value={level} least={criterion === "threshold" ? undefined : 0} onChange={setLevel} />}
      {hasLevel && <LevelSlider range={RANGES[criterion] ?? thresholdRange(session)} logarithmic={isLogarithmic(criterion)} onChange={setLevel} />}
      {criterion === "cost" && <Prevalence />}
    </div>
  );
}

interface NumberProps {
  label: string;
  value: number;
  least?: number | undefined;
  onChange: (value: number) => void;
}

/** A number as short as it can be said; what is typed counts to its last digit, what is only shown stays as it was. */
function NumberField({ label, value, least, onChange }: NumberProps) {
  const change = (text: string) => {
    const typed = Number(text);
    if (text.trim() !== "" && Number.isFinite(typed)) onChange(typed);
  };
  return (
    <input
      type="number"
      aria-label={label}
      title={String(value)}
      step="any"
      min={least}
      value={Number(value.toPrecision(6))}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

const SLIDER_STEPS = 400;

interface SliderProps {
  range: readonly [number, number];
  logarithmic: boolean;
  onChange: (value: number) => void;
}

function LevelSlider({ range: [from, to], logarithmic, onChange }: SliderProps) {
  const { level } = useSession().choice.rule.value;
  const forward = logarithmic ? Math.log10 : (value: number) => value;
  const share = (forward(Math.max(level, logarithmic ? Number.MIN_VALUE : -Infinity)) - forward(from)) / (forward(to) - forward(from));
  const levelAt = (position: number) => {
    const value = forward(from) + ((forward(to) - forward(from)) * position) / SLIDER_STEPS;
    return Number((logarithmic ? 10 ** value : value).toPrecision(3));
  };
  return (
    <input
      type="range"
      class="level"
      aria-label="Level"
      aria-valuetext={String(Number(level.toPrecision(4)))}
      min={0}
      max={SLIDER_STEPS}
      value={Math.round(SLIDER_STEPS * Math.min(1, Math.max(0, share)))}
      onInput={(event) => onChange(levelAt(Number(event.currentTarget.value)))}
    />
  );
}

/** Probabilities have the whole range of probabilities, other scores that of the focused run. */
function thresholdRange({ figures }: Session): readonly [number, number] {
  const curve = figures.focusCurve.value;
  const [highest, lowest] = curve?.kind === "counts" ? [curve.threshold[0] ?? 1, curve.threshold.at(-1) ?? 0] : [1, 0];
  return lowest < 0 || highest > 1 ? [lowest, highest] : [0, 1];
}

/** The share of positives where the model will work; unless one is typed, that of the data. */
function Prevalence() {
  const { choice, figures } = useSession();
  const curve = figures.focusCurve.value;
  const own = curve ? prevalenceOf(curve) : NaN;
  const value = choice.rule.value.prevalence;
  const change = (text: string) => {
    const typed = Number(text);
    const { criterion, level } = choice.rule.value;
    const isShare = text.trim() !== "" && typed >= 0 && typed <= 1;
    choice.rule.value = isShare ? { criterion, level, prevalence: typed } : { criterion, level };
  };
  return (
    <label class="labelled" title="Share of positives where the model will work; empty: that of each run's data">
      <span>prevalence</span>
      <input
        type="number"
        aria-label="Prevalence"
        step="any"
        min={0}
        max={1}
        value={value ?? ""}
        placeholder={Number.isNaN(own) ? "" : String(Number(own.toPrecision(4)))}
        onChange={(event) => change(event.currentTarget.value)}
      />
    </label>
  );
}
