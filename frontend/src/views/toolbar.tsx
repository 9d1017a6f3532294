import type { View } from "../state/choice";
import { ClassCombo } from "./class-combo";
import { useSession } from "./context";
import { IconButton } from "./icons";
import { Segmented } from "./segmented";

const VIEW_NAMES: readonly (readonly [View, string])[] = [
  ["curves", "Curves"],
  ["classes", "Classes"],
  ["confusion", "Confusion"],
];

export function Toolbar() {
  const session = useSession();
  const { choice, selection, helpOpen } = session;
  return (
    <header class="toolbar">
      <h1 class="visually-hidden">curveboard</h1>
      <Segmented label="View" options={VIEW_NAMES} value={choice.view.value} onChange={(view) => session.setView(view)} />
      {selection.dataSet.value && (
        <>
          <DataSelect />
          <div class="labelled">
            <span aria-hidden="true">Class</span>
            <ClassCombo />
          </div>
        </>
      )}
      <span class="stretch" />
      <IconButton name="help" label="Help and keyboard shortcuts" title="Help and keyboard shortcuts (?)" onClick={() => (helpOpen.value = true)} />
    </header>
  );
}

function DataSelect() {
  const session = useSession();
  const { dataSet, dataSets } = session.selection;
  return (
    <label class="labelled">
      <span>Data</span>
      <select value={dataSet.value?.label} onChange={(event) => session.setData(event.currentTarget.value)}>
        {dataSets.value.map(({ label }) => (
          <option key={label} value={label}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
