/** Networks over whose features translations are measured: neither generators nor judge depend on them. */
import {
  JanusError,
  OptionsError,
  sidesText,
  type DistanceFeatures,
  type Reporter,
} from '@janus/core';
import { resizeImages, sidesOf, type ImageSize, type Sides } from '@janus/images';
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
  type SizedImages,
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

/** Returns the sides of images whose shorter one is large enough for VGG-16, in their aspect. */
function sidesForVgg(images: Sides): ImageSize {
  const { width, height } = sidesOf(images);
  const shorter = Math.min(width, height);
  const sideOf = (side: number): number =>
    shorter >= MIN_SIDE_PX ? side : Math.round((side * MIN_SIDE_PX) / shorter);
  return { width: sideOf(width), height: sideOf(height) };
}

/**
 * Opens the networks that translations are measured by. VGG-16, trained on ImageNet alone, is left out with a line that says why
 * where its weights are not available.
 *
 * @param images the sides of the images in pixels
 * @throws OptionsError when Inception is asked for without its weights; DataError when a weights file is damaged
 */
export async function openDistanceNetwork(
  images: Sides,
  { features = 'vgg16', weights }: DistanceChoice,
  context: DistanceContext,
): Promise<DistanceNetwork> {
  const inception =
    features === 'inception-v3' ? await openInception(images, weights, context) : undefined;
  const vgg = await openVgg(images, inception === undefined ? weights : undefined, context);
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
  { size, width }: Sides,
  file: string | undefined,
  { reporter, signal }: DistanceContext,
): Promise<(OpenSet & Required<Pick<DistanceNetwork, 'perceptual'>>) | undefined> {
  const seen = sidesForVgg({ size, width });
  const found = await pretrainedWeights('vgg16', {
    ...(file === undefined ? {} : { file }),
    report: reporter.progress,
  }).catch((error: unknown) => {
    if (!(error instanceof JanusError) || file !== undefined) throw error;
    reporter.log(`No kernel, Fréchet and perceptual distances over VGG-16: ${error.message}`);
    return undefined;
  });
  if (found === undefined) return undefined;
  const backbone = buildBackbone('vgg16', { imageSize: seen.height, imageWidth: seen.width });
  setWeights(backbone, found.weights, found.source);
  const network = averagedBackbone(backbone);
  const maps = perceptualNetwork(backbone);
  const { preprocessing } = found;
  const scaled = async (pixels: Uint8Array, count: number): Promise<SizedImages> => ({
    ...{ count, size: seen.height, width: seen.width },
    pixels: await resizeImages({ pixels, count, size, width }, seen),
  });
  return {
    title: `ImageNet VGG-16 block 5 averaged and scaled to length sqrt(512), ${sidesText(seen.width, seen.height)} px`,
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
  { size, width = size }: Sides,
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
    title: `Inception v3 of the FID, its 2,048 pooled features, images scaled from ${sidesText(width, size)} to ${INCEPTION_SIZE} px as by TensorFlow 1 (bilinear, not antialiased), weights ${sha256.slice(0, 8)}, ${whose}`,
    async features(pixels, count, of) {
      const images = { pixels, count, size, width };
      const options = { report: reporter.progress, label: `distance, ${of}`, signal };
      return await inceptionFeatures(network, images, options);
    },
    async probabilities(features) {
      return featureRows(await computeLogits(logits, features)).map((row) => softmax(row));
    },
    dispose,
  };
}
