/** Learning-rate schedules: pure functions of the update. */

/** How the learning rate of a phase goes from its first update to its last. */
export type Schedule = 'constant' | 'linear' | 'cosine' | 'one-cycle' | 'step';

/**
 * Returns the factor of the learning rate at an update.
 *
 * @param step the update, counted from 0
 * @param steps updates in all, at least 1
 * @returns from 0 to 1
 */
export type ScheduleFactor = (step: number, steps: number) => number;

/** Share of the updates over which `cosine` rises to the full rate; PyTorch and timm users take 3 to 10 %. */
const WARM_UP = 0.05;

/** Share of the updates over which `one-cycle` rises; fastai's `pct_start`. */
const RISE = 0.25;
/** What `one-cycle` begins at, as a divisor of the full rate; fastai's `div`. */
const FIRST_DIVISOR = 25;
/** What `one-cycle` ends at, as a divisor of the full rate; fastai's `div_final`. */
const LAST_DIVISOR = 1e5;

/** Parts of a phase that `step` gives a rate of their own: torchvision's 30 of 90 epochs. */
const PARTS = 3;
/** Factor of the rate from one part of `step` to the next; torchvision's `lr_gamma`. */
const PART_FACTOR = 0.1;

/** Returns a half cosine from `start` to `end` at `position`, 0 to 1. */
const cosineBetween = (start: number, end: number, position: number): number =>
  start + ((1 - Math.cos(Math.PI * position)) * (end - start)) / 2;

/**
 * All schedules.
 *
 * - `constant`: the full rate.
 * - `linear`: falls from the full rate by the same amount each update; the last has 1 / steps of it.
 * - `cosine`: rises over the first 5 % of the updates, then falls along a half cosine towards 0.
 *   Source: Loshchilov and Hutter 2017, arXiv 1608.03983, without restarts; warm-up as Goyal et al. 2017,
 *   arXiv 1706.02677, section 2.2.
 * - `one-cycle`: along half cosines from 1/25 of the rate to all of it over the first quarter, then to a
 *   hundred-thousandth. Source: Smith 2018, arXiv 1803.09820, with fastai's numbers. Differs from fastai: the
 *   optimizer's momentum stays as it is.
 * - `step`: the full rate, from a third of the updates on a tenth, from two thirds on a hundredth.
 */
export const SCHEDULES: Readonly<Record<Schedule, ScheduleFactor>> = {
  constant: () => 1,
  linear: (step, steps) => 1 - step / steps,
  cosine: (step, steps) => {
    const rising = Math.round(WARM_UP * steps);
    return step < rising
      ? (step + 1) / (rising + 1)
      : cosineBetween(1, 0, (step - rising) / (steps - rising));
  },
  'one-cycle': (step, steps) => {
    const position = step / steps;
    return position < RISE
      ? cosineBetween(1 / FIRST_DIVISOR, 1, position / RISE)
      : cosineBetween(1, 1 / LAST_DIVISOR, (position - RISE) / (1 - RISE));
  },
  step: (step, steps) => PART_FACTOR ** Math.floor((PARTS * step) / steps),
};

/** The names of all schedules. */
export const SCHEDULE_NAMES = Object.keys(SCHEDULES) as readonly Schedule[];

/**
 * Returns the factor that takes a rate from `first` to `last` in equal ratios: the sweep of a rate finder.
 *
 * @param step the update, counted from 0
 * @param steps updates in all, at least 2
 */
export function exponentialSweep(
  { first, last }: { readonly first: number; readonly last: number },
  step: number,
  steps: number,
): number {
  return first * (last / first) ** (step / (steps - 1));
}
