import type { Criterion } from "../data/metrics";
import { useSession } from "./context";

const NAMES: Record<Criterion, string> = {
  threshold: "threshold =",
  fpr: "FPR ≤",
  tpr: "TPR ≥",
  f1: "max F1",
  youden: "max TPR − FPR (Youden)",
};

const FIRST_LEVEL: Record<Criterion, number> = { threshold: 0.5, fpr: 0.01, tpr: 0.9, f1: 0, youden: 0 };

/** The rule that chooses the same kind of operating point on every run. */
export function RuleControls() {
  const { rule } = useSession().choice;
  const { criterion, level } = rule.value;
  const choose = (chosen: Criterion) => (rule.value = { criterion: chosen, level: FIRST_LEVEL[chosen] });
  const setLevel = (text: string) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value)) rule.value = { criterion, level: value };
  };
  const isRate = criterion !== "threshold";
  return (
    <div class="rule">
      <select aria-label="Criterion" value={criterion} onChange={(event) => choose(event.currentTarget.value as Criterion)}>
        {Object.entries(NAMES).map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      {criterion !== "f1" && criterion !== "youden" && (
        <input
          type="number"
          aria-label={`${NAMES[criterion]} level`}
          step="any"
          min={isRate ? 0 : undefined}
          max={isRate ? 1 : undefined}
          value={Number(level.toPrecision(6))}
          onChange={(event) => setLevel(event.currentTarget.value)}
        />
      )}
    </div>
  );
}
