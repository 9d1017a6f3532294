import type { Matrix } from "../data/confusion";
import { count } from "./format";

/** Larger matrices are told by their most confused pairs. */
const MOST_CLASSES = 30;

/** The picture's twin for those who cannot see it. */
export function MatrixTable({ matrix: { names, counts } }: { matrix: Matrix }) {
  if (names.length > MOST_CLASSES) return null;
  return (
    <table class="visually-hidden">
      <caption>Counts; rows are true classes, columns predicted ones</caption>
      <thead>
        <tr>
          <th scope="col">true \ predicted</th>
          {names.map((name) => (
            <th key={name} scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {names.map((name, row) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {names.map((other, column) => (
              <td key={other}>{count(counts[row * names.length + column]!)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
