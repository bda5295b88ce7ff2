import * as tf from '@tensorflow/tfjs';
import type { Adam } from './adam.js';
import {
  adversarialLoss,
  cycleConsistencyLoss,
  discriminatorLoss,
  identityLoss,
  type AdversarialMode,
} from './cyclegan-losses.js';
import type { ImagePool } from './image-pool.js';
import { gradientsOf, variablesOf } from './model-variables.js';

/** The four networks; G: X -> Y and F: Y -> X, and who judges what is in X and in Y. */
export interface CycleGanNetworks {
  readonly G: tf.LayersModel;
  readonly F: tf.LayersModel;
  readonly DX: tf.LayersModel;
  readonly DY: tf.LayersModel;
}

/** One Adam for both generators, one for both discriminators, as in the reference. */
export interface CycleGanOptimizers {
  readonly generators: Adam;
  readonly discriminators: Adam;
}

/** Fakes of earlier steps: one image each, float32 [1, H, W, C], owned by the pools. */
export interface CycleGanPools {
  readonly X: ImagePool<tf.Tensor4D>;
  readonly Y: ImagePool<tf.Tensor4D>;
}

/** What a step changes. */
export interface CycleGanParts {
  readonly networks: CycleGanNetworks;
  readonly optimizers: CycleGanOptimizers;
  readonly pools: CycleGanPools;
}

/** One batch of each domain, float32 [B, H, W, C], signed; the caller disposes them. */
export interface CycleGanBatch {
  readonly realX: tf.Tensor4D;
  readonly realY: tf.Tensor4D;
}

/** Options of {@link trainStep}. */
export interface TrainStepOptions {
  readonly adversarial: AdversarialMode;
  /** Weight of the cycle term; the paper: 10. */
  readonly lambdaCycle: number;
  /** Weight of the identity term, multiplied by `lambdaCycle`; the reference: 0.5; 0 leaves it out. */
  readonly lambdaIdentity: number;
  /** Of this step, for the generators. */
  readonly learningRate: number;
  /** Of this step, for the discriminators; default `learningRate`. */
  readonly discriminatorLearningRate?: number;
}

/** The terms of a step, in the order of {@link trainStep}'s result; none of them is weighted. */
export const CYCLEGAN_LOSSES = [
  'adversarialX',
  'adversarialY',
  'cycleX',
  'cycleY',
  'identityX',
  'identityY',
  'discriminatorX',
  'discriminatorY',
  'generatorTotal',
] as const;

/** The name of a term. `adversarialX` is what DX says of F's fakes, `cycleX` is |F(G(x)) - x|. */
export type CycleGanLossName = (typeof CYCLEGAN_LOSSES)[number];

type Term = Exclude<CycleGanLossName, 'generatorTotal'>;

/**
 * Does one update of all four networks.
 *
 * Pictures that go through one network with the same weights go as one batch (a domain's pictures
 * for the fake, the other's for the identity term), which changes no number: instance normalisation
 * looks at one picture at a time.
 *
 * @returns float32 [9], the terms in the order of {@link CYCLEGAN_LOSSES} (`generatorTotal` is
 * weighted; identity terms are 0 when left out); the caller disposes it
 * Source: Zhu et al. 2017, sections 3 and 4; order of the reference's `optimize_parameters`.
 */
export function trainStep(
  parts: CycleGanParts,
  batch: CycleGanBatch,
  options: TrainStepOptions,
): tf.Tensor1D {
  const { networks, optimizers, pools } = parts;
  const { adversarial, lambdaCycle, lambdaIdentity, learningRate } = options;
  const { discriminatorLearningRate = learningRate } = options;
  const { realX, realY } = batch;
  const { G, F, DX, DY } = networks;
  const kept: tf.Tensor[] = [];
  const terms = new Map<Term, tf.Scalar>();
  const keep = <T extends tf.Tensor>(tensor: T): T => {
    kept.push(tf.keep(tensor));
    return tensor;
  };
  const term = (name: Term, value: tf.Scalar): tf.Scalar => {
    terms.set(name, keep(value));
    return value;
  };

  const losses = tf.tidy(() => {
    let fakeX: tf.Tensor4D = realX;
    let fakeY: tf.Tensor4D = realY;

    const generatorLoss = (): tf.Scalar => {
      // 1. Translate, and 3. identity: what a generator should leave as it is.
      const [toY, identityY] = withIdentity(G, realX, lambdaIdentity > 0 ? realY : undefined);
      const [toX, identityX] = withIdentity(F, realY, lambdaIdentity > 0 ? realX : undefined);
      fakeY = keep(toY);
      fakeX = keep(toX);
      // 2. Cycle.
      const cycledX = forward(F, fakeY);
      const cycledY = forward(G, fakeX);
      // 4. Generator loss.
      const adversarialTerm = tf.add(
        term('adversarialX', adversarialLoss(forward(DX, fakeX), true, adversarial)),
        term('adversarialY', adversarialLoss(forward(DY, fakeY), true, adversarial)),
      );
      const cycleTerm = tf.add(
        term('cycleX', cycleConsistencyLoss(cycledX, realX)),
        term('cycleY', cycleConsistencyLoss(cycledY, realY)),
      );
      let total = tf.add(adversarialTerm, tf.mul(cycleTerm, lambdaCycle));
      if (identityX !== undefined && identityY !== undefined) {
        const identityTerm = tf.add(
          term('identityX', identityLoss(identityX, realX)),
          term('identityY', identityLoss(identityY, realY)),
        );
        total = tf.add(total, tf.mul(identityTerm, lambdaCycle * lambdaIdentity));
      }
      return total as tf.Scalar;
    };
    // 5. Update the generators; the discriminators keep their weights.
    const generators = {
      ...variablesOf(G, { prefix: 'G' }),
      ...variablesOf(F, { prefix: 'F' }),
    };
    const generatorStep = gradientsOf(generatorLoss, generators);
    optimizers.generators.apply(generatorStep.gradients, generators, learningRate);
    tf.dispose(generatorStep.gradients);

    // 6. Pool: the discriminators see old fakes too.
    const shownX = exchange(pools.X, fakeX);
    const shownY = exchange(pools.Y, fakeY);

    // 7. Discriminator loss.
    const judge = (D: tf.LayersModel, real: tf.Tensor4D, fake: tf.Tensor4D): tf.Scalar => {
      const logits = forward(D, tf.concat([real, fake]));
      const [realLogits, fakeLogits] = halves(logits, real.shape[0]);
      return discriminatorLoss(realLogits, fakeLogits, adversarial);
    };
    // 8. Update the discriminators.
    const discriminators = {
      ...variablesOf(DX, { prefix: 'DX' }),
      ...variablesOf(DY, { prefix: 'DY' }),
    };
    const discriminatorStep = gradientsOf(
      () =>
        tf.add(
          term('discriminatorX', judge(DX, realX, shownX)),
          term('discriminatorY', judge(DY, realY, shownY)),
        ),
      discriminators,
    );
    optimizers.discriminators.apply(
      discriminatorStep.gradients,
      discriminators,
      discriminatorLearningRate,
    );

    const zero = tf.scalar(0);
    return tf.stack(
      CYCLEGAN_LOSSES.map((name) =>
        name === 'generatorTotal' ? generatorStep.value : (terms.get(name) ?? zero),
      ),
    ) as tf.Tensor1D;
  });
  tf.dispose(kept);
  return losses;
}

function forward(network: tf.LayersModel, images: tf.Tensor4D): tf.Tensor4D {
  return network.apply(images, { training: true }) as tf.Tensor4D;
}

/** Returns what `network` makes of `images` and of `own` pictures of its target domain. */
function withIdentity(
  network: tf.LayersModel,
  images: tf.Tensor4D,
  own: tf.Tensor4D | undefined,
): [tf.Tensor4D, tf.Tensor4D | undefined] {
  if (own === undefined) return [forward(network, images), undefined];
  return halves(forward(network, tf.concat([images, own])), images.shape[0]);
}

/** Splits a batch after its first `count` items. */
function halves(batch: tf.Tensor4D, count: number): [tf.Tensor4D, tf.Tensor4D] {
  return tf.split(batch, [count, batch.shape[0] - count]) as [tf.Tensor4D, tf.Tensor4D];
}

/** Puts a batch of fakes into a pool; returns the batch for the discriminator, tidied by the caller. */
function exchange(pool: ImagePool<tf.Tensor4D>, fakes: tf.Tensor4D): tf.Tensor4D {
  const [count] = fakes.shape;
  const before = pool.images();
  const images: tf.Tensor4D[] =
    count === 1 ? [tf.clone(fakes)] : tf.split<tf.Tensor4D>(fakes, count);
  const shown = pool.exchange(images);
  const unchanged = shown.every((image, i) => image === images[i]);
  const batch = unchanged ? fakes : tf.concat([...shown]);
  const stays = new Set(pool.images());
  for (const image of images) if (stays.has(image)) tf.keep(image);
  for (const image of before) if (!stays.has(image)) image.dispose();
  return batch;
}
