import { CurveCard } from "./curve-card";
import { EpochsCard } from "./epochs-card";
import { RunTable } from "./run-table";

export function CurvesView() {
  return (
    <div class="grid">
      <CurveCard slot="first" />
      <CurveCard slot="second" />
      <EpochsCard />
      <RunTable />
    </div>
  );
}
