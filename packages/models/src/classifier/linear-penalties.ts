/** Ridge penalties of linear heads: which are fitted, and when weaker ones no longer help. */

/** Penalties that are always fitted, from strong to weak, in half decades; each begins where the last one ended. */
export const LINEAR_PENALTIES: readonly number[] = [
  ...[100, 30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001],
];

/** Weaker ones, fitted while they lower the validation loss: below these, the loss's own tolerance decides the fit. */
const WEAKER_PENALTIES: readonly number[] = [3e-4, 1e-4, 3e-5, 1e-5];

/** All penalties, in their order. */
export const ALL_PENALTIES: readonly number[] = [...LINEAR_PENALTIES, ...WEAKER_PENALTIES];

/** Weaker penalties in a row without a lower loss that end the fits: one can be noise. */
const PATIENCE = 2;

/**
 * Returns whether a penalty is fitted: one of {@link LINEAR_PENALTIES} always, a weaker one as long as one of the last two
 * had the lowest loss so far.
 *
 * @param next its place in {@link ALL_PENALTIES}
 * @param best place of the lowest loss so far
 */
export const isFitted = (next: number, best: number): boolean =>
  next < LINEAR_PENALTIES.length || (next < ALL_PENALTIES.length && best >= next - PATIENCE);
