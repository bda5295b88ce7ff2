/** The distance of two images as a pretrained network sees them, layer by layer. */
import * as tf from '@tensorflow/tfjs';
import { OptionsError, ShapeError, sidesText } from '@janus/core';
import { compile } from '@janus/engine';
import { preprocess, type Preprocessing } from '../backbones/preprocessing.js';
import { FEATURE_BATCH, imageTensor, type SizedImages } from '../features.js';
import { passSignal } from '../pass-signal.js';

/** The last layer of each block of VGG-16 that LPIPS reads: relu1_2, relu2_2, relu3_3, relu4_3, relu5_3. */
const READ = ['block1_conv2', 'block2_conv2', 'block3_conv3', 'block4_conv3', 'block5_conv3'];

/** Keeps positions without features from dividing by 0, as in LPIPS. */
const EPSILON = 1e-10;

/**
 * Returns a VGG-16 with the feature maps that {@link perceptualDistances} compares as its outputs. It shares the
 * backbone's weights; dispose only one of the two.
 *
 * @throws OptionsError when the backbone is another one
 */
export function perceptualNetwork(backbone: tf.LayersModel): tf.LayersModel {
  const layers = READ.map((name) => backbone.layers.find((layer) => layer.name === name));
  if (layers.includes(undefined)) {
    throw new OptionsError(
      `perceptualNetwork: the backbone must be vgg16, but is ${backbone.name}. Build that one.`,
    );
  }
  const outputs = layers.flatMap((layer) => (layer?.output ?? []) as tf.SymbolicTensor);
  return tf.model({ inputs: backbone.inputs, outputs, name: `${backbone.name}_maps` });
}

/** Options of {@link perceptualDistances}. */
export interface PerceptualDistanceOptions {
  /** That of the network's weights. */
  readonly preprocessing: Preprocessing;
  /** Ends the comparison before the next batch: its reason is thrown. Default never. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns the perceptual distance of each pair of images, 0 for equal ones: at every place of five feature maps, the squared
 * distance of the two channel vectors at length 1, averaged over the places and added up over the maps; 0 to 20.
 *
 * Differs from the paper: no learned weight per channel, so that values are not those of published LPIPS.
 *
 * @param network as {@link perceptualNetwork} returns it
 * @param pair two sets of as many images of the network's size
 * @throws ShapeError when the sets differ in number or size; the reason of `signal` when that is aborted
 *
 * Source: Zhang et al. 2018, arXiv 1801.03924, section 3.
 */
export async function perceptualDistances(
  network: tf.LayersModel,
  [a, b]: readonly [SizedImages, SizedImages],
  { preprocessing, signal }: PerceptualDistanceOptions,
): Promise<readonly number[]> {
  const [first, second] = [a, b].map(({ size, width = size }) => sidesText(width, size));
  if (a.count !== b.count || first !== second) {
    throw new ShapeError(
      `perceptualDistances: both must be as many images of one size, but got ${a.count} of ${first} px and ${b.count} of ${second} px. Scale them first.`,
    );
  }
  const mapsOf = (images: tf.Tensor4D): tf.Tensor[] =>
    network.apply(preprocess(images, preprocessing)) as tf.Tensor[];
  const step = compile(
    ({ first, second }: { first: tf.Tensor4D; second: tf.Tensor4D }) =>
      tf.tidy(() => {
        const [x, y] = [mapsOf(first), mapsOf(second)];
        const each = x.map((map, i) => mapDistance(map, y[i] ?? map));
        return { result: tf.addN(each) };
      }),
    { ownSession: true },
  );
  const distances: number[] = [];
  try {
    for (let from = 0; from < a.count; from += FEATURE_BATCH) {
      await passSignal(signal);
      const inputs = { first: batchOf(a, from), second: batchOf(b, from) };
      const { result } = await step.run(inputs);
      distances.push(...(await result.data()));
      tf.dispose([result, inputs.first, inputs.second]);
    }
  } finally {
    step.dispose();
  }
  return distances;
}

/** Returns the mean over places of the squared distance of unit vectors: float32 [B]. */
function mapDistance(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const unit = (map: tf.Tensor): tf.Tensor =>
    tf.div(map, tf.add(tf.sqrt(tf.sum(tf.square(map), 3, true)), EPSILON));
  return tf.mean(tf.sum(tf.square(tf.sub(unit(x), unit(y))), 3), [1, 2]);
}

function batchOf({ pixels, count, size, width = size }: SizedImages, from: number): tf.Tensor4D {
  const length = Math.min(FEATURE_BATCH, count - from);
  const bytes = size * width * 3;
  const images = pixels.subarray(from * bytes, (from + length) * bytes);
  return imageTensor({ images, size: length, height: size, width });
}
