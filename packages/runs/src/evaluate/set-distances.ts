/** How far sets of images lie from each other, in features of a network that neither generators nor judge depend on. */
import type {
  DirectionEvaluation,
  InceptionScoreEvaluation,
  NeighbourhoodMeasures,
} from '@janus/core';
import {
  frechetDistance,
  inceptionScore,
  kernelDistance,
  kernelDistanceInterval,
  neighbourhoods,
  type Features,
} from '@janus/models';
import type { SetNetwork } from './distance-networks.js';

/** Features of a direction's fakes, of the images they were made of, and of the real ones that they imitate. */
export interface DirectionFeatures {
  readonly fakes: Features;
  readonly sources: Features;
  readonly targets: Features;
  /** On generated faces. */
  readonly twins?: Features | undefined;
  /** What the targets are, for the protocol: `images of masculine, test split`. */
  readonly reference: string;
}

/** Neighbours that a neighbourhood reaches to. */
const NEAREST = 5;

/** What {@link distancesBetween} measures. */
export type SetDistances = Pick<
  DirectionEvaluation,
  'kid' | 'frechet' | 'neighbourhoods' | 'inceptionScore'
>;

/** Measures how far fakes, and the images they were made of, lie from the real ones; what is left out needs more images. */
export async function distancesBetween(
  network: SetNetwork,
  given: DirectionFeatures,
): Promise<SetDistances> {
  const { fakes, sources, targets, reference } = given;
  const fewest = Math.min(fakes.count, sources.count, targets.count);
  if (fewest < 2) return {};
  const twins = given.twins !== undefined && given.twins.count > 1 ? given.twins : undefined;
  const sets = `${fakes.count} fakes against ${targets.count} ${reference}`;
  const protocol = (words: string): string => `${words} ${network.title}, ${sets}`;
  const kid =
    fewest < 3 ? { value: kernelDistance(fakes, targets) } : kernelDistanceInterval(fakes, targets);
  const of = (distance: (set: Features) => number): { originals: number; twins?: number } => ({
    originals: distance(sources),
    ...(twins === undefined ? {} : { twins: distance(twins) }),
  });
  const [length = 0] = fakes.shape;
  return {
    kid: {
      ...kid,
      ...of((set) => kernelDistance(set, targets)),
      protocol: protocol(`unbiased squared MMD, kernel (x.y/${length} + 1)^3 on`),
    },
    frechet: {
      value: frechetDistance(fakes, targets),
      ...of((set) => frechetDistance(set, targets)),
      protocol: protocol('Fréchet distance over'),
    },
    ...around({ ...given, twins }, protocol(`${NEAREST} nearest images in`)),
    ...(await scoreOf(network, { ...given, twins })),
  };
}

/** Returns how fakes, originals and twins lie among the real images; nothing where a set is too small. */
function around(
  { fakes, sources, targets, twins }: DirectionFeatures,
  protocol: string,
): Pick<SetDistances, 'neighbourhoods'> {
  if (Math.min(fakes.count, sources.count, targets.count) <= NEAREST) return {};
  const among = (set: Features): NeighbourhoodMeasures => neighbourhoods(targets, set, NEAREST);
  return {
    neighbourhoods: {
      fakes: among(fakes),
      originals: among(sources),
      ...(twins === undefined || twins.count <= NEAREST ? {} : { twins: among(twins) }),
      protocol,
    },
  };
}

/** Splits of published scores, and the images that each must have here. */
const SPLITS = 10;
const IMAGES_OF_SPLIT = 100;

/** Returns the Inception Score; nothing where the network is not Inception. */
async function scoreOf(
  network: SetNetwork,
  { fakes, sources, twins }: DirectionFeatures,
): Promise<{ readonly inceptionScore?: InceptionScoreEvaluation }> {
  const { probabilities } = network;
  if (probabilities === undefined) return {};
  const splits = fakes.count < SPLITS * IMAGES_OF_SPLIT ? 1 : SPLITS;
  const score = async (set: Features): Promise<ReturnType<typeof inceptionScore>> =>
    inceptionScore(await probabilities(set), Math.min(splits, set.count));
  const { mean, deviation } = await score(fakes);
  return {
    inceptionScore: {
      ...{ value: mean, deviation, originals: (await score(sources)).mean },
      ...(twins === undefined ? {} : { twins: (await score(twins)).mean }),
      protocol: `Inception Score over ${splits} ${splits === 1 ? 'split' : 'splits'} of ${fakes.count} fakes, in their order, logits without biases`,
    },
  };
}
