/** What of a face's age is drawn. */
import type { Face } from './attributes.js';
import { wrinkleDepthOf } from './head.js';
import { greyOf, lookOf } from './look.js';

/** The traces of age that vary among people of an age, so that nobody can read it exactly. */
export interface AgeTraces {
  /** Depth of the wrinkles, 0 to 1; 0 up to 30 years as a rule. */
  readonly wrinkles: number;
  /** Share of grey in the hair, 0 to 0.75; 0 up to 48 years as a rule. Bald heads, and grey hair by nature, hide it. */
  readonly grey: number;
}

/**
 * Returns what age has left on a face. They bound what any classifier can tell of it: `experiments/age-bound.ts` measures
 * the bound.
 */
export function ageTracesOf(face: Face): AgeTraces {
  const look = lookOf(face);
  return { wrinkles: wrinkleDepthOf(look), grey: greyOf(face.attributes.age, look.trait) };
}
