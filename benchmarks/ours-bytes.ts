/** Networks from the bytes of images in memory to an answer in memory, on any device: the same work as in `bytes_peer.py`. */
import * as tf from '@tensorflow/tfjs';
import { byteTensor, compile } from '@janus/engine';
import {
  buildBackbone,
  correctionTensors,
  createAdam,
  preprocess,
  unfrozenBlocks,
  variablesOf,
  type AdamCorrection,
} from '@janus/models';
import { secondsOf, type Measured } from './measure.js';
import {
  cycleGan,
  VGG_LEARNING_RATE,
  vggUpdate,
  type CycleGanStepOptions,
  type StepOptions,
} from './ours-networks.js';

/** Steps before the clock starts: XLA and oneDNN choose their programs in the first. */
const WARM_UP = 3;

/** Returns pixels that look like noise, the same at every call. */
function pixelsOf({ batch, size }: StepOptions, seed: number): Uint8Array {
  const pixels = new Uint8Array(batch * size * size * 3);
  let state = seed;
  for (let i = 0; i < pixels.length; i++) {
    // Numerical Recipes' linear congruential generator, whose high bits are the better ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    pixels[i] = state >>> 24;
  }
  return pixels;
}

/** Returns VGG-16's last maps of a batch, or their means, as numbers in memory; images a second. */
export async function bytesPredict(
  options: StepOptions,
  answer: 'maps' | 'means',
): Promise<Measured> {
  const { batch, size, steps, precision } = options;
  const backbone = buildBackbone('vgg16', { imageSize: size });
  const pixels = pixelsOf(options, 1);
  const step = compile(
    ({ images }: { images: tf.Tensor }) => {
      const maps = backbone.apply(preprocess(images as tf.Tensor4D, 'caffe')) as tf.Tensor;
      return { answer: answer === 'maps' ? maps : tf.mean(maps, [1, 2]) };
    },
    { precision },
  );
  const seconds = await secondsOf(
    async () => {
      const images = byteTensor(pixels, [batch, size, size, 3]);
      const made = await step.run({ images });
      await made.answer.data();
      tf.dispose([images, made.answer]);
    },
    { warmUp: WARM_UP, timed: steps },
  );
  return { value: batch / seconds, unit: 'img/s', config: { precision, layout: 'NHWC' } };
}

/** Returns updates of VGG-16's block and all after it by Adam, each with its loss in memory; images a second. */
export async function bytesTrain(
  options: StepOptions,
  unfreeze: 'block5' | 'all',
): Promise<Measured> {
  const { batch, size, steps, precision } = options;
  const backbone = buildBackbone('vgg16', { imageSize: size });
  const blocks = unfrozenBlocks(backbone, unfreeze);
  const variables = Object.fromEntries(
    Object.entries(variablesOf(backbone)).filter(([name]) =>
      blocks.includes(name.split('_')[0] ?? ''),
    ),
  );
  const adam = createAdam({ learningRate: VGG_LEARNING_RATE });
  adam.prepare(variables);
  const pixels = pixelsOf(options, 1);
  const step = compile(
    ({ images, ...correction }: { images: tf.Tensor } & AdamCorrection<tf.Tensor>) => {
      const inputs = preprocess(images as tf.Tensor4D, 'caffe');
      return vggUpdate({ backbone, variables, adam }, inputs, correction);
    },
    { precision },
  );
  const seconds = await secondsOf(
    async () => {
      const correction = correctionTensors(adam.advance());
      const images = byteTensor(pixels, [batch, size, size, 3]);
      const { loss } = await step.run({ images, ...correction });
      await loss.data();
      tf.dispose([{ ...correction }, images, loss]);
    },
    { warmUp: WARM_UP, timed: steps },
  );
  return { value: batch / seconds, unit: 'img/s', config: { precision, layout: 'NHWC' } };
}

/** Returns pixels of -1 to 1, made on the processor as a training does. */
function signedTensor(pixels: Uint8Array, { batch, size }: StepOptions): tf.Tensor4D {
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < values.length; i++) values[i] = (pixels[i] ?? 0) / 127.5 - 1;
  return tf.tensor4d(values, [batch, size, size, 3]);
}

/** Returns whole updates of a CycleGAN on two batches of bytes, seconds a step. */
export async function bytesCycleGan(options: CycleGanStepOptions): Promise<Measured> {
  const [x, y] = [pixelsOf(options, 1), pixelsOf(options, 2)];
  return await cycleGan(options, {
    warmUp: WARM_UP,
    batch: () => ({ realX: signedTensor(x, options), realY: signedTensor(y, options) }),
  });
}
