/**
 * Where a classifier looks: Grad-CAM, and whether what it shows depends on what was learned.
 * Sources: Selvaraju et al. 2017, arXiv 1610.02391, section 3; Adebayo et al. 2018, arXiv 1810.03292 (the check).
 */
import * as tf from '@tensorflow/tfjs';
import { OptionsError, permutationOf, streamOf, type NamedArray } from '@janus/core';
import { blocksOf, outputOfBlock, rebuildFrom } from '../backbones/backbones.js';
import { preprocess, type Preprocessing } from '../backbones/preprocessing.js';
import { imageTensor, type SquareImages } from '../features.js';
import { arraysOf, assignArrays, variablesOf } from '../model-variables.js';

/** Images, and the class of each whose logit is explained. */
export interface ExplainedImages {
  readonly images: SquareImages;
  /** Class numbers, one per image. */
  readonly classes: readonly number[];
}

/** Options of {@link gradCam}. */
export interface GradCamOptions {
  /** What the network expects. */
  readonly preprocessing: Preprocessing;
  /** Layer whose maps are looked at; default: the output of the last block below the head. */
  readonly layer?: string;
}

/** Where a class's logit comes from, one map per image. */
export interface ClassMaps {
  /** float32 [N, height, width], 0 to 1: 1 at the strongest place of each image; all 0 where nothing speaks for the class. */
  readonly data: Float32Array;
  readonly count: number;
  /** Of a map, in places of the layer. */
  readonly height: number;
  readonly width: number;
}

/** Images of which maps are computed at a time: gradients hold a few copies of their feature maps. */
const BATCH = 8;

/**
 * Returns where the logit of a class comes from: the sum of a layer's maps, each weighted with the mean of the logit's
 * gradient over its places, without what speaks against the class. Of the logit, not of the probability, whose gradient
 * vanishes where the classifier is sure; dropout is off.
 *
 * @param model preprocessed images to logits
 * @throws OptionsError when the model has no such layer, or it has no maps
 */
export async function gradCam(
  model: tf.LayersModel,
  { images, classes }: ExplainedImages,
  options: GradCamOptions,
): Promise<ClassMaps> {
  const { first, rest } = partsOf(model, options.layer);
  const outputs = Number(model.outputs[0]?.shape.at(-1));
  const { pixels, count, size } = images;
  const bytes = size * size * 3;
  const [height = 0, width = 0] = (first.outputs[0]?.shape ?? []).slice(1).map(Number);
  const data = new Float32Array(count * height * width);
  for (let from = 0; from < count; from += BATCH) {
    const some = classes.slice(from, from + BATCH);
    const own = pixels.subarray(from * bytes, (from + some.length) * bytes);
    const maps = tf.tidy(() => {
      const inputs = imageTensor({ images: own, size: some.length, height: size, width: size });
      const features = first.predict(preprocess(inputs, options.preprocessing)) as tf.Tensor4D;
      const chosen = tf.oneHot(tf.tensor1d([...some], 'int32'), outputs);
      return mapsOf(features, (x) => tf.sum(tf.mul(rest.apply(x) as tf.Tensor, chosen)));
    });
    data.set(await maps.data(), from * height * width);
    maps.dispose();
  }
  return { data, count, height, width };
}

/** Returns float32 [B, H, W] of features [B, H, W, C] and the sum of the logits that are explained. */
function mapsOf(features: tf.Tensor4D, logits: (features: tf.Tensor) => tf.Scalar): tf.Tensor3D {
  const gradients = tf.grad((x) => logits(x))(features);
  const weights = tf.mean(gradients, [1, 2], true); // [B, 1, 1, C]
  const positive = tf.relu(tf.sum(tf.mul(features, weights), -1)); // [B, H, W]
  return tf.divNoNan(positive, tf.max(positive, [1, 2], true));
}

interface ModelParts {
  readonly first: tf.LayersModel;
  readonly rest: tf.LayersModel;
}

/** Cuts a model after a layer; both parts share its weights. */
function partsOf(model: tf.LayersModel, name: string | undefined): ModelParts {
  const output = name === undefined ? lastMaps(model) : layerOutput(model, name);
  if (output.shape.length !== 4) {
    throw new OptionsError(
      `gradCam: layer must have maps [H, W, C], but ${output.sourceLayer.name} has [${output.shape.slice(1).join(', ')}]. Name one below the pooling.`,
    );
  }
  const start = model.layers.indexOf(output.sourceLayer) + 1;
  const input = tf.input({ shape: output.shape.slice(1), name: `${model.name}_maps` });
  return {
    first: tf.model({ inputs: model.inputs, outputs: output, name: `${model.name}_first` }),
    rest: rebuildFrom(model, start, input),
  };
}

function lastMaps(model: tf.LayersModel): tf.SymbolicTensor {
  const block = blocksOf(model).at(-1);
  if (block !== undefined) return outputOfBlock(model, block);
  throw new OptionsError(
    `gradCam: needs a network of blocks, but got layers ${model.layers.map((layer) => layer.name).join(', ')}. Name the layer to look at.`,
  );
}

function layerOutput(model: tf.LayersModel, name: string): tf.SymbolicTensor {
  const layer = model.layers.find((each) => each.name === name);
  if (layer !== undefined) return layer.getOutputAt(0) as tf.SymbolicTensor;
  throw new OptionsError(
    `gradCam: layer must be one of the network (${model.layers.map((each) => each.name).join(', ')}), but got ${name}. Name one of these.`,
  );
}

/** How like the maps of a trained network are to those of one whose weights are shuffled. */
export interface SanityCheck {
  /** Mean rank correlation, -1 to 1, with the weights of the head shuffled. */
  readonly head: number;
  /** With all weights shuffled. */
  readonly all: number;
  /** Images that count: those whose maps are not all one value. */
  readonly n: number;
}

/**
 * Compares maps with those of the same network after its weights were shuffled, within each array: maps that stay alike
 * show the image rather than what was learned. The weights are put back.
 *
 * @throws OptionsError when the model has no such layer, or it has no maps
 */
export async function checkGradCam(
  model: tf.LayersModel,
  explained: ExplainedImages,
  options: GradCamOptions & { readonly seed?: number },
): Promise<SanityCheck> {
  const { seed = 1 } = options;
  const trained = await gradCam(model, explained, options);
  const { rest } = partsOf(model, options.layer);
  const head = await whileShuffled(rest, seed, async () => gradCam(model, explained, options));
  const all = await whileShuffled(model, seed, async () => gradCam(model, explained, options));
  const [ofHead, ofAll] = [correlations(trained, head), correlations(trained, all)];
  const n = Math.min(ofHead.length, ofAll.length);
  return { head: meanOf(ofHead), all: meanOf(ofAll), n };
}

async function whileShuffled<T>(
  model: tf.LayersModel,
  seed: number,
  work: () => Promise<T>,
): Promise<T> {
  const variables = variablesOf(model, { trainableOnly: false });
  const arrays = await arraysOf(variables);
  try {
    assignArrays(
      variables,
      arrays.map((array) => shuffled(array, seed)),
    );
    return await work();
  } finally {
    assignArrays(variables, arrays);
  }
}

function shuffled(array: NamedArray, seed: number): NamedArray {
  const order = permutationOf(array.data.length, streamOf(seed, 'shuffled weights', array.name));
  return { ...array, data: Float32Array.from(order, (from) => array.data[from] ?? 0) };
}

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;

/** Returns the rank correlation of each image's two maps, of those where both vary. */
function correlations(first: ClassMaps, second: ClassMaps): readonly number[] {
  const each = first.height * first.width;
  return Array.from({ length: first.count }, (_, i) => {
    const [a, b] = [first, second].map(({ data }) => data.subarray(i * each, (i + 1) * each));
    return rankCorrelation(a ?? [], b ?? []);
  }).filter(Number.isFinite);
}

/** Spearman's: the correlation of ranks, equal values having the mean of theirs; NaN where one never varies. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const middle = (a.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((rank, i) => {
    const [dx, dy] = [rank - middle, (y[i] ?? 0) - middle];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  });
  return xy / Math.sqrt(xx * yy);
}

function ranksOf(values: ArrayLike<number>): readonly number[] {
  const order = Array.from(values, (value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(order.length).fill(0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (order[to + 1]?.value === order[from]?.value && to + 1 < order.length) to += 1;
    for (let k = from; k <= to; k++) ranks[order[k]?.i ?? 0] = (from + to) / 2;
    from = to + 1;
  }
  return ranks;
}
