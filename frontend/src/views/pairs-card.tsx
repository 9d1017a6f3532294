import type { Signal } from "@preact/signals";
import type { Cell } from "../chart";
import type { Matrix, Pair } from "../data/confusion";
import { Card } from "./card";
import { count, percent } from "./format";

interface Props {
  matrix: Matrix | null;
  pairs: readonly Pair[];
  cell: Signal<Cell | null>;
}

/** The mistakes made most often. Pointing at one marks its cell. */
export function PairsCard({ matrix, pairs, cell }: Props) {
  return (
    <Card title="Most confused pairs" detail="true → predicted">
      <div class="table-scroll" tabIndex={0} role="group" aria-label="Pairs, scrollable">
        <table class="pairs">
          <thead>
            <tr>
              <th scope="col">Pair</th>
              <th scope="col">Count</th>
              <th scope="col" title="Share of the true class">Of true</th>
            </tr>
          </thead>
          <tbody>
            {matrix &&
              pairs.map((pair) => (
                <tr
                  key={`${pair.row} ${pair.column}`}
                  class={cell.value?.row === pair.row && cell.value.column === pair.column ? "hover" : ""}
                  onPointerEnter={() => (cell.value = pair)}
                  onPointerLeave={() => (cell.value = null)}
                >
                  <th scope="row">
                    {matrix.names[pair.row]} → {matrix.names[pair.column]}
                  </th>
                  <td>{count(pair.count)}</td>
                  <td>{percent(pair.share)}</td>
                </tr>
              ))}
          </tbody>
        </table>
        {matrix && !pairs.length && <p class="quiet">No mistakes at this epoch.</p>}
      </div>
    </Card>
  );
}
