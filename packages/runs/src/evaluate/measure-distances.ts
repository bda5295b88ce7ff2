/** How far both directions' fakes lie from the real images that they imitate. */
import type { DirectionEvaluation, Reporter } from '@janus/core';
import type { Features } from '@janus/models';
import { openDistanceNetwork, type DistanceChoice, type SetNetwork } from './distance-networks.js';
import type { DomainImages, MeasuredDirection } from './measure-direction.js';
import { distancesBetween, type SetDistances } from './set-distances.js';

/** What networks that neither generators nor judge depend on tell of a direction. */
type SeenDistances = SetDistances & Pick<DirectionEvaluation, 'cycle'>;

/** Options of {@link measureDistances}. */
export interface MeasureDistancesOptions extends DistanceChoice {
  /** Side of the images in pixels. */
  readonly size: number;
  /** Part of the data that they are of, for the protocol. */
  readonly split: string;
  readonly reporter: Reporter;
}

/**
 * Measures both directions.
 *
 * @throws the errors of {@link openDistanceNetwork}
 */
export async function measureDistances(
  options: MeasureDistancesOptions,
  [realX, realY]: readonly [DomainImages, DomainImages],
  { xToY, yToX }: Record<'xToY' | 'yToX', MeasuredDirection>,
): Promise<Record<'xToY' | 'yToX', SeenDistances>> {
  const { size, split, reporter } = options;
  const { set, perceptual, dispose } = await openDistanceNetwork(size, options, reporter);
  const cycleOf = async (
    { result, cycled }: MeasuredDirection,
    from: DomainImages,
  ): Promise<Pick<DirectionEvaluation, 'cycle'>> =>
    perceptual === undefined
      ? {}
      : {
          cycle: {
            ...result.cycle,
            perceptual: await perceptual(cycled, from.pixels, from.count),
          },
        };
  const ends = [
    [realX, realY],
    [realY, realX],
  ] as const;
  try {
    const [forward, back] =
      set === undefined
        ? [{}, {}]
        : await seenBy(set, split, [
            { ends: ends[0], fakes: xToY.fakes },
            { ends: ends[1], fakes: yToX.fakes },
          ]);
    return {
      xToY: { ...forward, ...(await cycleOf(xToY, realX)) },
      yToX: { ...back, ...(await cycleOf(yToX, realY)) },
    };
  } finally {
    dispose();
  }
}

/** A direction's images: what it is made of, what it imitates, what it made. */
interface Way {
  readonly ends: readonly [from: DomainImages, to: DomainImages];
  readonly fakes: Uint8Array;
}

async function seenBy(
  network: SetNetwork,
  split: string,
  [forward, back]: readonly [Way, Way],
): Promise<readonly [SetDistances, SetDistances]> {
  const [x, y] = forward.ends;
  const ofX = await network.features(x.pixels, x.count, `images of ${x.title}`);
  const ofY = await network.features(y.pixels, y.count, `images of ${y.title}`);
  const seen = async (
    { ends: [from, to], fakes }: Way,
    [sources, targets]: readonly [Features, Features],
  ): Promise<SetDistances> => {
    const { twins } = from;
    return await distancesBetween(network, {
      ...{ sources, targets, reference: `images of ${to.title}, ${split} split` },
      fakes: await network.features(fakes, from.count, `fakes of ${to.title}`),
      ...(twins === undefined
        ? {}
        : {
            twins: await network.features(
              twins.images.pixels,
              twins.images.count,
              `twins of ${from.title}`,
            ),
          }),
    });
  };
  return [await seen(forward, [ofX, ofY]), await seen(back, [ofY, ofX])];
}
