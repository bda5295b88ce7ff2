/**
 * Latent numbers that make an image again: Antipov, Baccouche and Dugelay 2017, "Face aging with conditional generative
 * adversarial networks", arXiv 1702.01983, section 2.3.
 */
import * as tf from '@tensorflow/tfjs';
import { compile, type Precision } from '@janus/engine';
import { ADAM_DEFAULTS } from '../adam.js';
import { signedPixels } from '../cyclegan/signed-pixels.js';

/** What images are compared by: float32 [B, S, S, 3], signed -> float32 [B, ...]. */
export type ImageFeatures = (images: tf.Tensor4D) => tf.Tensor;

/** Images with what is known of them. */
export interface SearchedImages {
  /** uint8 [N, S, S, 3], of the generator's size. */
  readonly images: Uint8Array;
  /** float32 [N, latent]: where the search begins, what an encoder tells. */
  readonly latent: Float32Array;
  /** float32 [N, L], -1 or 1: the labels that the images have, which stay. */
  readonly labels: Float32Array;
}

/** Options of {@link searchLatent}. */
export interface LatentSearchOptions {
  /** Compares an image with what is made of it; default pixels, each as it is. */
  readonly features?: ImageFeatures | undefined;
  /** Updates; default `LATENT_SEARCH_STEPS`, 100. */
  readonly steps?: number;
  /** Default float32. */
  readonly precision?: Precision;
  /** Images at once; changes memory and speed only. Default 8. */
  readonly batchSize?: number;
}

/** What a search found. */
export interface FoundLatent {
  /** float32 [N, latent]. */
  readonly latent: Float32Array;
  /** Mean Euclidean distance of the features, before the first update and at the last. */
  readonly distance: { readonly first: number; readonly last: number };
}

/** Updates of a search: behind them, distances hardly fall. */
const LATENT_SEARCH_STEPS = 100;
/** Step size of a search. Latent numbers have a deviation of 1: 100 updates reach any of them. */
const STEP_SIZE = 0.05;
const DEFAULT_BATCH = 8;
/** Within the root: a distance of 0 has a derivative then. */
const SMALL = 1e-12;

/** Everything that an update of a search reads and changes. */
type SearchState = Readonly<Record<'z' | 'm' | 'v', tf.Tensor2D>>;

type SearchInputs = SearchState &
  Readonly<Record<'wanted' | 'alphaT' | 'epsilonHat', tf.Tensor>> & {
    readonly labels: tf.Tensor2D;
  };

/**
 * Searches for the latent numbers of which a generator, with an image's own labels, makes what is most like the image: the
 * Euclidean distance of the features is made smaller, image by image. The generator's weights stay.
 *
 * Differs from the paper: Adam instead of L-BFGS, which tfjs lacks.
 */
export async function searchLatent(
  G: tf.LayersModel,
  { images, latent, labels }: SearchedImages,
  options: LatentSearchOptions = {},
): Promise<FoundLatent> {
  const { steps = LATENT_SEARCH_STEPS, batchSize = DEFAULT_BATCH, precision } = options;
  const { features = (x: tf.Tensor4D): tf.Tensor => x } = options;
  const [ofLatent, ofLabels] = G.inputs.map(({ shape }) => shape[1] ?? 0);
  const widths = { latent: ofLatent ?? 0, labels: ofLabels ?? 0 };
  const count = latent.length / widths.latent;
  const compiling = { ownSession: true, ...(precision === undefined ? {} : { precision }) };
  const update = compile((inputs: SearchInputs) => searchUpdate(G, features, inputs), compiling);
  const target = compile(({ x }: { x: tf.Tensor4D }) => ({ wanted: features(x) }), compiling);
  const found = new Float32Array(latent.length);
  const sum = { first: 0, last: 0 };
  try {
    for (let from = 0; from < count; from += batchSize) {
      const size = Math.min(batchSize, count - from);
      const rows = (of: Float32Array, width: number): tf.Tensor2D =>
        tf.tensor2d(of.slice(from * width, (from + size) * width), [size, width]);
      const each = images.length / count;
      const side = Math.sqrt(each / 3);
      const part = images.subarray(from * each, (from + size) * each);
      const x = tf.tensor4d(signedPixels(part), [size, side, side, 3]);
      const { wanted } = await target.run({ x });
      const given = { wanted, labels: rows(labels, widths.labels) };
      const begun = rows(latent, widths.latent);
      const best = await descend(update, { ...given, begun, steps });
      found.set(best.latent, from * widths.latent);
      sum.first += best.first;
      sum.last += best.last;
      tf.dispose([x, wanted, given.labels]);
    }
  } finally {
    update.dispose();
    target.dispose();
  }
  return { latent: found, distance: { first: sum.first / count, last: sum.last / count } };
}

/** Does the updates of a batch; returns its latent numbers, and the summed distances before the first and at the last. */
async function descend(
  update: { readonly run: (inputs: SearchInputs) => Promise<SearchState & { total: tf.Tensor }> },
  given: {
    readonly begun: tf.Tensor2D;
    readonly steps: number;
    readonly wanted: tf.Tensor;
    readonly labels: tf.Tensor2D;
  },
): Promise<{ readonly latent: Float32Array; readonly first: number; readonly last: number }> {
  const { begun, steps, wanted, labels } = given;
  let state: SearchState = { z: begun, m: tf.zerosLike(begun), v: tf.zerosLike(begun) };
  let [first, last] = [NaN, NaN];
  for (let step = 1; step <= steps; step++) {
    const root = Math.sqrt(1 - ADAM_DEFAULTS.beta2 ** step);
    const numbers = {
      alphaT: tf.scalar((STEP_SIZE * root) / (1 - ADAM_DEFAULTS.beta1 ** step)),
      epsilonHat: tf.scalar(ADAM_DEFAULTS.epsilon * root),
    };
    const { total, ...next } = await update.run({ ...state, ...numbers, wanted, labels });
    if (step === 1 || step === steps) [last = NaN] = await total.data();
    if (step === 1) first = last;
    tf.dispose([total, numbers, state.z, state.m, state.v]);
    state = next;
  }
  const latent = Float32Array.from(await state.z.data());
  tf.dispose([state.z, state.m, state.v]);
  return { latent, first, last };
}

/** Returns latent numbers and Adam's means after an update, and the distances before it, summed over the images. */
function searchUpdate(
  G: tf.LayersModel,
  features: ImageFeatures,
  { z, m, v, wanted, labels, alphaT, epsilonHat }: SearchInputs,
): SearchState & { total: tf.Tensor } {
  const { beta1, beta2 } = ADAM_DEFAULTS;
  const distance = (latent: tf.Tensor): tf.Scalar => {
    const made = features(G.apply([latent, labels], { training: false }) as tf.Tensor4D);
    const squares = tf.square(tf.sub(made, wanted));
    const axes = squares.shape.map((_, axis) => axis).slice(1);
    return tf.sum<tf.Scalar>(tf.sqrt(tf.add(tf.sum(squares, axes), SMALL)));
  };
  const { value, grad } = tf.valueAndGrad(distance)(z);
  const nextM = tf.add<tf.Tensor2D>(tf.mul(m, beta1), tf.mul(grad, 1 - beta1));
  const nextV = tf.add<tf.Tensor2D>(tf.mul(v, beta2), tf.mul(tf.square(grad), 1 - beta2));
  const change = tf.div(tf.mul(nextM, alphaT), tf.add(tf.sqrt(nextV), epsilonHat));
  grad.dispose();
  return { z: tf.sub(z, change), m: nextM, v: nextV, total: value };
}
