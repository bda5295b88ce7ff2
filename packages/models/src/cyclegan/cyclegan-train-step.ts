import * as tf from '@tensorflow/tfjs';
import { compile, type CompiledStep, type Execution, type Precision } from '@janus/engine';
import { correctionTensors, type Adam, type AdamCorrection } from '../adam.js';
import {
  adversarialLoss,
  changeLoss,
  cycleConsistencyLoss,
  discriminatorLoss,
  identityLoss,
  type AdversarialMode,
} from './cyclegan-losses.js';
import type { ImagePool } from './image-pool.js';
import { gradientsOf, variablesOf, type NamedVariables } from '../model-variables.js';
import { shiftIndices, shifted } from './shifts.js';

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

/** Fakes of earlier steps: the numbers of one image each, float32 [H * W * C]. */
export interface CycleGanPools {
  readonly X: ImagePool<Float32Array>;
  readonly Y: ImagePool<Float32Array>;
}

/** What a step changes. */
export interface CycleGanParts {
  readonly networks: CycleGanNetworks;
  readonly optimizers: CycleGanOptimizers;
  readonly pools: CycleGanPools;
  /** Running averages of the generators, if they are kept. */
  readonly averaged: Pick<CycleGanNetworks, 'G' | 'F'> | undefined;
}

/** One batch of each domain, float32 [B, H, W, C], signed; the caller disposes them. */
export interface CycleGanBatch {
  readonly realX: tf.Tensor4D;
  readonly realY: tf.Tensor4D;
}

/** What a training's steps have in common: options of {@link compileCycleGan}. */
export interface CycleGanStepOptions {
  readonly adversarial: AdversarialMode;
  /** Weight of the cycle term; the paper: 10; 0 leaves it out. */
  readonly lambdaCycle: number;
  /** Weight of the identity term, multiplied by `lambdaCycle`; the reference: 0.5; 0 leaves it out. */
  readonly lambdaIdentity: number;
  /** Weight of the mean absolute change of an image; the paper has no such term, 0 leaves it out. */
  readonly lambdaChange: number;
  /** Largest shift in pixels before a discriminator sees an image; 0: none. */
  readonly shift: number;
  /** What the networks compute in; default float32. */
  readonly precision?: Precision;
  /** How the halves run; default `graph`. */
  readonly execution?: Execution;
}

/** What one step has of its own: options of {@link trainStep}. */
export interface TrainStepOptions {
  /** Of the generators. */
  readonly learningRate: number;
  /** Of the discriminators; default `learningRate`. */
  readonly discriminatorLearningRate?: number;
  /** How far the running averages move towards the weights, from 0 to 1; default 0. */
  readonly averageRate?: number;
  /** Leaves the generators as they are, which must return their inputs: default false. */
  readonly warmup?: boolean;
  /** The update, from which shifts are drawn; default 0. */
  readonly step?: number;
  /** Seed of the shifts; default 1. */
  readonly seed?: number;
}

const GENERATOR_LOSSES = [
  'adversarialX',
  'adversarialY',
  'cycleX',
  'cycleY',
  'identityX',
  'identityY',
  'changeX',
  'changeY',
  'generatorTotal',
] as const;

const DISCRIMINATOR_LOSSES = ['discriminatorX', 'discriminatorY'] as const;

/** The terms of a step, in the order of {@link trainStep}'s result; none of them is weighted. */
export const CYCLEGAN_LOSSES: readonly CycleGanLossName[] = [
  ...GENERATOR_LOSSES,
  ...DISCRIMINATOR_LOSSES,
];

/** Terms of a step in which only the discriminators learn. */
export const WARMUP_LOSSES: readonly CycleGanLossName[] = DISCRIMINATOR_LOSSES;

/** The name of a term. `adversarialX` is what DX says of F's fakes, `cycleX` is |F(G(x)) - x|, `changeX` is |G(x) - x|. */
export type CycleGanLossName =
  (typeof GENERATOR_LOSSES)[number] | (typeof DISCRIMINATOR_LOSSES)[number];

type Losses<Name extends string> = Readonly<Record<Name, tf.Scalar>>;

/** Inputs of {@link generatorStep}. */
type GeneratorInputs = CycleGanBatch &
  AdamCorrection<tf.Tensor> & {
    /** float32 scalar: how far the averages move. */
    readonly averageRate: tf.Tensor;
  } & Shifts;

/** int32 [2, images, side] as `shiftIndices` draws them, for what DX and DY are shown; scalars where nothing is shifted. */
interface Shifts {
  readonly shiftsX: tf.Tensor;
  readonly shiftsY: tf.Tensor;
}

/** What {@link generatorStep} returns: fakes, and `losses` in the order of their list. */
type GeneratorOutputs = Readonly<Record<'fakeX' | 'fakeY' | 'losses', tf.Tensor>>;

/** Inputs of {@link discriminatorStep}: `shown` are fakes, new or old. */
type DiscriminatorInputs = CycleGanBatch &
  AdamCorrection<tf.Tensor> & {
    readonly shownX: tf.Tensor4D;
    readonly shownY: tf.Tensor4D;
  } & Shifts;

/** Both halves of a step, made ready by {@link compileCycleGan}. */
export interface CycleGanSteps {
  readonly generators: CompiledStep<GeneratorInputs, GeneratorOutputs>;
  readonly discriminators: CompiledStep<DiscriminatorInputs, { readonly losses: tf.Tensor }>;
  /** Largest shift in pixels. */
  readonly shift: number;
  dispose(): void;
}

/** Makes the two halves of a training's steps ready; the caller disposes them. */
export function compileCycleGan(parts: CycleGanParts, options: CycleGanStepOptions): CycleGanSteps {
  const { optimizers } = parts;
  const { precision = 'float32', execution = 'graph' } = options;
  optimizers.generators.prepare(generatorVariables(parts.networks));
  optimizers.discriminators.prepare(discriminatorVariables(parts.networks));
  const generators = compile((inputs: GeneratorInputs) => generatorStep(parts, inputs, options), {
    precision,
    execution,
  });
  const discriminators = compile(
    (inputs: DiscriminatorInputs) => discriminatorStep(parts, inputs, options),
    { precision, execution },
  );
  return {
    generators,
    discriminators,
    shift: options.shift,
    dispose: () => {
      generators.dispose();
      discriminators.dispose();
    },
  };
}

/**
 * Does one update of all four networks.
 *
 * @returns float32 [11], the terms in the order of {@link CYCLEGAN_LOSSES} (`generatorTotal` is
 * weighted; terms that are left out are 0, and so are the generators' in a step of the warm-up); the caller disposes it
 * Source: Zhu et al. 2017, sections 3 and 4; order of the reference's `optimize_parameters`.
 */
export async function trainStep(
  parts: CycleGanParts & { readonly steps: CycleGanSteps },
  batch: CycleGanBatch,
  options: TrainStepOptions,
): Promise<tf.Tensor1D> {
  const { steps, optimizers, pools } = parts;
  const { learningRate, discriminatorLearningRate = learningRate, averageRate = 0 } = options;
  const { warmup = false } = options;
  const owned: tf.Tensor[] = [];
  const own = <T extends tf.Tensor>(tensor: T): T => {
    owned.push(tensor);
    return tensor;
  };
  const correction = (adam: Adam, rate: number): AdamCorrection<tf.Tensor> => {
    const made = correctionTensors(adam.advance(rate));
    Object.values(made).forEach(own);
    return made;
  };
  const shifts = (who: string, batches: number): Shifts => ({
    shiftsX: own(
      shiftsFor(batch.realX, { ...options, shift: steps.shift, name: `${who}X`, batches }),
    ),
    shiftsY: own(
      shiftsFor(batch.realY, { ...options, shift: steps.shift, name: `${who}Y`, batches }),
    ),
  });
  // Discriminator loss, update of the discriminators.
  const judge = async (shown: Record<'shownX' | 'shownY', tf.Tensor4D>): Promise<tf.Tensor1D> => {
    const judged = await steps.discriminators.run({
      ...{ ...batch, ...shown, ...shifts('discriminator', 2) },
      ...correction(optimizers.discriminators, discriminatorLearningRate),
    });
    return own(judged.losses as tf.Tensor1D);
  };
  try {
    if (warmup) {
      const losses = await judge({ shownX: batch.realY, shownY: batch.realX });
      return tf.concat([own(tf.zeros<tf.Rank.R1>([GENERATOR_LOSSES.length])), losses]);
    }
    // Translate, cycle, identity, generator loss, update of the generators.
    const made = await steps.generators.run({
      ...{ ...batch, ...shifts('generator', 1) },
      ...correction(optimizers.generators, learningRate),
      averageRate: own(tf.scalar(averageRate)),
    });
    Object.values(made).forEach(own);
    // Pool: the discriminators see old fakes too.
    const shown = async (pool: ImagePool<Float32Array>, fakes: tf.Tensor): Promise<tf.Tensor4D> =>
      own(exchange(pool, (await fakes.data()) as Float32Array, fakes.shape as Shape4D));
    const losses = await judge({
      shownX: await shown(pools.X, made.fakeX),
      shownY: await shown(pools.Y, made.fakeY),
    });
    return tf.concat([made.losses as tf.Tensor1D, losses]);
  } finally {
    tf.dispose(owned);
  }
}

/**
 * Updates the generators; the discriminators keep their weights.
 *
 * Images that go through one network with the same weights go as one batch (a domain's images
 * for the fake, the other's for the identity term), which changes no number: instance normalisation
 * looks at one image at a time.
 */
function generatorStep(
  parts: CycleGanParts,
  inputs: GeneratorInputs,
  options: CycleGanStepOptions,
): GeneratorOutputs {
  const { networks, optimizers, averaged } = parts;
  const { G, F, DX, DY } = networks;
  const { realX, realY, averageRate, shiftsX, shiftsY, ...correction } = inputs;
  const { adversarial, lambdaCycle, lambdaIdentity, lambdaChange, shift } = options;
  const kept: { fakeX?: tf.Tensor; fakeY?: tf.Tensor; terms?: Losses<string> } = {};
  const loss = (): tf.Scalar => {
    // 1. Translate, and 3. identity: what a generator should leave as it is.
    const [fakeY, identityY] = withIdentity(G, realX, lambdaIdentity > 0 ? realY : undefined);
    const [fakeX, identityX] = withIdentity(F, realY, lambdaIdentity > 0 ? realX : undefined);
    // 2. Cycle, and 4. generator loss.
    const zero = tf.scalar(0);
    const cycle = (back: tf.LayersModel, fake: tf.Tensor4D, real: tf.Tensor4D): tf.Scalar =>
      lambdaCycle > 0 ? cycleConsistencyLoss(forward(back, fake), real) : zero;
    const change = (fake: tf.Tensor4D, real: tf.Tensor4D): tf.Scalar =>
      lambdaChange > 0 ? changeLoss(fake, real) : zero;
    const opinion = (D: tf.LayersModel, fake: tf.Tensor4D, shifts: tf.Tensor): tf.Scalar => {
      const seen = shift > 0 ? shifted(fake, shifts) : fake;
      return meanOf(views(D, seen).map((logits) => adversarialLoss(logits, true, adversarial)));
    };
    const terms = {
      adversarialX: opinion(DX, fakeX, shiftsX),
      adversarialY: opinion(DY, fakeY, shiftsY),
      cycleX: cycle(F, fakeY, realX),
      cycleY: cycle(G, fakeX, realY),
      identityX: identityX === undefined ? zero : identityLoss(identityX, realX),
      identityY: identityY === undefined ? zero : identityLoss(identityY, realY),
      changeX: change(fakeY, realX),
      changeY: change(fakeX, realY),
    };
    Object.assign(kept, { fakeX, fakeY, terms });
    [fakeX, fakeY, ...Object.values(terms)].forEach((each) => tf.keep(each));
    const sum = (a: tf.Tensor, b: tf.Tensor, weight: number): tf.Tensor =>
      tf.mul(tf.add(a, b), weight);
    let total = tf.add(terms.adversarialX, terms.adversarialY);
    if (lambdaCycle > 0) total = tf.add(total, sum(terms.cycleX, terms.cycleY, lambdaCycle));
    if (lambdaIdentity > 0) {
      const weight = lambdaCycle * lambdaIdentity;
      total = tf.add(total, sum(terms.identityX, terms.identityY, weight));
    }
    if (lambdaChange > 0) total = tf.add(total, sum(terms.changeX, terms.changeY, lambdaChange));
    return total as tf.Scalar;
  };
  // 5. Update the generators.
  const generators = generatorVariables(networks);
  const { value, gradients } = gradientsOf(loss, generators);
  optimizers.generators.update(gradients, generators, correction);
  tf.dispose(gradients);
  if (averaged !== undefined) moveAverages(networks, averaged, averageRate);
  const { fakeX, fakeY, terms = {} } = kept;
  if (fakeX === undefined || fakeY === undefined) throw new Error('no fakes were made');
  const losses = stackOf({ ...terms, generatorTotal: value }, GENERATOR_LOSSES);
  const outputs = { fakeX: tf.clone(fakeX), fakeY: tf.clone(fakeY), losses };
  tf.dispose(kept);
  return outputs;
}

/** Updates the discriminators on real images and on `shown` fakes. */
function discriminatorStep(
  { networks, optimizers }: CycleGanParts,
  inputs: DiscriminatorInputs,
  options: CycleGanStepOptions,
): { readonly losses: tf.Tensor } {
  const { DX, DY } = networks;
  const { realX, realY, shownX, shownY, shiftsX, shiftsY, ...correction } = inputs;
  const { adversarial, shift } = options;
  const kept: { terms?: Losses<string> } = {};
  const judge = (
    D: tf.LayersModel,
    [real, fake]: readonly [tf.Tensor4D, tf.Tensor4D],
    shifts: tf.Tensor,
  ): tf.Scalar => {
    const both = tf.concat([real, fake]);
    const logits = views(D, shift > 0 ? shifted(both, shifts) : both);
    return meanOf(
      logits.map((each) => discriminatorLoss(...halves(each, real.shape[0]), adversarial)),
    );
  };
  const discriminators = discriminatorVariables(networks);
  const { value, gradients } = gradientsOf(() => {
    const terms = {
      discriminatorX: tf.keep(judge(DX, [realX, shownX], shiftsX)),
      discriminatorY: tf.keep(judge(DY, [realY, shownY], shiftsY)),
    };
    kept.terms = terms;
    return tf.add(terms.discriminatorX, terms.discriminatorY);
  }, discriminators);
  optimizers.discriminators.update(gradients, discriminators, correction);
  const losses = stackOf(kept.terms ?? {}, DISCRIMINATOR_LOSSES);
  tf.dispose([value, gradients, kept]);
  return { losses };
}

function generatorVariables({ G, F }: CycleGanNetworks): NamedVariables {
  return { ...variablesOf(G, { prefix: 'G' }), ...variablesOf(F, { prefix: 'F' }) };
}

function discriminatorVariables({ DX, DY }: CycleGanNetworks): NamedVariables {
  return { ...variablesOf(DX, { prefix: 'DX' }), ...variablesOf(DY, { prefix: 'DY' }) };
}

function moveAverages(
  networks: CycleGanNetworks,
  averaged: Pick<CycleGanNetworks, 'G' | 'F'>,
  rate: tf.Tensor,
): void {
  for (const name of ['G', 'F'] as const) {
    const current = variablesOf(networks[name]);
    for (const [key, average] of Object.entries(variablesOf(averaged[name]))) {
      const weight = current[key];
      if (weight === undefined) continue;
      average.assign(tf.add(average, tf.mul(tf.sub(weight, average), rate)));
    }
  }
}

function stackOf(terms: Losses<string>, names: readonly string[]): tf.Tensor {
  return tf.stack(
    names.map((name) => {
      const term = terms[name];
      if (term === undefined) throw new Error(`no loss ${name}`);
      return term;
    }),
  );
}

function forward(network: tf.LayersModel, images: tf.Tensor4D): tf.Tensor4D {
  return network.apply(images, { training: true }) as tf.Tensor4D;
}

/** Returns the logits of a discriminator: those of its patches, and that of the whole where it has one. */
function views(D: tf.LayersModel, images: tf.Tensor4D): readonly tf.Tensor4D[] {
  const logits = D.apply(images, { training: true }) as tf.Tensor4D | tf.Tensor4D[];
  return Array.isArray(logits) ? logits : [logits];
}

function meanOf(terms: readonly tf.Scalar[]): tf.Scalar {
  const [first, ...rest] = terms;
  if (first === undefined) throw new Error('a discriminator has no output');
  if (rest.length === 0) return first;
  return tf.div(
    rest.reduce((sum, term) => tf.add(sum, term), first),
    terms.length,
  );
}

/** Returns the shifts of `batches` times as many images as a batch has; a scalar where nothing is shifted. */
function shiftsFor(
  { shape: [count, size] }: tf.Tensor4D,
  options: {
    readonly batches: number;
    readonly shift: number;
    readonly step?: number;
    readonly seed?: number;
    readonly name: string;
  },
): tf.Tensor {
  const { batches, shift, name, step = 0, seed = 1 } = options;
  if (shift === 0) return tf.scalar(0, 'int32');
  return shiftIndices({ count: count * batches, size, shift, seed, step, name });
}

/** Returns what `network` makes of `images` and of `own` images of its target domain. */
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

type Shape4D = [number, number, number, number];

/** Puts a batch of fakes into a pool; returns the batch for the discriminator. */
function exchange(pool: ImagePool<Float32Array>, fakes: Float32Array, shape: Shape4D): tf.Tensor4D {
  const [count] = shape;
  const each = fakes.length / count;
  // Copies: what the pool keeps must not hang on the batch.
  const images = Array.from({ length: count }, (_, i) => fakes.slice(i * each, (i + 1) * each));
  const batch = new Float32Array(fakes.length);
  pool.exchange(images).forEach((image, i) => {
    batch.set(image, i * each);
  });
  return tf.tensor4d(batch, shape);
}
