/** What else a translation changes: attributes that it was to leave as they are. */
import type { EngineName } from '@janus/engine';
import { resizeImages } from '@janus/images';
import type { SquareImages } from '@janus/models';
import { openAttributeTeller, type AttributeTeller } from './attribute-teller.js';
import type { Twins } from './twins.js';

/** Share of images whose attribute differs from the original's as a classifier sees both, 0 to 1, by attribute. */
export type Drift = Readonly<Record<string, number>>;

/** The drift of a direction's fakes, and of the twins: the tellers' own noise. */
export interface DirectionDrift {
  readonly drift: Drift;
  readonly twins?: Drift;
}

/** What {@link driftOf} compares. */
export interface DriftImages {
  readonly originals: SquareImages;
  readonly fakes: SquareImages;
  readonly twins?: Twins | undefined;
}

/** Opens classifier runs that tell attributes; all of them are closed again where one cannot be opened. */
export async function openTellers(
  runs: readonly string[],
  engine?: EngineName | 'auto',
): Promise<readonly AttributeTeller[]> {
  const tellers: AttributeTeller[] = [];
  try {
    for (const run of runs) tellers.push(await openAttributeTeller(run, engine));
    return tellers;
  } catch (error) {
    for (const teller of tellers) teller.dispose();
    throw error;
  }
}

/**
 * Returns for every attribute that the tellers know how often the fakes are told to have another value than their originals.
 *
 * @param changed attributes that the translation is to change, which are left out
 */
export async function driftOf(
  tellers: readonly AttributeTeller[],
  { originals, fakes, twins }: DriftImages,
  changed: readonly string[],
): Promise<DirectionDrift> {
  const ofFakes: Record<string, number> = {};
  const ofTwins: Record<string, number> = {};
  for (const teller of tellers) {
    const told = async (images: SquareImages): Promise<Told> =>
      await teller.tell({
        ...images,
        size: teller.size,
        pixels: await resizeImages(images, teller.size),
      });
    const before = await told(originals);
    const after = await told(fakes);
    const ideal = twins === undefined ? undefined : await told(twins.images);
    for (const [attribute, values] of Object.entries(before)) {
      if (changed.includes(attribute)) continue;
      ofFakes[attribute] = shareOfOthers(after[attribute] ?? [], values);
      if (twins === undefined || ideal === undefined) continue;
      const own = twins.places.map((place) => values[place] ?? '');
      ofTwins[attribute] = shareOfOthers(ideal[attribute] ?? [], own);
    }
  }
  return { drift: ofFakes, ...(twins === undefined ? {} : { twins: ofTwins }) };
}

/** The value of each image, by attribute. */
type Told = Readonly<Record<string, readonly string[]>>;

function shareOfOthers(after: readonly string[], before: readonly string[]): number {
  return after.filter((value, i) => value !== before[i]).length / after.length;
}
