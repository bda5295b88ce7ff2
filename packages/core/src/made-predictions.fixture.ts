/** The numbers that tools/oracles/classifier_measures.py makes too. */
export const N = 200;

const items = Array.from({ length: N }, (_, i) => i);

/** Logits of 200 items. */
export function madeLogits(classes: number): number[][] {
  return items.map((i) =>
    Array.from({ length: classes }, (_, c) => 3 * Math.sin(5 * i + 11 * c * c + 1)),
  );
}

/** Mostly the class of the largest logit. */
export function madeLabels(classes: number): number[] {
  return madeLogits(classes).map(
    (row, i) => (row.indexOf(Math.max(...row)) + (i % 5 === 0 ? 1 : 0)) % classes,
  );
}

/** Softmax of the logits. */
export function madeProbabilities(classes: number): number[][] {
  return madeLogits(classes).map((row) => {
    const powers = row.map(Math.exp);
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  });
}

/** Groups of unequal sizes. */
export const madeGroups = (): number[] =>
  items.map((i) => Math.floor((Math.sin(3 * i) + 1) * 1.4999));
