/** What all evaluations hold: intervals, and the images that were measured. */
import { z } from 'zod';
import type { Interval } from './statistics.js';

/** Where the images of an evaluation come from, and what is known of them. */
export interface EvaluatedImages {
  /**
   * `run`: the part that the run was trained with. `data`: the part of the data as it is split now, since the run does
   * not say with which it was trained. `other`: another data set.
   */
  readonly source: 'run' | 'data' | 'other';
  /** Images of the run's part that the data does not have, or does not use, any more; they are not in n. */
  readonly gone: number;
  /** Images of the run's part whose content is another one now; they are not in n. */
  readonly changed: number;
  /** How many of those in n have the content of an image that the run was trained on; absent where it is not known. */
  readonly trainedOn?: number | undefined;
  /** Whether the data is what it was when the run began; absent where it is not known. */
  readonly sameData?: boolean | undefined;
}

/** An {@link Interval} in a file. */
export const INTERVAL_SCHEMA: z.ZodType<Interval> = z.object({
  value: z.number(),
  low: z.number(),
  high: z.number(),
});

/** {@link EvaluatedImages} in a file. */
export const EVALUATED_IMAGES_SCHEMA: z.ZodType<EvaluatedImages> = z.object({
  source: z.enum(['run', 'data', 'other']),
  gone: z.number(),
  changed: z.number(),
  trainedOn: z.number().optional(),
  sameData: z.boolean().optional(),
});
