import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { expect, test } from "vitest";

const SRC = import.meta.dirname;

/** Which layers each layer may import from, beside itself. `main.ts` joins them all. */
const ALLOWED: Record<string, readonly string[]> = {
  host: [],
  data: [],
  chart: [],
  state: ["data"],
  views: ["chart", "state", "data"],
};

const layerOf = (file: string): string => relative(SRC, file).split(sep)[0]!;

function sources(): string[] {
  const all = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  return all.filter((name) => /\.tsx?$/.test(name) && layerOf(join(SRC, name)) in ALLOWED).map((name) => join(SRC, name));
}

/** The layers that the text of `file` imports from, statically or dynamically; packages are not layers. */
function importedLayers(file: string, text: string): string[] {
  const specifiers = [...text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)["'](\.[^"']+)["']/g)].map((match) => match[1]!);
  return specifiers.map((specifier) => layerOf(resolve(dirname(file), specifier)));
}

test("every layer imports only what it may know", () => {
  const found = sources();
  expect(found.length).toBeGreaterThan(10);
  const violations = found.flatMap((file) => {
    const own = layerOf(file);
    return importedLayers(file, readFileSync(file, "utf8"))
      .filter((layer) => layer !== own && !ALLOWED[own]!.includes(layer))
      .map((layer) => `${relative(SRC, file)} imports ${layer}/`);
  });
  expect(violations).toEqual([]);
});

test("the reader of imports sees every spelling", () => {
  const file = join(SRC, "chart", "plot.ts");
  const text = `import "../host/a"; import type { B } from '../data/b'; export * from "../state/c"; await import("../views/d");`;
  expect(importedLayers(file, text)).toEqual(["host", "data", "state", "views"]);
});
