/** The dependence that {@link associationOf} measured. */
export interface Association {
  /** Sum of all counts. */
  readonly n: number;
  /** Pearson's chi-square statistic against independence, 0 or more. */
  readonly chiSquare: number;
  /** (rows - 1)(columns - 1), without those that are all zeros. */
  readonly degreesOfFreedom: number;
  /** Probability of a chi-square this large or larger if the columns are independent. */
  readonly p: number;
  /** Cramér's V with Bergsma's bias correction: 0 for independent columns, 1 when one determines the other. */
  readonly cramersV: number;
}

/**
 * Measures how strongly two columns of labels depend on each other. A table with fewer than two rows or
 * columns that are not all zeros shows no dependence: V is 0 and p is 1.
 *
 * @param table counts of pairs of values: one row per value of the first column, one column per value
 * of the second; rows and columns of zeros are left out
 * Source: Cramér 1946, §21.9; bias correction of Bergsma 2013 (J. Korean Stat. Soc. 42): without it,
 * independent columns with many values seem to depend on each other in small samples.
 */
export function associationOf(table: readonly (readonly number[])[]): Association {
  const rows = table.map((row) => row.reduce((a, b) => a + b, 0));
  const width = table.reduce((most, row) => Math.max(most, row.length), 0);
  const columns = Array.from({ length: width }, (_, j) =>
    table.reduce((sum, row) => sum + (row[j] ?? 0), 0),
  );
  const n = rows.reduce((a, b) => a + b, 0);
  let chiSquare = 0;
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      const expected = (row * column) / n;
      if (expected > 0) chiSquare += ((table[i]?.[j] ?? 0) - expected) ** 2 / expected;
    });
  });
  const r = rows.filter((count) => count > 0).length;
  const k = columns.filter((count) => count > 0).length;
  const degreesOfFreedom = Math.max(0, (r - 1) * (k - 1));
  if (degreesOfFreedom === 0 || n < 2) {
    return { n, chiSquare: 0, degreesOfFreedom: 0, p: 1, cramersV: 0 };
  }
  const excess = Math.max(0, chiSquare / n - degreesOfFreedom / (n - 1));
  const smaller = Math.min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1;
  return {
    n,
    chiSquare,
    degreesOfFreedom,
    p: chiSquareTail(chiSquare, degreesOfFreedom),
    cramersV: smaller > 0 ? Math.min(1, Math.sqrt(excess / smaller)) : 0,
  };
}

/**
 * Returns the probability that a chi-square variable is at least `x`: the upper regularised incomplete
 * gamma function at (`degrees` / 2, x / 2), with a relative error of about 1e-10.
 *
 * @param degrees degrees of freedom, at least 1
 * Source: Abramowitz and Stegun 1964, 26.4.19; series 6.5.29, continued fraction 6.5.31.
 */
export function chiSquareTail(x: number, degrees: number): number {
  if (!(x > 0)) return 1;
  const [a, z] = [degrees / 2, x / 2];
  const scale = Math.exp(a * Math.log(z) - z - logGamma(a));
  if (z < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let i = 1; term > sum * 1e-15; i++) {
      term *= z / (a + i);
      sum += term;
    }
    return Math.max(0, 1 - scale * sum);
  }
  // Lentz's algorithm for 1/(z+1-a- 1(1-a)/(z+3-a- 2(2-a)/(z+5-a- ...
  const tiny = 1e-300;
  let b = z + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; i < 10_000; i++) {
    const numerator = -i * (i - a);
    b += 2;
    d = 1 / (numerator * d + b || tiny);
    c = b + numerator / c || tiny;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return Math.min(1, scale * fraction);
}

/** Coefficients for g = 7, n = 9. Source: Lanczos 1964, as computed by Godfrey 2001. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
] as const;

/** Returns the logarithm of the gamma function for an argument of at least 0.5. */
function logGamma(x: number): number {
  const t = x - 1 + 7.5;
  const sum = LANCZOS.reduce((total, each, i) => total + (i === 0 ? each : each / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
