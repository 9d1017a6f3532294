import { expect, test } from "vitest";
import { FakeHost } from "./fake-host";
import type { PlotSpec, Theme } from "./mark";
import { type Picture, pictureCanvas, pictureSvg } from "./picture";

const THEME: Theme = { text: "#111111", secondary: "#222222", grid: "#333333", axis: "#444444", surface: "#fefefe", guide: "#555555" };
const SPEC: PlotSpec = {
  x: { kind: "linear", domain: [0, 1], label: "FPR" },
  y: { kind: "linear", domain: [0, 1], label: "TPR" },
  lines: [{ id: "a", x: [0, 1], y: [0, 1], color: "#12b5cb" }],
};

function picture(runs: number): Picture {
  const legend = Array.from({ length: runs }, (_, i) => ({ color: "#12b5cb", text: `run <${i}>` }));
  return { spec: SPEC, theme: THEME, size: { width: 300, height: 200 }, caption: "ROC & more", legend };
}

test("the SVG has the plot, the caption and the legend, escaped", () => {
  const svg = pictureSvg(picture(2));
  expect(svg).toMatch(/^<svg .*width="300" height="242"/); // 200, two lines of 18, 6 of margin
  expect(svg).toContain(">ROC &amp; more</text>");
  expect(svg).toContain(">run &lt;1&gt;</text>");
  expect(svg.match(/stroke="#12b5cb"/g)).toHaveLength(3);
});

test("a long legend wraps, and nothing of it lies outside", () => {
  const svg = pictureSvg(picture(9));
  // 82 px an entry: three in a row of 300
  expect(svg).toContain('height="278"');
  const legend = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>run/g)].map(([, x, y]) => [Number(x), Number(y)]);
  expect(legend).toHaveLength(9);
  expect(new Set(legend.map(([, y]) => y)).size).toBe(3);
  for (const [x, y] of legend) expect(x! < 300 - 42 && y! < 278).toBe(true);
});

test("the canvas holds the whole picture in device pixels", () => {
  const host = new FakeHost(0, 0);
  pictureCanvas(picture(2), host.ownerDocument as Document, 2);
  const [canvas] = host.canvases;
  expect([canvas!.width, canvas!.height]).toEqual([600, 484]);
  expect(canvas!.argumentsOf("setTransform")).toEqual([[2, 0, 0, 2, 0, 0]]);
  expect(canvas!.argumentsOf("fillText").map(([text]) => text)).toContain("run <1>");
});
