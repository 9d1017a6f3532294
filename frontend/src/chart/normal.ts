/**
 * The normal distribution: what the probit axis of a DET plot is made of.
 */

/** Horner's rule; the coefficient of the highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  // A loop: a frame of a DET plot comes here tens of thousands of times.
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}

// P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution function" (2003).
const CENTRE_TOP = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const CENTRE_BOTTOM = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
];
const TAIL_TOP = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_BOTTOM = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];
const TAIL = 0.02425;

/**
 * The z with Φ(z) = p.
 *
 * The relative error of Acklam's rational approximation is below 1.15e-9, far under a pixel.
 *
 * @param p A probability in 0..1; 0 gives -Infinity and 1 gives Infinity.
 */
export function probit(p: number): number {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p > 1 - TAIL) return -probit(1 - p);
  if (p < TAIL) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(TAIL_TOP, q) / polynomial(TAIL_BOTTOM, q);
  }
  const q = p - 0.5;
  return (polynomial(CENTRE_TOP, q * q) * q) / polynomial(CENTRE_BOTTOM, q * q);
}

// J. F. Hart's algorithm 5666 as given by G. West, "Better approximations to cumulative normal functions" (2005).
const HART_TOP = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
];
const HART_BOTTOM = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];
const HART_LIMIT = 7.07106781186547;

/** Φ(z), the probability that a standard normal variable is at most z; absolute error below 1e-14. */
export function normalCdf(z: number): number {
  if (z > 0) return 1 - normalCdf(-z);
  const distance = -z;
  const density = Math.exp((-distance * distance) / 2);
  if (distance < HART_LIMIT) return (density * polynomial(HART_TOP, distance)) / polynomial(HART_BOTTOM, distance);
  const fraction = [0.65, 4, 3, 2, 1].reduce((rest, k) => distance + k / rest, 1 / 0);
  return density / fraction / Math.sqrt(2 * Math.PI);
}
