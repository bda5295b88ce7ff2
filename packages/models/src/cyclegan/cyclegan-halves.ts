/** The two halves of a training step of CycleGAN, as functions that can be compiled. */
import * as tf from '@tensorflow/tfjs';
import type { AdamCorrection } from '../adam.js';
import { forward, halves, meanOf, moveAverage, stackOf, views } from '../gan/gan-passes.js';
import { gradientsOf } from '../model-variables.js';
import {
  adversarialLoss,
  changeLoss,
  cycleConsistencyLoss,
  discriminatorLoss,
  identityLoss,
  pairLoss,
} from './cyclegan-losses.js';
import {
  cycleWeights,
  DISCRIMINATOR_LOSSES,
  discriminatorVariables,
  GENERATOR_LOSSES,
  generatorVariables,
  pullsBack,
  type CycleGanBatch,
  type CycleGanParts,
  type CycleGanStepOptions,
} from './cyclegan-parts.js';
import { shifted } from './shifts.js';

type Losses<Name extends string> = Readonly<Record<Name, tf.Scalar>>;

/** Inputs of {@link generatorStep}. */
export type GeneratorInputs = CycleGanBatch &
  AdamCorrection<tf.Tensor> & {
    /** float32 scalar: how far the averages move. */
    readonly averageRate: tf.Tensor;
    /** float32 scalar: weight of the mean absolute change of an image. */
    readonly changeWeight: tf.Tensor;
  } & Shifts;

/** int32 [2, images, longer side] as `shiftIndices` draws them, for what DX and DY are shown; scalars where nothing is shifted. */
export interface Shifts {
  readonly shiftsX: tf.Tensor;
  readonly shiftsY: tf.Tensor;
}

/** What {@link generatorStep} returns: fakes, and `losses` in the order of their list. */
export type GeneratorOutputs = Readonly<Record<'fakeX' | 'fakeY' | 'losses', tf.Tensor>>;

/** Inputs of {@link discriminatorStep}: `shown` are fakes, new or old. */
export type DiscriminatorInputs = CycleGanBatch &
  AdamCorrection<tf.Tensor> & {
    readonly shownX: tf.Tensor4D;
    readonly shownY: tf.Tensor4D;
  } & Shifts;

/**
 * Updates the generators; the discriminators keep their weights.
 *
 * Images that go through one network with the same weights go as one batch (a domain's images
 * for the fake, the other's for the identity term), which changes no number: instance normalisation
 * looks at one image at a time. With batch normalisation (`apart`) they go one after the other, as in the reference.
 */
export function generatorStep(
  parts: CycleGanParts,
  inputs: GeneratorInputs,
  options: CycleGanStepOptions,
): GeneratorOutputs {
  const { networks, optimizers, averaged } = parts;
  const { G, F, DX, DY } = networks;
  const { realX, realY, averageRate, changeWeight, shiftsX, shiftsY, ...correction } = inputs;
  const { adversarial, lambdaIdentity, shift, apart = false } = options;
  const { paired = false, lambdaPair = 0 } = options;
  const lambda = cycleWeights(options);
  const identity = { x: lambda.x * lambdaIdentity, y: lambda.y * lambdaIdentity };
  const pull = pullsBack(options) ? (changeWeight as tf.Scalar) : 0;
  const kept: { fakeX?: tf.Tensor; fakeY?: tf.Tensor; terms?: Losses<string> } = {};
  const loss = (): tf.Scalar => {
    // 1. Translate, and 3. identity: what a generator should leave as it is.
    const [fakeY, identityY] = withIdentity(G, [realX, identity.y > 0 ? realY : undefined], apart);
    const [fakeX, identityX] = withIdentity(F, [realY, identity.x > 0 ? realX : undefined], apart);
    // 2. Cycle, and 4. generator loss.
    const zero = tf.scalar(0);
    const cycle = (back: tf.LayersModel, fake: tf.Tensor4D, real: tf.Tensor4D): tf.Scalar =>
      cycleConsistencyLoss(forward(back, fake), real);
    const change = (fake: tf.Tensor4D, real: tf.Tensor4D): tf.Scalar =>
      pull === 0 ? zero : changeLoss(fake, real);
    const pair = (fake: tf.Tensor4D, of: tf.Tensor4D): tf.Scalar =>
      lambdaPair > 0 ? pairLoss(fake, of) : zero;
    const opinion = (
      D: tf.LayersModel,
      [fake, original]: readonly [tf.Tensor4D, tf.Tensor4D],
      shifts: tf.Tensor,
    ): tf.Scalar => {
      const image = paired ? tf.concat([original, fake], 3) : fake;
      const seen = shift > 0 ? shifted(image, shifts) : image;
      return meanOf(views(D, seen).map((logits) => adversarialLoss(logits, adversarial)));
    };
    const terms = {
      adversarialX: opinion(DX, [fakeX, realY], shiftsX),
      adversarialY: opinion(DY, [fakeY, realX], shiftsY),
      cycleX: lambda.x > 0 ? cycle(F, fakeY, realX) : zero,
      cycleY: lambda.y > 0 ? cycle(G, fakeX, realY) : zero,
      identityX: identityX === undefined ? zero : identityLoss(identityX, realX),
      identityY: identityY === undefined ? zero : identityLoss(identityY, realY),
      changeX: change(fakeY, realX),
      changeY: change(fakeX, realY),
      pairX: pair(fakeY, realY),
      pairY: pair(fakeX, realX),
    };
    Object.assign(kept, { fakeX, fakeY, terms });
    [fakeX, fakeY, ...Object.values(terms)].forEach((each) => tf.keep(each));
    return weightedSum(tf.add(terms.adversarialX, terms.adversarialY), [
      [
        [terms.cycleX, lambda.x],
        [terms.cycleY, lambda.y],
      ],
      [
        [terms.identityX, identity.x],
        [terms.identityY, identity.y],
      ],
      [
        [terms.changeX, pull],
        [terms.changeY, pull],
      ],
      [
        [terms.pairX, lambdaPair],
        [terms.pairY, lambdaPair],
      ],
    ]);
  };
  // 5. Update the generators.
  const generators = generatorVariables(networks);
  const { value, gradients } = gradientsOf(loss, generators);
  optimizers.generators.update(gradients, generators, correction);
  tf.dispose(gradients);
  if (averaged !== undefined) {
    moveAverage(G, averaged.G, averageRate);
    moveAverage(F, averaged.F, averageRate);
  }
  const { fakeX, fakeY, terms = {} } = kept;
  if (fakeX === undefined || fakeY === undefined) throw new Error('no fakes were made');
  const losses = stackOf({ ...terms, generatorTotal: value }, GENERATOR_LOSSES);
  const outputs = { fakeX: tf.clone(fakeX), fakeY: tf.clone(fakeY), losses };
  tf.dispose(kept);
  return outputs;
}

/** Updates the discriminators on real images and on `shown` fakes. */
export function discriminatorStep(
  { networks, optimizers }: CycleGanParts,
  inputs: DiscriminatorInputs,
  options: CycleGanStepOptions,
): { readonly losses: tf.Tensor } {
  const { DX, DY } = networks;
  const { realX, realY, shownX, shownY, shiftsX, shiftsY, ...correction } = inputs;
  const { adversarial: mode, labelSmoothing, shift, apart = false, paired = false } = options;
  const kept: { terms?: Losses<string> } = {};
  const judge = (
    D: tf.LayersModel,
    [real, fake, original]: readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D],
    shifts: tf.Tensor,
  ): tf.Scalar => {
    const images = tf.concat([real, fake]);
    const both = paired ? tf.concat([tf.concat([original, original]), images], 3) : images;
    const seen = shift > 0 ? shifted(both, shifts) : both;
    const pairs = opinionsOf(D, { seen, count: real.shape[0], apart });
    return meanOf(pairs.map((pair) => discriminatorLoss(...pair, { mode, labelSmoothing })));
  };
  const discriminators = discriminatorVariables(networks);
  const { value, gradients } = gradientsOf(() => {
    const terms = {
      discriminatorX: tf.keep(judge(DX, [realX, shownX, realY], shiftsX)),
      discriminatorY: tf.keep(judge(DY, [realY, shownY, realX], shiftsY)),
    };
    kept.terms = terms;
    return tf.add(terms.discriminatorX, terms.discriminatorY);
  }, discriminators);
  optimizers.discriminators.update(gradients, discriminators, correction);
  const losses = stackOf(kept.terms ?? {}, DISCRIMINATOR_LOSSES);
  tf.dispose([value, gradients, kept]);
  return { losses };
}

type Weighted = readonly [term: tf.Scalar, weight: number | tf.Scalar];

/** Adds pairs of terms times their weights; a pair of equal weights as one product, terms of no weight not at all. */
function weightedSum(
  first: tf.Scalar,
  pairs: readonly (readonly [Weighted, Weighted])[],
): tf.Scalar {
  return pairs.reduce((total, [[x, weightX], [y, weightY]]) => {
    if (weightX === weightY) {
      return weightX === 0 ? total : tf.add(total, tf.mul(tf.add(x, y), weightX));
    }
    return tf.add(total, tf.add(tf.mul(x, weightX), tf.mul(y, weightY)));
  }, first);
}

/** Returns a discriminator's logits of `count` real images and of the fakes after them, one pair an output. */
function opinionsOf(
  D: tf.LayersModel,
  {
    seen,
    count,
    apart,
  }: { readonly seen: tf.Tensor4D; readonly count: number; readonly apart: boolean },
): readonly [tf.Tensor4D, tf.Tensor4D][] {
  if (!apart) return views(D, seen).map((logits) => halves(logits, count));
  const [real, fake] = halves(seen, count);
  const ofFake = views(D, fake);
  return views(D, real).map((logits, i) => [logits, ofFake[i] ?? logits]);
}

/** Returns what `network` makes of `images` and of `own` images of its target domain. */
function withIdentity(
  network: tf.LayersModel,
  [images, own]: readonly [tf.Tensor4D, tf.Tensor4D | undefined],
  apart: boolean,
): [tf.Tensor4D, tf.Tensor4D | undefined] {
  if (own === undefined) return [forward(network, images), undefined];
  if (apart) return [forward(network, images), forward(network, own)];
  return halves(forward(network, tf.concat([images, own])), images.shape[0]);
}
