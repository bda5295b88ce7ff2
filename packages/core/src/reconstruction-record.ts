/** How well a generator makes faces again, by where their latent numbers come from. */
import { z } from 'zod';
import { INTERVAL_SCHEMA as interval } from './evaluated-images.js';
import type { Interval } from './statistics.js';

/**
 * Where the latent numbers of an image come from. `encoder`: what the encoder tells; from there on, a search for what is most
 * like the image in `pixels`, or to the face network: `identity`.
 */
export type LatentSource = 'encoder' | 'pixels' | 'identity';

/** Images made again, without a change. */
export interface Reconstruction {
  readonly latent: LatentSource;
  /** Mean absolute difference to the original, 0 to 2 (signed pixels). */
  readonly differenceL1: number;
  /**
   * Mean cosine between what the face network makes of an original and its reconstruction, -1 to 1; interval from a bootstrap
   * over people. Absent where the images are not known to be faces.
   */
  readonly face?: Interval | undefined;
}

/** Reconstructions of the same images. */
export interface ReconstructionsEvaluation {
  readonly n: number;
  readonly ways: readonly Reconstruction[];
  /** The cosine of two originals of two people: what would be left of a face that became someone else's. */
  readonly twoPeople?: Interval | undefined;
  /** Of two originals of one person; absent where nobody has several. */
  readonly onePerson?: Interval | undefined;
}

/** A {@link ReconstructionsEvaluation} in a file. */
export const RECONSTRUCTIONS_SCHEMA: z.ZodType<ReconstructionsEvaluation> = z.looseObject({
  n: z.number(),
  ways: z.array(
    z.looseObject({
      latent: z.enum(['encoder', 'pixels', 'identity']),
      differenceL1: z.number(),
      face: interval.optional(),
    }),
  ),
  twoPeople: interval.optional(),
  onePerson: interval.optional(),
});

const NAMES: Readonly<Record<LatentSource, string>> = {
  encoder: 'as the encoder tells',
  pixels: 'searched in pixels',
  identity: 'searched to the face network',
};

/** Returns reconstructions as rows of a table, under a row of titles. */
export function reconstructionRows({
  ways,
  twoPeople,
  onePerson,
}: ReconstructionsEvaluation): readonly (readonly [string, string, string])[] {
  const cosine = (face: Interval | undefined): string =>
    face === undefined
      ? ''
      : `${face.value.toFixed(2)} [${face.low.toFixed(2)}, ${face.high.toFixed(2)}]`;
  const pair = (name: string, face: Interval | undefined) =>
    face === undefined ? [] : [[name, '', cosine(face)] as const];
  return [
    ['latent numbers', 'difference in pixels (0 to 2)', 'face, cosine to the original'],
    ...ways.map(
      ({ latent, differenceL1, face }) =>
        [NAMES[latent], differenceL1.toFixed(3), cosine(face)] as const,
    ),
    ...pair('two images of one person', onePerson),
    ...pair('two people', twoPeople),
  ];
}
