/** Steps of networks on random images: the same work as the peer's script of the same name. */
import * as tf from '@tensorflow/tfjs';
import { compile, type Precision } from '@janus/engine';
import {
  buildBackbone,
  compileCycleGan,
  correctionTensors,
  createAdam,
  createCycleGan,
  CYCLEGAN_PAPER,
  gradientsOf,
  trainStep,
  variablesOf,
  type Adam,
  type AdamCorrection,
  type NamedVariables,
} from '@janus/models';
import { secondsOf, type Measured } from './measure.js';

/** What a step works on. */
export interface StepOptions {
  /** Images a step; of each domain, for a CycleGAN. */
  readonly batch: number;
  /** Side in pixels. */
  readonly size: number;
  /** Steps that are timed. */
  readonly steps: number;
  readonly precision: Precision;
}

/** Returns VGG-16's convolutions on a batch, images a second. */
export async function vggPredict(options: StepOptions): Promise<Measured> {
  const { batch, size, steps, precision } = options;
  const backbone = buildBackbone('vgg16', { imageSize: size });
  const images: tf.Tensor = tf.randomNormal([batch, size, size, 3], 0, 1, 'float32', 1);
  const step = compile(
    ({ images: given }: { images: tf.Tensor }) => ({
      features: backbone.apply(given) as tf.Tensor,
    }),
    { precision },
  );
  const seconds = await secondsOf(
    async () => {
      tf.dispose(await step.run({ images }));
    },
    { timed: steps },
  );
  return { value: batch / seconds, unit: 'img/s', config: { precision, layout: 'NHWC' } };
}

/** The peers', in `torch_peer.py` and `bytes_peer.py`. */
export const VGG_LEARNING_RATE = 1e-4;

/** What {@link vggUpdate} changes. */
export interface VggTraining {
  readonly backbone: tf.LayersModel;
  readonly variables: NamedVariables;
  readonly adam: Adam;
}

/** Updates variables of a backbone by the mean of its squared outputs, as a part of a compiled step. */
export function vggUpdate(
  { backbone, variables, adam }: VggTraining,
  images: tf.Tensor,
  correction: AdamCorrection<tf.Tensor>,
): { readonly loss: tf.Scalar } {
  const { value, gradients } = gradientsOf(
    () => tf.mean<tf.Scalar>(tf.square(backbone.apply(images, { training: true }) as tf.Tensor)),
    variables,
  );
  adam.update(gradients, variables, correction);
  tf.dispose(gradients);
  return { loss: value };
}

/**
 * Returns updates of all of VGG-16's convolutions by Adam, images a second. The loss is the peer's:
 * the mean of the squared outputs.
 */
export async function vggTrain(options: StepOptions): Promise<Measured> {
  const { batch, size, steps, precision } = options;
  const backbone = buildBackbone('vgg16', { imageSize: size });
  const variables = variablesOf(backbone);
  const adam = createAdam({ learningRate: VGG_LEARNING_RATE });
  adam.prepare(variables);
  const images: tf.Tensor = tf.randomNormal([batch, size, size, 3], 0, 1, 'float32', 1);
  const step = compile(
    ({ images: given, ...correction }: { images: tf.Tensor } & AdamCorrection<tf.Tensor>) => {
      return vggUpdate({ backbone, variables, adam }, given, correction);
    },
    { precision },
  );
  const seconds = await secondsOf(
    async () => {
      const correction = correctionTensors(adam.advance());
      const given = { images, ...correction };
      const made = await step.run(given);
      tf.dispose([{ ...correction }, made]);
    },
    { timed: steps },
  );
  return { value: batch / seconds, unit: 'img/s', config: { precision, layout: 'NHWC' } };
}

/** What a CycleGAN's step works on. */
export interface CycleGanStepOptions extends StepOptions {
  /** Filters of the first convolution, of generators and discriminators. */
  readonly ngf: number;
  readonly blocks: number;
}

/** Where a CycleGAN's images come from; default: they are tensors from the start. */
export interface CycleGanSource {
  /** Steps that are not timed; default 1. */
  readonly warmUp: number;
  /** Makes the images of one step, float32 [B, H, W, 3], signed; they are disposed after it. */
  readonly batch: () => { readonly realX: tf.Tensor4D; readonly realY: tf.Tensor4D };
}

/** Returns whole updates of a CycleGAN with the paper's losses and image pool, seconds a step. */
export async function cycleGan(
  options: CycleGanStepOptions,
  source?: CycleGanSource,
): Promise<Measured> {
  const { batch, size, steps, precision, ngf, blocks } = options;
  const cyclegan = createCycleGan({
    ...CYCLEGAN_PAPER,
    imageSize: size,
    batchSize: batch,
    generatorFilters: ngf,
    generatorBlocks: blocks,
    discriminatorFilters: ngf,
    precision,
  });
  const compiled = compileCycleGan(cyclegan, cyclegan.options);
  const images = (seed: number): tf.Tensor4D =>
    tf.randomUniform([batch, size, size, 3], -1, 1, 'float32', seed);
  const held = { realX: images(1), realY: images(2) };
  const { learningRate } = cyclegan.options;
  const value = await secondsOf(
    async () => {
      const made = source?.batch();
      const given = made ?? held;
      const losses = await trainStep({ ...cyclegan, steps: compiled }, given, { learningRate });
      await losses.data();
      tf.dispose([losses, { ...made }]);
    },
    { timed: steps, ...(source === undefined ? {} : { warmUp: source.warmUp }) },
  );
  return { value, unit: 's/step', config: { precision, layout: 'NHWC' } };
}
