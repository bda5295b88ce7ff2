/** How far fakes lie from the real images that they imitate. */
import type { DirectionEvaluation, Reporter } from '@janus/core';
import type { Sides } from '@janus/images';
import type { Features } from '@janus/models';
import { openDistanceNetwork, type DistanceChoice, type SetNetwork } from './distance-networks.js';
import type { DomainImages, MeasuredDirection } from './measure-direction.js';
import { distancesBetween, type SetDistances } from './set-distances.js';

/** What networks that neither generators nor judge depend on tell of a direction. */
type SeenDistances = SetDistances & Pick<DirectionEvaluation, 'cycle'>;

/** Options of {@link measureDistances}. */
export interface MeasureDistancesOptions extends DistanceChoice, Sides {
  /** Part of the data that they are of, for the protocol. */
  readonly split: string;
  readonly reporter: Reporter;
  /** Ends the work between batches. */
  readonly signal?: AbortSignal | undefined;
}

/** A direction that was measured: what it is made of, what it imitates, what it made. */
export interface MeasuredWay {
  readonly from: DomainImages;
  readonly to: DomainImages;
  readonly measured: MeasuredDirection;
}

/**
 * Measures directions, each by itself; images that several of them share are looked at once.
 *
 * @returns what is seen of each, in their order
 * @throws the errors of {@link openDistanceNetwork}
 */
export async function measureDistances(
  options: MeasureDistancesOptions,
  ways: readonly MeasuredWay[],
): Promise<readonly SeenDistances[]> {
  const { size, width, split, reporter, signal } = options;
  const network = await openDistanceNetwork({ size, width }, options, { reporter, signal });
  const { set, perceptual } = network;
  const cycleOf = async ({
    from,
    measured: { result, cycled },
  }: MeasuredWay): Promise<Pick<DirectionEvaluation, 'cycle'>> =>
    perceptual === undefined || cycled === undefined
      ? {}
      : {
          cycle: {
            ...result.cycle,
            perceptual: await perceptual(cycled, from.pixels, from.count),
          },
        };
  try {
    const seen = set === undefined ? ways.map(() => ({})) : await seenBy(set, split, ways);
    const distances: SeenDistances[] = [];
    for (const [i, way] of ways.entries()) {
      distances.push({ ...seen[i], ...(await cycleOf(way)) });
    }
    return distances;
  } finally {
    network.dispose();
  }
}

async function seenBy(
  network: SetNetwork,
  split: string,
  ways: readonly MeasuredWay[],
): Promise<readonly SetDistances[]> {
  const known = new Map<Uint8Array, Features>();
  const featuresOf = async (real: DomainImages): Promise<Features> => {
    const features =
      known.get(real.pixels) ??
      (await network.features(real.pixels, real.count, `images of ${real.title}`));
    known.set(real.pixels, features);
    return features;
  };
  const seen: SetDistances[] = [];
  for (const { from, to, measured } of ways) {
    const { twins } = from;
    const [sources, targets] = [await featuresOf(from), await featuresOf(to)];
    seen.push(
      await distancesBetween(network, {
        ...{ sources, targets, reference: `images of ${to.title}, ${split} split` },
        fakes: await network.features(measured.fakes, from.count, `fakes of ${from.title}`),
        ...(twins === undefined
          ? {}
          : {
              twins: await network.features(
                twins.images.pixels,
                twins.images.count,
                `twins of ${from.title}`,
              ),
            }),
      }),
    );
  }
  return seen;
}
