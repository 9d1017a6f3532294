import { beforeEach, expect, test } from "vitest";
import { areas, Fake, series } from "./fake-session";

let fake: Fake;

beforeEach(() => {
  fake = new Fake();
  const { known } = fake.store;
  known.areas.set("a class:cat", areas([0, 1], [0.5, 0.875])).set("a class:dog", areas([0, 1], [0.75, 0.625]));
  known.areas.set("b class:cat", areas([0, 1], [0.5, 0.5])).set("b class:dog", areas([0, 1], [0.5, 0.75]));
  fake.tell(series("a", [0, 1]), series("b", [0, 1]));
  fake.session.setFocus("a");
  fake.session.setView("classes");
});

const names = () => fake.session.ranking.sorted.value.map(({ name }) => name);

test("the focused run's classes, the lowest area first", () => {
  expect(fake.session.ranking.sorted.value).toMatchObject([
    { name: "dog", roc_auc: 0.625, support: 4, delta: NaN, best: { step: 0, value: 0.75 } },
    { name: "cat", roc_auc: 0.875, best: { step: 1 } },
  ]);
});

test("with a baseline the largest loss first", () => {
  fake.session.toggleBaseline("b");
  fake.session.setFocus("a");
  expect(fake.session.ranking.sorted.value.map(({ name, delta }) => [name, delta])).toEqual([["dog", -0.125], ["cat", 0.375]]);
  expect(fake.store.wantedClasses).toEqual({ runs: ["a", "b"], curves: ["class:cat", "class:dog"] });
});

test("a run is not its own baseline", () => {
  fake.session.toggleBaseline("a");
  expect(fake.session.ranking.sorted.value.map(({ delta }) => delta)).toEqual([NaN, NaN]);
  expect(fake.store.wantedClasses?.runs).toEqual(["a"]);
});

test("the order asked for, and a filter in any case", () => {
  fake.session.choice.classSort.value = { column: "name", descending: false };
  expect(names()).toEqual(["cat", "dog"]);
  fake.session.choice.classSort.value = { column: "best", descending: true };
  expect(names()).toEqual(["cat", "dog"]);
  fake.session.choice.classFilter.value = "DO";
  expect(names()).toEqual(["dog"]);
});

test("while the epoch moves the order stays, and at rest it follows", async () => {
  expect(names()).toEqual(["dog", "cat"]);
  fake.session.setEpoch(0);
  fake.session.setEpoch(1);
  fake.session.setEpoch(0);
  expect(fake.session.figures.moving.value).toBe(true);
  expect(names()).toEqual(["dog", "cat"]);
  await expect.poll(names).toEqual(["cat", "dog"]);
});

test("classes without an area come last", () => {
  fake.store.known.areas.delete("a class:dog");
  fake.tell(...fake.session.index.value!.series);
  expect(fake.session.ranking.sorted.value.map(({ name, roc_auc }) => [name, roc_auc])).toEqual([["cat", 0.875], ["dog", NaN]]);
  expect(fake.session.ranking.lowest.value).toBe(0.5);
});
