/** Networks over whose features translations are measured: neither generators nor judge depend on them. */
import { JanusError, OptionsError, type DistanceFeatures, type Reporter } from '@janus/core';
import { resizeImages } from '@janus/images';
import {
  averagedBackbone,
  buildBackbone,
  computeFeatures,
  computeLogits,
  featureRows,
  INCEPTION_FILE,
  INCEPTION_SIZE,
  inceptionFeatures,
  perceptualDistances,
  perceptualNetwork,
  pretrainedWeights,
  readInception,
  setWeights,
  softmax,
  unitFeatures,
  type Features,
  type SquareImages,
} from '@janus/models';

/** Whose features sets of images are compared by. */
export interface DistanceChoice {
  /** Default `vgg16`, which needs no file; `inception-v3` is what published FIDs are over. */
  readonly features?: DistanceFeatures | undefined;
  /** File of the network's weights; of Inception, always: no package registry has them. */
  readonly weights?: string | undefined;
}

/** Takes features of sets of images. */
export interface SetNetwork {
  /** The network and what is taken of it, in words. */
  readonly title: string;
  /** @param of what the images are, for the progress line */
  features(pixels: Uint8Array, count: number, of: string): Promise<Features>;
  /** The probabilities of ImageNet's classes, an image a row; of Inception alone, whose score is defined on them. */
  readonly probabilities?: (features: Features) => Promise<readonly (readonly number[])[]>;
}

/** What translations are measured by. */
export interface DistanceNetwork {
  /** Absent where its weights are not available. */
  readonly set?: SetNetwork | undefined;
  /** The mean perceptual distance of pairs of images, always by VGG-16; see `perceptualDistances`. */
  readonly perceptual?:
    ((a: Uint8Array, b: Uint8Array, count: number) => Promise<number>) | undefined;
  dispose(): void;
}

/** Who watches the networks, and what ends their work between batches. */
export interface DistanceContext {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** VGG-16 halves five times: smaller images would leave nothing to average. */
const MIN_SIDE_PX = 64;

/**
 * Opens the networks that translations are measured by. VGG-16, trained on ImageNet alone, is left out with a line that says why
 * where its weights are not available.
 *
 * @param imageSize side of the images in pixels
 * @throws OptionsError when Inception is asked for without its weights; DataError when a weights file is damaged
 */
export async function openDistanceNetwork(
  imageSize: number,
  { features = 'vgg16', weights }: DistanceChoice,
  context: DistanceContext,
): Promise<DistanceNetwork> {
  const inception =
    features === 'inception-v3' ? await openInception(imageSize, weights, context) : undefined;
  const vgg = await openVgg(imageSize, inception === undefined ? weights : undefined, context);
  return {
    set: inception ?? vgg,
    perceptual: vgg?.perceptual,
    dispose() {
      inception?.dispose();
      vgg?.dispose();
    },
  };
}

type OpenSet = SetNetwork & { dispose(): void };

async function openVgg(
  imageSize: number,
  file: string | undefined,
  { reporter, signal }: DistanceContext,
): Promise<(OpenSet & Required<Pick<DistanceNetwork, 'perceptual'>>) | undefined> {
  const size = Math.max(MIN_SIDE_PX, imageSize);
  const found = await pretrainedWeights('vgg16', {
    ...(file === undefined ? {} : { file }),
    report: reporter.progress,
  }).catch((error: unknown) => {
    if (!(error instanceof JanusError) || file !== undefined) throw error;
    reporter.log(`No kernel, Fréchet and perceptual distances over VGG-16: ${error.message}`);
    return undefined;
  });
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
        ...{ preprocessing, report: reporter.progress, label: `distance, ${of}`, signal },
      });
      return unitFeatures(features);
    },
    async perceptual(a, b, count) {
      const pair = [await scaled(a, count), await scaled(b, count)] as const;
      const distances = await perceptualDistances(maps, pair, { preprocessing, signal });
      return distances.reduce((sum, each) => sum + each, 0) / count;
    },
    dispose() {
      network.dispose();
    },
  };
}

async function openInception(
  imageSize: number,
  file: string | undefined,
  { reporter, signal }: DistanceContext,
): Promise<OpenSet> {
  if (file === undefined) {
    throw new OptionsError(
      `--features inception-v3: needs its weights, but no file is named. Convert ${INCEPTION_FILE.names[0] ?? ''} with tools/oracles/inception_weights.py and name the result with --weights.`,
    );
  }
  const { network, logits, sha256, isPublished, dispose } = await readInception(file);
  const whose = isPublished
    ? `converted from ${INCEPTION_FILE.names[0] ?? ''}`
    : 'which does not say that they are the published ones';
  return {
    title: `Inception v3 of the FID, its 2,048 pooled features, images scaled from ${imageSize} to ${INCEPTION_SIZE} px as by TensorFlow 1 (bilinear, not antialiased), weights ${sha256.slice(0, 8)}, ${whose}`,
    async features(pixels, count, of) {
      const images = { pixels, count, size: imageSize };
      const options = { report: reporter.progress, label: `distance, ${of}`, signal };
      return await inceptionFeatures(network, images, options);
    },
    async probabilities(features) {
      return featureRows(await computeLogits(logits, features)).map((row) => softmax(row));
    },
    dispose,
  };
}
