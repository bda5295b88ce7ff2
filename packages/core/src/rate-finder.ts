/** What a sweep of the learning rate tells. */

/** Weight of the losses before in the smoothed loss; fastai's. */
const SMOOTHING = 0.98;

/**
 * Returns the losses of a sweep as an exponential moving average without its bias towards 0, as fastai's
 * `AvgSmoothLoss`.
 */
export function smoothedLosses(losses: readonly number[]): readonly number[] {
  let average = 0;
  return losses.map((loss, i) => {
    average = SMOOTHING * average + (1 - SMOOTHING) * loss;
    return average / (1 - SMOOTHING ** (i + 1));
  });
}

/** The longest falling part of a curve, as places in it. */
export interface Valley {
  readonly from: number;
  readonly to: number;
  /** Two thirds of the way into it at most: half into its middle third. */
  readonly suggestion: number;
}

/**
 * Returns the longest valley of a curve: the longest series of values each below those before it (the places between may
 * be higher). Source: fastai's `valley` (callback/schedule.py), its arithmetic included.
 *
 * @param losses at least one, finite
 */
export function valleyOf(losses: readonly number[]): Valley {
  const lengths = losses.map(() => 1);
  let [from, to] = [0, 0];
  for (let i = 1; i < losses.length; i++) {
    for (let j = 0; j < i; j++) {
      const [own = 1, before = 1] = [lengths[i], lengths[j]];
      if ((losses[i] ?? 0) < (losses[j] ?? 0) && own < before + 1) lengths[i] = before + 1;
      if ((lengths[to] ?? 1) < (lengths[i] ?? 1)) {
        to = i;
        from = to - (lengths[to] ?? 1);
      }
    }
  }
  const third = (to - from) / 3;
  // Of two points, fastai's index is -1.
  const suggestion = Math.max(0, from + Math.floor(third) + Math.floor(third / 2));
  return { from, to, suggestion };
}
