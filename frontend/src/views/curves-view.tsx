import { EpochsCard } from "./epochs-card";
import { PrCard } from "./pr-card";
import { RocCard } from "./roc-card";
import { RunTable } from "./run-table";

export function CurvesView() {
  return (
    <div class="grid">
      <RocCard />
      <PrCard />
      <EpochsCard />
      <RunTable />
    </div>
  );
}
