/** Whether a translation keeps who is shown, as a face network sees it. */
import { clusterBootstrap, type FaceEvaluation, type PairsEvaluation } from '@janus/core';
import { featureCosines, type Features, type ImagePair } from '@janus/models';

/** What the face network makes of a direction's images. */
export interface FaceFeatures {
  readonly originals: Features;
  /** As many, in the same order. */
  readonly fakes: Features;
  /** Of those originals that have one, whose places it names. */
  readonly twins?: { readonly features: Features; readonly places: readonly number[] } | undefined;
}

/**
 * Returns how like the originals fakes and twins are, beside two originals of one person and of two people. Each image is
 * paired with the next one of its person, so that no person counts more than by their images, and with the next one of
 * somebody else.
 *
 * @param people the person of each original
 */
export function faceMeasures(
  { originals, fakes, twins }: FaceFeatures,
  people: readonly string[],
): Omit<FaceEvaluation, 'protocol'> {
  const between = (other: Features, pairs: readonly ImagePair[]): PairsEvaluation | undefined =>
    meanOf(
      featureCosines(originals, other, pairs),
      pairs.map(([i]) => people[i] ?? ''),
    );
  const own = between(
    fakes,
    people.map((_, i): ImagePair => [i, i]),
  );
  const ofTwins =
    twins === undefined
      ? undefined
      : between(
          twins.features,
          twins.places.map((place, i): ImagePair => [place, i]),
        );
  const onePerson = between(originals, nextPairs(people, 'same'));
  const twoPeople = between(originals, nextPairs(people, 'another'));
  return {
    fakes: own ?? { value: 0, low: 0, high: 0, pairs: 0 },
    ...(ofTwins === undefined ? {} : { twins: ofTwins }),
    ...(onePerson === undefined ? {} : { onePerson }),
    ...(twoPeople === undefined ? {} : { twoPeople }),
  };
}

/** Returns the mean over pairs with its interval, a bootstrap over the people of the first images; undefined of none. */
function meanOf(values: readonly number[], people: readonly string[]): PairsEvaluation | undefined {
  if (values.length === 0) return undefined;
  const statistic = (items: readonly number[]): number =>
    items.reduce((sum, i) => sum + (values[i] ?? 0), 0) / items.length;
  return { ...clusterBootstrap({ clusters: people, statistic }), pairs: values.length };
}

/**
 * Pairs each image with the next one, round the end, of the same person or of another one; two images of a person are one pair,
 * not two.
 */
function nextPairs(people: readonly string[], of: 'same' | 'another'): readonly ImagePair[] {
  const n = people.length;
  const seen = new Set<string>();
  return people.flatMap((person, i): ImagePair[] => {
    for (let step = 1; step < n; step++) {
      const j = (i + step) % n;
      if ((people[j] === person) !== (of === 'same')) continue;
      const key = `${Math.min(i, j)} ${Math.max(i, j)}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [[i, j]];
    }
    return [];
  });
}
