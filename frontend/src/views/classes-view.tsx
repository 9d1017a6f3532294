import { ClassTable } from "./class-table";
import { CurveCard } from "./curve-card";

/** The focused run's classes in order, and the curves of the one chosen. */
export function ClassesView() {
  return (
    <div class="grid classes">
      <ClassTable />
      <CurveCard slot="first" />
      <CurveCard slot="second" />
    </div>
  );
}
