import { expect, test } from "vitest";
import { toCsv, toJson } from "./table";

const TABLE = {
  columns: ["run", "step", "area"],
  rows: [
    ["plain", 0, 0.30000001192092896],
    ['a "quoted", one', -1, NaN],
    ['=HYPERLINK("http://x")', 2, Infinity],
  ],
};

test("CSV keeps every digit, quotes what must be, and leaves the undefined empty", () => {
  expect(toCsv(TABLE).split("\n")).toEqual([
    "run,step,area",
    "plain,0,0.30000001192092896",
    '"a ""quoted"", one",-1,',
    `"'=HYPERLINK(""http://x"")",2,Infinity`,
    "",
  ]);
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])("the text %j does not start as a formula", (text) => {
  expect(toCsv({ columns: ["name"], rows: [[text]] }).split("\n")[1]).toMatch(/^"?'/);
});

test("JSON has a record a row, null for what is not defined", () => {
  expect(JSON.parse(toJson(TABLE))).toEqual([
    { run: "plain", step: 0, area: 0.30000001192092896 },
    { run: 'a "quoted", one', step: -1, area: null },
    { run: '=HYPERLINK("http://x")', step: 2, area: null },
  ]);
});
