import { expect, test } from "vitest";

import { normalCdf, probit } from "./normal";

// scipy.stats.norm.ppf
test.each([
  [1e-6, -4.753424308822899],
  [0.001, -3.090232306167813],
  [0.0242, -1.9738394633131995],
  [0.0243, -1.9720841590292884],
  [0.25, -0.6744897501960817],
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.999, 3.090232306167813],
])("probit(%d) is the quantile of the normal distribution", (p, z) => {
  expect(probit(p)).toBeCloseTo(z, 7);
});

test("probit ends at infinity", () => {
  expect([probit(0), probit(1), probit(NaN)]).toEqual([-Infinity, Infinity, NaN]);
});

// scipy.stats.norm.cdf
test.each([
  [-8, 6.220960574271785e-16],
  [-3, 0.0013498980316300933],
  [0, 0.5],
  [1, 0.8413447460685429],
  [9, 1],
])("normalCdf(%d) is within 1e-14, and within a millionth of itself", (z, p) => {
  expect(normalCdf(z) / p).toBeCloseTo(1, 6);
  expect(normalCdf(z)).toBeCloseTo(p, 14);
});

test("normalCdf undoes probit", () => {
  for (let i = 1; i < 1000; i++) expect(normalCdf(probit(i / 1000))).toBeCloseTo(i / 1000, 8);
});
