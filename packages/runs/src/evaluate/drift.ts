/** What else a translation changes: attributes that it was to leave as they are. */
import { accuracyOf, type Interval } from '@janus/core';
import type { EngineName } from '@janus/engine';
import { resizeImages } from '@janus/images';
import type { SizedImages } from '@janus/models';
import { openAttributeTeller, type AttributeTeller } from './attribute-teller.js';
import type { Told } from './judge.js';
import type { Twins } from './twins.js';

/**
 * Share of images whose attribute differs from the original's as a classifier sees both, by attribute; 95 %, over people
 * where they repeat.
 */
export type Drift = Readonly<Record<string, Interval>>;

/** The drift of a direction's fakes, and of the twins: the tellers' own noise. */
export interface DirectionDrift {
  readonly drift: Drift;
  readonly twins?: Drift;
}

/** What {@link driftOf} compares. */
export interface DriftImages {
  readonly originals: SizedImages;
  readonly fakes: SizedImages;
  readonly twins?: Twins | undefined;
  /** The person of each original. */
  readonly people: readonly string[];
  /** Ends the work between batches. */
  readonly signal?: AbortSignal | undefined;
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
  { originals, fakes, twins, people, signal }: DriftImages,
  changed: readonly string[],
): Promise<DirectionDrift> {
  const drifts: DirectionDrift[] = [];
  for (const teller of tellers) {
    const told = async (images: SizedImages): Promise<Told> =>
      await teller.tell(
        {
          ...{ count: images.count, size: teller.size },
          pixels: await resizeImages(images, teller.size),
        },
        signal,
      );
    drifts.push(
      driftBetween(
        {
          originals: await told(originals),
          fakes: await told(fakes),
          people,
          ...(twins === undefined
            ? {}
            : { twins: { told: await told(twins.images), places: twins.places } }),
        },
        changed,
      ),
    );
  }
  return mergedDrift(drifts);
}

/** The values of a direction's images. */
export interface ToldImages {
  readonly originals: Told;
  readonly fakes: Told;
  /** The person of each original. */
  readonly people: readonly string[];
  /** Of the twins, and which originals they are of. */
  readonly twins?: { readonly told: Told; readonly places: readonly number[] };
}

/** Returns how often fakes, and twins, are told to have another value than their originals; see {@link driftOf}. */
export function driftBetween(
  { originals, fakes, people, twins }: ToldImages,
  changed: readonly string[],
): DirectionDrift {
  const kept = Object.entries(originals).filter(([attribute]) => !changed.includes(attribute));
  const drift = (share: (attribute: string, before: readonly string[]) => Interval): Drift =>
    Object.fromEntries(kept.map(([attribute, before]) => [attribute, share(attribute, before)]));
  return {
    drift: drift((attribute, before) => shareOfOthers(fakes[attribute] ?? [], before, people)),
    ...(twins === undefined
      ? {}
      : {
          twins: drift((attribute, before) =>
            shareOfOthers(
              twins.told[attribute] ?? [],
              twins.places.map((place) => before[place] ?? ''),
              twins.places.map((place) => people[place] ?? ''),
            ),
          ),
        }),
  };
}

/** Returns drifts in one; where two have an attribute, the later one's. */
export function mergedDrift(drifts: readonly DirectionDrift[]): DirectionDrift {
  const withTwins = drifts.flatMap(({ twins }) => (twins === undefined ? [] : [twins]));
  return {
    drift: Object.assign({}, ...drifts.map(({ drift }) => drift)) as Drift,
    ...(withTwins.length === 0 ? {} : { twins: Object.assign({}, ...withTwins) as Drift }),
  };
}

function shareOfOthers(
  after: readonly string[],
  before: readonly string[],
  people: readonly string[],
): Interval {
  return accuracyOf(
    after.map((value, i) => value !== before[i]),
    people,
  );
}
