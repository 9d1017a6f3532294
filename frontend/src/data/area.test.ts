import { describe, expect, test } from "vitest";
import { partialArea, unpairedDifference } from "./area";
import { MEAN, NO_POSITIVES, SKLEARN } from "./fake-curves";

describe("partial areas", () => {
  test.each([
    // metrics.roc_auc_score(y_true, y_score, max_fpr=...)
    [0.1, 0.6240601503759399],
    [0.25, 0.691609977324263],
    [0.5, 0.7275132275132276],
  ])("up to an FPR of %d, standardised", (to, expected) => {
    expect(partialArea(SKLEARN, 0, to).standardised).toBeCloseTo(expected, 14);
  });

  test("between two rates", () => {
    // np.trapezoid over np.interp(x, fpr, tpr) at 200,001 x from 0.25 to 0.5
    expect(partialArea(SKLEARN, 0.25, 0.5).area).toBeCloseTo(0.1805555555555536, 10);
  });

  test("over all rates is the area, standardised or not", () => {
    // metrics.roc_auc_score(y_true, y_score)
    const { area, standardised } = partialArea(SKLEARN, 0, 1);
    expect(area).toBeCloseTo(0.753968253968254, 14);
    expect(standardised).toBeCloseTo(area, 14);
  });

  test("of a mean curve too; without positives there is none", () => {
    expect(partialArea(MEAN, 0, 1).area).toBeCloseTo(0.09375 + 0.65625, 14);
    expect(partialArea(NO_POSITIVES, 0, 0.1)).toEqual({ area: NaN, standardised: NaN });
  });
});

test("the interval of a difference adds the variances of both", () => {
  const { value, margin } = unpairedDifference(0.9, 0.03, 0.85, 0.04);
  expect(value).toBeCloseTo(0.05, 14);
  expect(margin).toBeCloseTo(1.959963984540054 * 0.05, 14);
  expect(unpairedDifference(0.9, NaN, 0.85, 0.04).margin).toBeNaN();
});
