/** How near fakes come to their twins, and how the twins themselves fare. */
import {
  accuracyOf,
  clusterBootstrap,
  type Interval,
  type TwinError,
  type TwinsEvaluation,
} from '@janus/core';
import { featureDistances, imageDistances, type Features } from '@janus/models';
import type { Judgement } from './judge.js';
import type { Twins } from './twins.js';

/** Images of a direction with what the judge makes of them; without a judge, the images alone. */
export interface JudgedImages {
  /** uint8 [N, size, width, 3]. */
  readonly pixels: Uint8Array;
  readonly judgement?: Judgement | undefined;
}

/** What is measured with twins. */
export interface TwinMeasures {
  /** Absent where the twins equal the originals, so that there is nothing to compare with. */
  readonly twinError?: TwinError;
  readonly twins: TwinsEvaluation;
}

/**
 * Returns the twin error of a direction's fakes, and the share of the twins that the judge takes for the target.
 *
 * @param images the originals and fakes of the whole domain; the twins of those that have one
 * @param target title of the domain that the images are translated to
 */
export function twinMeasures(
  { places, people }: Twins,
  images: Record<'originals' | 'fakes' | 'twins', JudgedImages>,
  target: string,
): TwinMeasures {
  const { originals, fakes, twins } = images;
  const n = places.length;
  const ratio = (distances: (from: JudgedImages) => readonly number[]): Interval | undefined =>
    ratioOfMeans(distances(fakes), distances(originals), people);
  const inPixels = ratio(({ pixels }) =>
    imageDistances(pixelsAt(pixels, places, twins.pixels.length / n), twins.pixels, n),
  );
  const ofTwins = twins.judgement;
  const inFeatures =
    ofTwins === undefined
      ? undefined
      : ratio(({ judgement = ofTwins }) =>
          featureDistances(featuresAt(judgement.features, places), ofTwins.features),
        );
  const judged = ofTwins?.classes.map((value) => value === target);
  return {
    ...(inPixels === undefined ? {} : { twinError: errorOf(n, inPixels, inFeatures) }),
    twins: { n, ...(judged === undefined ? {} : { judgedAsTarget: accuracyOf(judged, people) }) },
  };
}

function errorOf(n: number, pixels: Interval, features: Interval | undefined): TwinError {
  const rangeOf = ({ low, high }: Interval): Pick<Interval, 'low' | 'high'> => ({ low, high });
  return {
    n,
    ...(features === undefined ? {} : { features: features.value }),
    pixels: pixels.value,
    ranges: {
      ...(features === undefined ? {} : { features: rangeOf(features) }),
      pixels: rangeOf(pixels),
    },
  };
}

/** Returns mean over mean with its interval, a bootstrap over people; undefined where the second is 0. */
function ratioOfMeans(
  above: readonly number[],
  below: readonly number[],
  people: readonly string[],
): Interval | undefined {
  const sum = (values: readonly number[], items: readonly number[]): number =>
    items.reduce((total, i) => total + (values[i] ?? 0), 0);
  const statistic = (items: readonly number[]): number => sum(above, items) / sum(below, items);
  return below.some((each) => each > 0)
    ? clusterBootstrap({ clusters: people, statistic })
    : undefined;
}

/** Returns some of the images: uint8 [places, each]. */
function pixelsAt(pixels: Uint8Array, places: readonly number[], each: number): Uint8Array {
  const taken = new Uint8Array(places.length * each);
  places.forEach((place, i) => {
    taken.set(pixels.subarray(place * each, (place + 1) * each), i * each);
  });
  return taken;
}

/** Returns some of the features: float32 [places, ...]. */
function featuresAt({ data, shape, count }: Features, places: readonly number[]): Features {
  const each = data.length / count;
  const taken = new Float32Array(places.length * each);
  places.forEach((place, i) => {
    taken.set(data.subarray(place * each, (place + 1) * each), i * each);
  });
  return { data: taken, shape, count: places.length };
}
