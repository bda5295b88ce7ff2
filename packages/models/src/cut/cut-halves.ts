/** The two halves of a training step of CUT, as functions that can be compiled. */
import * as tf from '@tensorflow/tfjs';
import type { AdamCorrection } from '../adam.js';
import { adversarialLoss, changeLoss, discriminatorLoss } from '../cyclegan/cyclegan-losses.js';
import { shifted } from '../cyclegan/shifts.js';
import { forward, halves, meanOf, moveAverage, stackOf, views } from '../gan/gan-passes.js';
import { gradientsOf } from '../model-variables.js';
import {
  CUT_DISCRIMINATOR_LOSSES,
  CUT_GENERATOR_LOSSES,
  cutDiscriminatorVariables,
  cutGeneratorVariables,
  type CutNetworks,
  type CutParts,
} from './cut-parts.js';
import type { CutOptions } from './cut-presets.js';
import { patchNceLoss, unitVectors, vectorsAt } from './patch-nce.js';

/** Which options of a training its steps read. */
export type CutStepOptions = Pick<
  CutOptions,
  | 'adversarial'
  | 'labelSmoothing'
  | 'lambdaNce'
  | 'lambdaChange'
  | 'nceIdentity'
  | 'flipEquivariance'
  | 'temperature'
  | 'shift'
>;

/** One batch of each domain, float32 [B, H, W, C], signed. */
export interface CutBatch {
  readonly realX: tf.Tensor4D;
  readonly realY: tf.Tensor4D;
}

/** Places that are compared: `places0` of the image, `places1` of the first compared layer, and so on; int32 [P]. */
export type Places = Readonly<Record<`places${number}`, tf.Tensor>>;

/** Inputs of {@link cutGeneratorStep}. */
export type CutGeneratorInputs = CutBatch &
  AdamCorrection<tf.Tensor> &
  Places & {
    /** float32 scalar: how far the average moves. */
    readonly averageRate: tf.Tensor;
    /** float32 scalar, 1 where the images go through the generator mirrored, else 0. */
    readonly mirrored: tf.Tensor;
    /** As `shiftIndices` draws them; a scalar where nothing is shifted. */
    readonly shifts: tf.Tensor;
  };

/** Inputs of {@link cutDiscriminatorStep}. */
export type CutDiscriminatorInputs = CutBatch &
  AdamCorrection<tf.Tensor> & { readonly shown: tf.Tensor4D; readonly shifts: tf.Tensor };

/** Mirrors features or images left to right where `mirrored` is 1: float32 [B, H, W, C]. */
function mirror<T extends tf.Tensor4D>(x: T, mirrored: tf.Tensor | undefined): T {
  if (mirrored === undefined) return x;
  return tf.add(x, tf.mul(tf.sub(tf.reverse(x, 2), x), mirrored));
}

/**
 * Returns the compared vectors of images, of length 1, one tensor a layer: float32 [B, P, width].
 *
 * @param mirrored mirrors the features back before places are taken; default not
 */
export function comparedVectors(
  { encoder, projections }: Pick<CutNetworks, 'encoder' | 'projections'>,
  images: tf.Tensor4D,
  { places, mirrored }: { readonly places: Places; readonly mirrored?: tf.Tensor | undefined },
): readonly tf.Tensor3D[] {
  const features = [images, ...[encoder.apply(images, { training: true })].flat()] as tf.Tensor4D[];
  return features.map((layer, i) => {
    const [at, projection] = [places[`places${i}`], projections[i]];
    if (at === undefined || projection === undefined) throw new Error(`no places in layer ${i}`);
    const vectors = vectorsAt(mirror(layer, mirrored), at);
    const [batch, count, channels] = vectors.shape;
    const projected = projection.apply(tf.reshape(vectors, [batch * count, channels])) as tf.Tensor;
    return tf.reshape(unitVectors(projected), [batch, count, -1]);
  });
}

/** Returns the mean over the layers of {@link patchNceLoss}. */
export function nceOf(
  queries: readonly tf.Tensor3D[],
  keys: readonly tf.Tensor3D[],
  temperature: number,
): tf.Scalar {
  return meanOf(queries.map((layer, i) => patchNceLoss(layer, keys[i] ?? layer, temperature)));
}

/**
 * Updates generator and projections; the discriminator keeps its weights.
 *
 * Differs from the authors' code: the generator goes first, as in CycleGAN, and the discriminator then sees the same
 * fakes; there, the discriminator goes first.
 */
export function cutGeneratorStep(
  { networks, optimizers, averaged }: CutParts,
  inputs: CutGeneratorInputs,
  options: CutStepOptions,
): { readonly fakeY: tf.Tensor; readonly losses: tf.Tensor } {
  const { G, DY } = networks;
  const { realX, realY, averageRate, mirrored, shifts } = inputs;
  const { adversarial, lambdaNce, lambdaChange, nceIdentity, temperature } = options;
  const places = inputs as Places;
  const count = realX.shape[0];
  const flip = options.flipEquivariance ? mirrored : undefined;
  const sources = nceIdentity ? tf.concat([realX, realY]) : realX;
  // Constants of the loss: made outside of it.
  const keys = comparedVectors(networks, sources, { places });
  const kept: { fakeY?: tf.Tensor4D; terms?: Record<string, tf.Scalar> } = {};
  const loss = (): tf.Scalar => {
    const zero = tf.scalar(0);
    const made = forward(G, mirror(sources, flip));
    const fakeY = nceIdentity ? halves(made, count)[0] : made;
    const queries = comparedVectors(networks, made, { places, mirrored: flip });
    const part = (which: 0 | 1): tf.Scalar => {
      const of = (layer: tf.Tensor3D): tf.Tensor3D => halves(layer, count)[which];
      return nceOf(queries.map(of), keys.map(of), temperature);
    };
    const seen = options.shift > 0 ? shifted(fakeY, shifts) : fakeY;
    const terms = {
      adversarialY: meanOf(views(DY, seen).map((each) => adversarialLoss(each, adversarial))),
      nce: nceIdentity ? part(0) : nceOf(queries, keys, temperature),
      nceIdentity: nceIdentity ? part(1) : zero,
      changeX: lambdaChange > 0 ? changeLoss(fakeY, mirror(realX, flip)) : zero,
    };
    Object.assign(kept, { fakeY, terms });
    [fakeY, ...Object.values(terms)].forEach((each) => tf.keep(each));
    const contrast = nceIdentity ? tf.div(tf.add(terms.nce, terms.nceIdentity), 2) : terms.nce;
    let total = tf.add(terms.adversarialY, tf.mul(contrast, lambdaNce));
    if (lambdaChange > 0) total = tf.add(total, tf.mul(terms.changeX, lambdaChange));
    return total as tf.Scalar;
  };
  const variables = cutGeneratorVariables(networks);
  const { value, gradients } = gradientsOf(loss, variables);
  optimizers.generators.update(gradients, variables, inputs);
  tf.dispose(gradients);
  if (averaged !== undefined) moveAverage(G, averaged, averageRate);
  const { fakeY, terms = {} } = kept;
  if (fakeY === undefined) throw new Error('no fakes were made');
  const losses = stackOf({ ...terms, generatorTotal: value }, CUT_GENERATOR_LOSSES);
  const outputs = { fakeY: tf.clone(fakeY), losses };
  tf.dispose(kept);
  return outputs;
}

/** Updates the discriminator on real images of Y and on fakes. */
export function cutDiscriminatorStep(
  { networks, optimizers }: CutParts,
  inputs: CutDiscriminatorInputs,
  options: Pick<CutStepOptions, 'adversarial' | 'labelSmoothing' | 'shift'>,
): { readonly losses: tf.Tensor } {
  const { realY, shown, shifts } = inputs;
  const { adversarial: mode, labelSmoothing, shift } = options;
  const variables = cutDiscriminatorVariables(networks);
  const { value, gradients } = gradientsOf(() => {
    const both = tf.concat([realY, shown]);
    const logits = views(networks.DY, shift > 0 ? shifted(both, shifts) : both);
    return meanOf(
      logits.map((each) =>
        discriminatorLoss(...halves(each, realY.shape[0]), { mode, labelSmoothing }),
      ),
    );
  }, variables);
  optimizers.discriminators.update(gradients, variables, inputs);
  const losses = stackOf({ discriminatorY: value }, CUT_DISCRIMINATOR_LOSSES);
  tf.dispose([value, gradients]);
  return { losses };
}
