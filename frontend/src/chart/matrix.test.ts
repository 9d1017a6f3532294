import { beforeEach, describe, expect, test } from "vitest";

import { FakeCanvas, FakeHost } from "./fake-host";
import { Matrix, type MatrixSpec, type MatrixTheme } from "./matrix";

const THEME: MatrixTheme = {
  text: "#212121",
  secondary: "#616161",
  grid: "#e8e8e8",
  axis: "#9e9e9e",
  surface: "#ffffff",
  guide: "#bdbdbd",
  dark: false,
};

let host: FakeHost;
let matrix: Matrix;
let cells: FakeCanvas;
let over: FakeCanvas;
let image: FakeCanvas;

beforeEach(() => {
  // An edge of 8 px all around leaves 400 by 300.
  host = new FakeHost(416, 316);
  matrix = new Matrix(host.element);
  [cells, over, image] = host.canvases as [FakeCanvas, FakeCanvas, FakeCanvas];
});

function square(count: number, more: Partial<MatrixSpec> = {}): MatrixSpec {
  const values = Float64Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? 1 : 0));
  return { rows: count, columns: count, values, ...more };
}

/** The texts drawn on the cells' layer, in order. */
function texts(): unknown[] {
  return cells.argumentsOf("fillText").map(([text]) => text);
}

/** The colours of the image's pixels, in order: [red, green, blue, alpha]. */
function pixels(): number[][] {
  const [[data]] = image.argumentsOf("putImageData") as [[ImageData]];
  return Array.from({ length: data.data.length / 4 }, (_, i) => [...data.data.subarray(4 * i, 4 * i + 4)]);
}

describe("cells", () => {
  test("as many rows as columns are square cells, centred; others fill the host", () => {
    matrix.draw(square(3), THEME);
    expect(cells.argumentsOf("drawImage")[0]!.slice(1)).toEqual([58, 8, 300, 300]);
    matrix.draw({ rows: 2, columns: 4, values: new Float64Array(8) }, THEME);
    expect(cells.argumentsOf("drawImage")[1]!.slice(1)).toEqual([8, 8, 400, 300]);
    matrix.draw(square(3, { square: false }), THEME);
    expect(cells.argumentsOf("drawImage")[2]!.slice(1)).toEqual([8, 8, 400, 300]);
  });

  test("are one pixel each, scaled up without smoothing; an empty one shows the grid's colour below", () => {
    matrix.draw({ rows: 2, columns: 2, values: Float64Array.of(0, 1, NaN, 1) }, THEME);
    expect(pixels()).toEqual([
      [255, 255, 255, 255],
      [8, 48, 107, 255],
      [0, 0, 0, 0],
      [8, 48, 107, 255],
    ]);
    expect(cells.argumentsOf("imageSmoothingEnabled")).toEqual([[false]]);
    expect(cells.argumentsOf("fillStyle")[0]).toEqual(["#e8e8e8"]);
  });

  test("a thousand classes are pooled to the pixels there are, and a lone error is among them", () => {
    const values = new Float64Array(1000 * 1000);
    values[123 * 1000 + 456] = 1;
    matrix.draw({ rows: 1000, columns: 1000, values }, THEME);
    expect([image.width, image.height]).toEqual([300, 300]);
    expect(pixels().flatMap(([red], i) => (red === 8 ? [i] : []))).toEqual([36 * 300 + 136]);
  });
});

describe("cellAt", () => {
  test("tells row and column, and null outside", () => {
    matrix.draw(square(3), THEME);
    expect(matrix.cellAt(59, 9)).toEqual({ row: 0, column: 0 });
    expect(matrix.cellAt(200, 250)).toEqual({ row: 2, column: 1 });
    expect(matrix.cellAt(358, 308)).toEqual({ row: 2, column: 2 });
    expect(matrix.cellAt(40, 100)).toBeNull();
  });

  test("is null before anything is drawn", () => {
    expect(matrix.cellAt(100, 100)).toBeNull();
  });
});

describe("text", () => {
  const cellText = (row: number, column: number): string => `${row},${column}`;

  test("numbers stand in cells of 26 px, in black or white", () => {
    matrix.draw(square(2, { cellText }), THEME);
    expect(texts()).toEqual(["0,0", "0,1", "1,0", "1,1"]);
    expect(cells.argumentsOf("fillStyle").slice(-4)).toEqual([["#ffffff"], ["#000000"], ["#000000"], ["#ffffff"]]);
  });

  test("numbers are left out where cells are smaller, or the number is wider", () => {
    matrix.draw(square(12, { cellText }), THEME);
    expect(texts()).toEqual([]);
    matrix.draw(square(10, { cellText: (row, column) => (row === column ? "100.00 %" : "") }), THEME);
    expect(texts()).toEqual([]);
  });

  test("labels and titles stand beside rows and under columns", () => {
    const names = ["cat", "dog"];
    const titles = { rowTitle: "True", columnTitle: "Predicted" };
    matrix.draw(square(2, { rowLabels: names, columnLabels: names, ...titles }), THEME);
    expect(texts()).toEqual(["cat", "dog", "cat", "dog", "True", "Predicted"]);
    // The left edge holds 8 px, a title of 18, a label of 18 and its gap of 6; then the square is centred.
    expect(matrix.cellAt(8 + 18 + 18 + 6 - 2, 20)).toBeNull();
  });

  test("names too many to write are left out, and their room goes to the cells", () => {
    const names = Array.from({ length: 100 }, (_, i) => `class ${i}`);
    matrix.draw(square(100, { rowLabels: names, columnLabels: names }), THEME);
    expect(texts()).toEqual([]);
    expect(cells.argumentsOf("drawImage")[0]!.slice(1)).toEqual([58, 8, 300, 300]);
  });

  test("short labels, as of epochs, are thinned out instead", () => {
    const columnLabels = Array.from({ length: 100 }, (_, i) => String(i));
    matrix.draw({ rows: 2, columns: 100, values: new Float64Array(200), columnLabels }, THEME);
    // A label of two digits and its gap take 18 px, cells 4: every fifth.
    expect(texts().slice(0, 3)).toEqual(["0", "5", "10"]);
  });

  test("a long name ends in an ellipsis", () => {
    matrix.draw(square(2, { rowLabels: ["a very long name of a class", "b"] }), THEME);
    expect(texts()).toEqual(["a very long nam…", "b"]);
  });
});

describe("highlight", () => {
  test("frames a cell on a layer of its own", () => {
    matrix.draw(square(3), THEME);
    cells.calls = [];
    matrix.highlight({ row: 0, column: 2 });
    expect(cells.calls).toEqual([]);
    expect(over.argumentsOf("rect")).toContainEqual([258, 8, 100, 100]);
  });

  test("finds a cell too small to see, with lines to the axes", () => {
    matrix.draw(square(300), THEME);
    matrix.highlight({ row: 100, column: 200 });
    // The cell's centre is 258.5, 108.5.
    expect(over.argumentsOf("rect")).toContainEqual([255, 105, 7, 7]);
    expect(over.argumentsOf("lineTo")).toEqual([[255, 108.5], [258.5, 308]]);
  });

  test("stays through a new drawing, and goes with null", () => {
    matrix.draw(square(3), THEME);
    matrix.highlight({ row: 1, column: 1 });
    over.calls = [];
    matrix.draw(square(3), THEME);
    expect(over.argumentsOf("stroke").length).toBeGreaterThan(0);
    over.calls = [];
    matrix.highlight(null);
    expect(over.argumentsOf("clearRect")).toHaveLength(1);
    expect(over.argumentsOf("stroke")).toEqual([]);
  });
});

test("a hidden host is drawn when it is shown, and disposed of without a trace", () => {
  host.clientHeight = 0;
  matrix.draw(square(3), THEME);
  expect(cells.calls).toEqual([]);
  host.clientHeight = 316;
  matrix.resize();
  expect(cells.argumentsOf("drawImage")).toHaveLength(1);
  matrix.dispose();
  expect([cells.isAttached, over.isAttached]).toEqual([false, false]);
});
