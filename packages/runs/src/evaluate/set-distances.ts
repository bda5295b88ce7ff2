/** How far sets of images lie from each other, in features of a network that neither generators nor judge depend on. */
import {
  JanusError,
  type DirectionEvaluation,
  type NeighbourhoodMeasures,
  type Reporter,
} from '@janus/core';
import { resizeImages } from '@janus/images';
import {
  averagedBackbone,
  buildBackbone,
  computeFeatures,
  frechetDistance,
  kernelDistance,
  kernelDistanceInterval,
  neighbourhoods,
  perceptualDistances,
  perceptualNetwork,
  pretrainedWeights,
  setWeights,
  unitFeatures,
  type Features,
  type SquareImages,
} from '@janus/models';

/** Takes features of images for {@link distancesBetween}. */
export interface DistanceNetwork {
  /** The network and what is taken of it, in words. */
  readonly title: string;
  /** @param of what the images are, for the progress line */
  features(pixels: Uint8Array, count: number, of: string): Promise<Features>;
  /** The mean perceptual distance of pairs of images; see `perceptualDistances`. */
  perceptual(a: Uint8Array, b: Uint8Array, count: number): Promise<number>;
  dispose(): void;
}

/** VGG-16 halves five times: smaller images would leave nothing to average. */
const MIN_SIDE_PX = 64;

/**
 * Opens the network over whose features translations are measured: VGG-16 trained on ImageNet alone, so
 * that it depends on neither the generators nor the judge.
 *
 * @returns undefined, after one line with the reason, where its weights are not available
 */
export async function openDistanceNetwork(
  imageSize: number,
  reporter: Reporter,
): Promise<DistanceNetwork | undefined> {
  const size = Math.max(MIN_SIDE_PX, imageSize);
  const found = await pretrainedWeights('vgg16', { report: reporter.progress }).catch(
    (error: unknown) => {
      if (!(error instanceof JanusError)) throw error;
      reporter.log(`No kernel, Fréchet and perceptual distances: ${error.message}`);
      return undefined;
    },
  );
  if (found === undefined) return undefined;
  const backbone = buildBackbone('vgg16', { imageSize: size });
  setWeights(backbone, found.weights, found.source);
  const network = averagedBackbone(backbone);
  const maps = perceptualNetwork(backbone);
  const { preprocessing } = found;
  const scaled = async (pixels: Uint8Array, count: number): Promise<SquareImages> => ({
    ...{ count, size },
    pixels: await resizeImages({ pixels, count, size: imageSize }, size),
  });
  return {
    title: `ImageNet VGG-16 block 5 averaged and scaled to length sqrt(512), ${size} px`,
    async features(pixels, count, of) {
      const features = await computeFeatures(network, await scaled(pixels, count), {
        ...{ preprocessing, report: reporter.progress, label: `distance, ${of}` },
      });
      return unitFeatures(features);
    },
    async perceptual(a, b, count) {
      const pair = [await scaled(a, count), await scaled(b, count)] as const;
      const distances = await perceptualDistances(maps, pair, { preprocessing });
      return distances.reduce((sum, each) => sum + each, 0) / count;
    },
    dispose() {
      network.dispose();
    },
  };
}

/** Features of a direction's fakes, of the images they were made of, and of the real ones that they imitate. */
export interface DirectionFeatures {
  readonly fakes: Features;
  readonly sources: Features;
  readonly targets: Features;
}

/** Neighbours that a neighbourhood reaches to. */
const NEAREST = 5;

/** Measures how far fakes, and the images they were made of, lie from the real ones; what is left out needs more images. */
export function distancesBetween(
  { title }: DistanceNetwork,
  { fakes, sources, targets }: DirectionFeatures,
): Pick<DirectionEvaluation, 'kid' | 'frechet' | 'neighbourhoods'> {
  const fewest = Math.min(fakes.count, sources.count, targets.count);
  if (fewest < 2) return {};
  const sets = `${fakes.count} fakes against ${targets.count} originals`;
  const protocol = (words: string): string => `${words} ${title}, ${sets}`;
  const kid =
    fewest < 3 ? { value: kernelDistance(fakes, targets) } : kernelDistanceInterval(fakes, targets);
  const among = (set: Features): NeighbourhoodMeasures => neighbourhoods(targets, set, NEAREST);
  return {
    kid: {
      ...kid,
      originals: kernelDistance(sources, targets),
      protocol: protocol('unbiased squared MMD, kernel (x.y/512 + 1)^3 on'),
    },
    frechet: {
      value: frechetDistance(fakes, targets),
      originals: frechetDistance(sources, targets),
      protocol: protocol('Fréchet distance over'),
    },
    ...(fewest <= NEAREST
      ? {}
      : {
          neighbourhoods: {
            fakes: among(fakes),
            originals: among(sources),
            protocol: protocol(`${NEAREST} nearest images in`),
          },
        }),
  };
}
