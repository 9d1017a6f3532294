import { expect, test } from "vitest";

import { runColor } from "./colors";
import type { Size } from "./frame";
import type { Guide, PlotSpec, Theme } from "./mark";
import { drawPlot } from "./picture";
import { SvgPen } from "./svg";

const LIGHT: Theme = {
  text: "#212121",
  secondary: "#616161",
  grid: "#e8e8e8",
  axis: "#9e9e9e",
  surface: "#ffffff",
  guide: "#bdbdbd",
};
const DARK: Theme = {
  text: "#ffffff",
  secondary: "#bdbdbd",
  grid: "#444444",
  axis: "#8a8a8a",
  surface: "#303030",
  guide: "#757575",
};
// Margins of 50, 8, 12 and 38 leave a plot of 400 by 300.
const SIZE = { width: 462, height: 346 };

// y_true [0, 0, 1, 1] with y_score [0.1, 0.4, 0.35, 0.8]: scikit-learn's own example.
const ROC: PlotSpec = {
  x: { kind: "linear", domain: [0, 1], label: "False positive rate" },
  y: { kind: "linear", domain: [0, 1], label: "True positive rate" },
  lines: [
    { id: "a", x: [0, 0, 0.5, 0.5, 1], y: [0, 0.5, 0.5, 1, 1], color: runColor(0, false) },
    { id: "b", x: [0, 0.25, 1], y: [0, 0.75, 1], color: runColor(8, false), dash: [6, 3], alpha: 0.5 },
  ],
  bands: [{ x: [0, 0.5, 1], low: [0, 0.4, 0.9], high: [0, 0.6, 1], color: runColor(0, false) }],
  guides: [{ x: [0, 1], y: [0, 1], label: "chance" }],
  points: [{ x: 0.5, y: 0.5, color: runColor(0, false), shape: "dot", label: "0.4" }],
  rules: [{ axis: "x", at: 0.1, dash: [2, 2], label: "FPR ≤ 0.1" }],
};

/** A plot on its surface, as an SVG document. */
function toSvg(spec: PlotSpec, theme: Theme, size: Size): string {
  const pen = new SvgPen();
  pen.rectangle({ left: 0, top: 0, ...size });
  pen.paint({ fill: theme.surface });
  drawPlot(pen, spec, theme, size);
  return pen.toDocument(size);
}

function isoF1(f1: number): Guide {
  const x = Array.from({ length: 21 }, (_, i) => f1 / (2 - f1) + (i * (1 - f1 / (2 - f1))) / 20);
  return { x, y: x.map((recall) => (f1 * recall) / (2 * recall - f1)), label: `F1 ${f1}` };
}

const PR: PlotSpec = {
  x: { kind: "linear", domain: [0, 1], label: "Recall" },
  y: { kind: "linear", domain: [0, 1], label: "Precision" },
  lines: [{ id: "a", x: [0, 0.5, 0.5, 1], y: [1, 1, 0.5, 2 / 3], color: runColor(0, true), step: "before" }],
  guides: [isoF1(0.5), isoF1(0.8)],
  points: [
    { x: 0.5, y: 1, color: runColor(1, true), shape: "triangle" },
    { x: 1, y: 2 / 3, color: runColor(2, true), shape: "ring", size: 10 },
    { x: 0.5, y: 0.5, color: runColor(3, true), shape: "square" },
  ],
  rules: [{ axis: "y", at: 0.5, strong: true, label: "0.5" }],
  equal: true,
};

const LOG: PlotSpec = {
  x: { kind: "log", domain: [1e-3, 1], label: "False positive rate (log)" },
  y: { kind: "probit", domain: [0.01, 0.6], label: "Miss rate (%)" },
  lines: [{ id: "a", x: [0, 0.01, 0.1, 1], y: [0.9, 0.5, 0.1, 0], color: runColor(0, false) }],
};

// The snapshots are pictures: open them to see what a change did.
test.each([
  ["roc_light", ROC, LIGHT],
  ["precision_recall_dark", PR, DARK],
  ["log_probit", LOG, LIGHT],
])("%s looks as it did", async (name, spec, theme) => {
  await expect(toSvg(spec, theme, SIZE)).toMatchFileSnapshot(`snapshots/${name}.svg`);
});

test("a line passes through its data's places", () => {
  // x = 50 + 400 fpr, y = 308 - 300 tpr.
  expect(toSvg(ROC, LIGHT, SIZE)).toContain(
    '<path d="M50 308L50 158L250 158L250 8L450 8" fill="none" stroke="#425066" stroke-width="1.5"',
  );
});

test("the labels of the plot are text", () => {
  const svg = toSvg(ROC, LIGHT, SIZE);
  for (const text of ["False positive rate", "True positive rate", "chance", "FPR ≤ 0.1", "0.2", "1.0"]) {
    expect(svg).toContain(`>${text}</text>`);
  }
});

test("an axis of epochs has ticks at whole ones only", () => {
  const epochs = { kind: "linear", domain: [0, 2], label: "Epoch" } as const;
  const ticks = (whole: boolean): string[] => {
    const svg = toSvg({ ...ROC, x: { ...epochs, whole } }, LIGHT, SIZE);
    return [...svg.matchAll(/y="322"[^>]*>([^<]*)</g)].map((match) => match[1]!);
  };
  expect(ticks(false)).toEqual(["0.0", "0.5", "1.0", "1.5", "2.0"]);
  expect(ticks(true)).toEqual(["0", "1", "2"]);
});

test("names are escaped", () => {
  const x = { ...ROC.x, label: '<b> & "c"' };
  expect(toSvg({ ...ROC, x }, LIGHT, SIZE)).toContain(">&lt;b&gt; &amp; &quot;c&quot;</text>");
});

test("what lies outside the axes is not marked", () => {
  const points = [{ x: 1.2, y: 0.5, color: "#123456", shape: "dot" as const }];
  const rules = [{ axis: "y" as const, at: -0.1, label: "under" }];
  const svg = toSvg({ ...ROC, points, rules }, LIGHT, SIZE);
  expect(svg).not.toContain("#123456");
  expect(svg).not.toContain("under");
});

test("a band breaks where any of its columns is missing", () => {
  const band = { x: [0, 0.5, 1, 1, 1], low: [0, 0, NaN, 0, 0], high: [1, 1, 1, 1, 0.5], color: "#00ff00" };
  const svg = toSvg({ ...ROC, bands: [band] }, LIGHT, SIZE);
  const outline = "M50 8L250 8L250 308L50 308ZM450 8L450 158L450 308L450 308Z";
  expect(svg).toContain(`d="${outline}" fill="#00ff00" opacity="0.18"`);
});

test("a small multiple has no axis titles", () => {
  expect(toSvg(ROC, LIGHT, { width: 200, height: 140 })).not.toContain("False positive rate");
});
