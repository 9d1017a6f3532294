import { beforeEach, describe, expect, test } from "vitest";

import { FakeCanvas, FakeHost } from "./fake-host";
import type { PlotSpec, Theme } from "./mark";
import { Plot } from "./plot";

const THEME: Theme = {
  text: "#212121",
  secondary: "#616161",
  grid: "#e8e8e8",
  axis: "#9e9e9e",
  surface: "#ffffff",
  guide: "#bdbdbd",
};

/** A fresh specification each time, as a view makes one for every frame. */
function roc(y = 0.75): PlotSpec {
  return {
    x: { kind: "linear", domain: [0, 1], label: "False positive rate" },
    y: { kind: "linear", domain: [0, 1], label: "True positive rate" },
    lines: [
      { id: "a", x: [0, 0.25, 1], y: [0, y, 1], color: "#aa0000" },
      { id: "b", x: [0, 0.5, 1], y: [0, 0.5, 1], color: "#00bb00", dash: [6, 3] },
    ],
    guides: [{ x: [0, 1], y: [0, 1] }],
  };
}

let host: FakeHost;
let plot: Plot;
let background: FakeCanvas;
let main: FakeCanvas;
let over: FakeCanvas;

beforeEach(() => {
  // Margins of 50, 8, 12 and 38 leave a plot of 400 by 300.
  host = new FakeHost(462, 346, 2);
  plot = new Plot(host.element);
  [background, main, over] = host.canvases as [FakeCanvas, FakeCanvas, FakeCanvas];
});

function forget(): void {
  for (const canvas of host.canvases) canvas.calls = [];
}

test("three canvases as sharp as the screen", () => {
  plot.draw(roc(), THEME);
  expect(host.canvases).toHaveLength(3);
  for (const canvas of host.canvases) expect([canvas.width, canvas.height]).toEqual([924, 692]);
  expect(main.argumentsOf("setTransform")).toEqual([[2, 0, 0, 2, 0, 0]]);
  expect(main.style).toMatchObject({ position: "absolute", width: "462px", height: "346px" });
});

describe("background", () => {
  test("is drawn once for any number of frames with equal axes and guides", () => {
    plot.draw(roc(), THEME);
    forget();
    plot.draw(roc(0.8), THEME);
    expect(background.calls).toEqual([]);
    expect(main.argumentsOf("stroke")).toHaveLength(2);
  });

  test.each([
    ["axis", { ...roc(), x: { ...roc().x, domain: [0, 0.1] as const } }, THEME],
    ["guide", { ...roc(), guides: [{ x: [0, 1], y: [0.2, 0.2] }] }, THEME],
    ["aspect", { ...roc(), equal: true }, THEME],
    ["theme", roc(), { ...THEME }],
  ])("is drawn again for another %s", (_, spec, theme) => {
    plot.draw(roc(), THEME);
    forget();
    plot.draw(spec, theme);
    expect(background.argumentsOf("stroke").length).toBeGreaterThan(0);
  });
});

test("at rest lines have their width and dash; moving, they are bevelled hairlines", () => {
  plot.draw(roc(), THEME);
  expect(main.argumentsOf("lineWidth")).toEqual([[1.5], [1.5]]);
  expect(main.argumentsOf("setLineDash")).toEqual([[[]], [[6, 3]]]);
  forget();
  plot.draw(roc(), THEME, { moving: true });
  expect(main.argumentsOf("lineWidth")).toEqual([[0.5], [0.5]]);
  expect(main.argumentsOf("setLineDash")).toEqual([[[]], [[]]]);
  expect(main.argumentsOf("lineJoin")).toEqual([["bevel"], ["bevel"]]);
});

test("lines are clipped to the plot area and a pixel around it", () => {
  plot.draw(roc(), THEME);
  expect(main.argumentsOf("rect")).toEqual([[49, 7, 402, 302]]);
  expect(main.calls.findIndex(([name]) => name === "clip")).toBeLessThan(
    main.calls.findIndex(([name]) => name === "stroke"),
  );
});

describe("overlay", () => {
  beforeEach(() => {
    plot.draw(roc(), THEME);
    forget();
  });

  test("dims the main layer without drawing it, and draws the emphasised line thick", () => {
    plot.overlay({ emphasis: "b" });
    expect(main.calls).toEqual([]);
    expect(main.style.opacity).toBe("0.3");
    expect(over.argumentsOf("strokeStyle")).toEqual([["#00bb00"]]);
    expect(over.argumentsOf("lineWidth")).toEqual([[2.5]]);
    expect(over.argumentsOf("clip")).toHaveLength(1);
  });

  test("a hit is a crosshair and a dot, and emphasises its line", () => {
    plot.overlay({ hit: plot.nearest(150, 83) });
    expect(over.argumentsOf("strokeStyle")[0]).toEqual(["#aa0000"]);
    // The vertex at 0.25, 0.75.
    expect(over.argumentsOf("arc")[0]!.slice(0, 2)).toEqual([150, 83]);
    expect(main.style.opacity).toBe("0.3");
  });

  test("taken away, everything is as before; twice costs nothing", () => {
    plot.overlay({ emphasis: "b" });
    forget();
    plot.overlay({});
    expect(main.style.opacity).toBe("");
    expect(over.argumentsOf("clearRect")).toHaveLength(1);
    forget();
    plot.overlay({ hit: null, emphasis: null, points: [], brush: null });
    expect(over.calls).toEqual([]);
  });

  test("a line that this plot does not have dims nothing", () => {
    plot.overlay({ emphasis: "elsewhere" });
    expect(main.style.opacity).toBe("");
  });

  test("follows the line into the next frame", () => {
    plot.overlay({ emphasis: "a" });
    forget();
    plot.draw(roc(0.5), THEME);
    expect(over.argumentsOf("lineTo")).toContainEqual([150, 158]);
  });

  test("a brush is the box between its corners, in any order", () => {
    plot.overlay({ brush: [300, 200, 100, 50] });
    // Two device pixels to a CSS px: edges of 1 px are sharp on whole px.
    expect(over.argumentsOf("rect")).toContainEqual([100, 50, 200, 150]);
  });
});

test("data and places are each other's inverse, and the plot area is told", () => {
  expect([plot.plotArea.width, plot.toPixel(0.5, 0.5).px, plot.nearest(0, 0)]).toEqual([0, NaN, null]);
  plot.draw(roc(), THEME);
  expect(plot.plotArea).toEqual({ left: 50, top: 8, width: 400, height: 300 });
  expect(plot.toPixel(0.25, 0.75)).toEqual({ px: 150, py: 83 });
  expect(plot.toData(150, 83)).toEqual({ x: 0.25, y: 0.75 });
});

test("the hit test follows the drawing", () => {
  plot.draw(roc(0.75), THEME);
  expect(plot.nearest(150, 83)).toEqual({ id: "a", index: 1, x: 0.25, y: 0.75, px: 150, py: 83 });
  plot.draw(roc(0.25), THEME);
  expect(plot.nearest(150, 83)).toBeNull();
  expect(plot.nearest(150, 83, 300)).not.toBeNull();
});

test("a hidden host is drawn when it is shown", () => {
  host.clientHeight = 0;
  plot.draw(roc(), THEME);
  plot.resize();
  expect(host.canvases.flatMap((canvas) => canvas.calls)).toEqual([]);
  host.clientHeight = 346;
  plot.resize();
  expect(main.argumentsOf("stroke")).toHaveLength(2);
});

test("a host that is hidden again keeps its picture; one that grew is drawn anew", () => {
  plot.draw(roc(), THEME);
  forget();
  host.clientHeight = 0;
  plot.resize();
  expect([main.calls, main.height]).toEqual([[], 692]);
  host.clientHeight = 446;
  plot.resize();
  expect(main.height).toBe(892);
  expect(background.argumentsOf("stroke").length).toBeGreaterThan(0);
  expect(plot.plotArea.height).toBe(400);
});

test("dispose leaves nothing in the host", () => {
  expect(host.canvases.map((canvas) => canvas.isAttached)).toEqual([true, true, true]);
  plot.dispose();
  expect(host.canvases.map((canvas) => canvas.isAttached)).toEqual([false, false, false]);
});
