import * as tf from '@tensorflow/tfjs';
import type { BatchSource, LabelledBatch, StepRecord } from '@janus/core';
import { compile, type CompiledStep } from '@janus/engine';
import { averageRate, scheduleOf } from '../cyclegan/translation-networks.js';
import { ganSteps, type GanStepsOptions } from '../gan/gan-steps.js';
import { stepTensors, type StepTensors } from '../gan/step-tensors.js';
import { variablesOf } from '../model-variables.js';
import {
  anyFakes,
  fakeTensors,
  latentNoise,
  realTensors,
  wrongLabels,
  type DrawOptions,
} from './icgan-batch.js';
import {
  ICGAN_ENCODER_LOSSES,
  ICGAN_GAN_LOSSES,
  ICGAN_LOSSES,
  asSecond,
  icDiscriminatorStep,
  icEncoderStep,
  icGeneratorStep,
  icReconstructingStep,
  icRefreshStep,
  type FakeInputs,
  type IcDiscriminatorInputs,
  type IcEncoderInputs,
  type IcGanNetwork,
  type IcGeneratorInputs,
  type IcReconstructingInputs,
} from './icgan-halves.js';
import { icGenerator, type IcGan } from './icgan-state.js';

/** Options of {@link icGanSteps}. */
export interface IcGanStepsOptions extends GanStepsOptions {
  /** What each image has, float32 [images, L], 0 or 1: a batch's `labels` are places in it. */
  readonly table: Float32Array;
}

type Losses = Readonly<Record<'losses', tf.Tensor>>;

/** The parts of a training, made ready. */
interface IcSteps {
  readonly generator: CompiledStep<IcGeneratorInputs, Losses>;
  /** In place of `generator`, where real images are made again. */
  readonly reconstructing: CompiledStep<IcReconstructingInputs, Losses>;
  readonly discriminator: CompiledStep<IcDiscriminatorInputs, Losses>;
  readonly refresh: CompiledStep<FakeInputs, { readonly mean: tf.Tensor }>;
  readonly encoder: CompiledStep<IcEncoderInputs, Losses>;
  dispose(): void;
}

/** Batches that the moving means of a finished generator are taken from (the authors' `trainGAN.lua`). */
const REFRESHING_BATCHES = 100;

/**
 * Trains generator and discriminator for the epochs of their schedule, then both encoders for theirs, and yields records as
 * `cycleGanSteps` does: every `recordEvery` steps and at the end of each epoch, after which the caller may save it, stop,
 * and continue with another call.
 *
 * @throws NumericalError when a recorded loss is not finite
 * @throws TensorLeakError when a step leaves tensors behind
 */
export async function* icGanSteps(
  ic: IcGan,
  source: BatchSource<LabelledBatch>,
  options: IcGanStepsOptions,
): AsyncGenerator<StepRecord, void, void> {
  const { progress, options: trained } = ic;
  const schedule = scheduleOf({ ...trained, schedule: 'linear', stepEpochs: 1 }, progress);
  const epochs = schedule.epochs + trained.encoderEpochs;
  if (progress.cursor.epoch >= epochs) return;
  const generatorSteps = schedule.epochs * source.stepsPerEpoch;
  const steps = compileIcGan(ic);
  const training = {
    ...({ where: 'icGanSteps', phase: 'icgan', progress, epochs } as const),
    rateOf: (epoch: number) =>
      epoch < schedule.epochs ? schedule.rateOf(epoch) : trained.encoderLearningRate,
    losses: ICGAN_LOSSES,
    recorded: (step: number) => (step <= generatorSteps ? ICGAN_GAN_LOSSES : ICGAN_ENCODER_LOSSES),
    update: async (batch: LabelledBatch, rate: number) => {
      const { step } = progress;
      const { labels, options: of } = ic;
      const draw = { table: options.table, labels, latent: of.latent, seed: of.seed, step };
      if (step === generatorSteps + 1) await refresh(steps, { ...draw, batchSize: of.batchSize });
      const tensors = stepTensors();
      try {
        const work = { ic, steps, tensors, draw };
        const update = step <= generatorSteps ? ganUpdate : encoderUpdate;
        return await update(work, batch, rate);
      } finally {
        tensors.dispose();
      }
    },
  };
  try {
    yield* ganSteps(training, source, options);
  } finally {
    steps.dispose();
  }
}

function compileIcGan(ic: IcGan): IcSteps {
  const { networks, optimizers, options } = ic;
  for (const name of Object.keys(networks) as readonly IcGanNetwork[]) {
    optimizers[name].prepare(variablesOf(networks[name], { prefix: name }));
  }
  const { precision } = options;
  const final = icGenerator(ic);
  const steps = {
    generator: compile((inputs: IcGeneratorInputs) => icGeneratorStep(ic, inputs), { precision }),
    reconstructing: compile(
      (inputs: IcReconstructingInputs) => icReconstructingStep(ic, inputs, options),
      { precision },
    ),
    discriminator: compile(
      (inputs: IcDiscriminatorInputs) => icDiscriminatorStep(ic, inputs, options),
      { precision },
    ),
    refresh: compile((inputs: FakeInputs) => icRefreshStep(final, inputs), { precision }),
    encoder: compile(
      (inputs: IcEncoderInputs) => icEncoderStep(ic, inputs, { ...options, generator: final }),
      { precision },
    ),
  };
  return {
    ...steps,
    dispose: () => {
      for (const each of Object.values(steps)) each.dispose();
    },
  };
}

/** Everything that an update needs beside its batch. */
interface UpdateWork {
  readonly ic: IcGan;
  readonly steps: IcSteps;
  readonly tensors: StepTensors;
  readonly draw: DrawOptions;
}

/** Frees tensors with those of their update. */
function owned<T extends object>({ own }: StepTensors, made: T): T {
  (Object.values(made) as readonly tf.Tensor[]).forEach(own);
  return made;
}

async function ganUpdate(
  { ic, steps, tensors, draw }: UpdateWork,
  batch: LabelledBatch,
  rate: number,
): Promise<tf.Tensor1D> {
  const { own, correction } = tensors;
  const { optimizers, options } = ic;
  const fakes = owned(tensors, fakeTensors(batch, draw));
  const real = owned(tensors, realTensors(batch, draw));
  const judged = await steps.discriminator.run({
    ...{ ...fakes, ...real, wrong: own(wrongLabels(batch, draw)) },
    ...correction(optimizers.D, rate * options.discriminatorLrFactor),
  });
  const ofDiscriminator = own(judged.losses as tf.Tensor1D);
  const ofFakes = {
    ...{ ...fakes, ...correction(optimizers.G, rate) },
    averageRate: own(tf.scalar(averageRate(options, draw.step))),
  };
  const made =
    options.lambdaReconstruction > 0
      ? await steps.reconstructing.run({
          ...{ ...ofFakes, ...real, noise: own(latentNoise(batch.size, draw)) },
          ...asSecond(correction(optimizers.Ez, rate)),
        })
      : await steps.generator.run(ofFakes);
  const ofGenerator = own(made.losses as tf.Tensor1D);
  const none = own(tf.zeros<tf.Rank.R1>([ICGAN_ENCODER_LOSSES.length]));
  return tf.concat([ofGenerator, ofDiscriminator, none]);
}

async function encoderUpdate(
  { ic, steps, tensors, draw }: UpdateWork,
  batch: LabelledBatch,
  rate: number,
): Promise<tf.Tensor1D> {
  const { own, correction } = tensors;
  const { Ez, Ey } = ic.optimizers;
  const fakes = owned(tensors, fakeTensors(batch, draw));
  const real = owned(tensors, realTensors(batch, draw));
  const { losses } = await steps.encoder.run({
    ...{ ...fakes, ...real, ...correction(Ez, rate) },
    ...asSecond(correction(Ey, rate)),
  });
  const none = own(tf.zeros<tf.Rank.R1>([ICGAN_GAN_LOSSES.length]));
  return tf.concat([none, own(losses as tf.Tensor1D)]);
}

/** Lets the moving means of the finished generator follow its weights; draws the same fakes whenever it is repeated. */
async function refresh(
  steps: Pick<IcSteps, 'refresh'>,
  { batchSize, ...draw }: DrawOptions & { readonly batchSize: number },
): Promise<void> {
  for (let i = 0; i < REFRESHING_BATCHES; i++) {
    const inputs = anyFakes(batchSize, { ...draw, step: i });
    const { mean } = await steps.refresh.run(inputs);
    tf.dispose([inputs.latent, inputs.given, mean]);
  }
}
