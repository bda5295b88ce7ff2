/** Images through a generator that takes labels. */
import * as tf from '@tensorflow/tfjs';
import { compile } from '@janus/engine';
import type { Images, TranslateOptions, Translator } from '../cyclegan/cyclegan-translate.js';
import { signedPixels, uint8Pixels } from '../cyclegan/signed-pixels.js';
import { passSignal } from '../pass-signal.js';

/** Returns the labels that images are to have, float32 [N, L], by what they look like. */
export type LabelsOf = (images: Images) => Promise<Float32Array>;

/** Images at once; changes memory and speed only. */
const DEFAULT_BATCH = 8;

/**
 * Compiles a generator of images and labels as something that translates images of any size that is a multiple of 4;
 * each new size is compiled when it first comes. The caller disposes the result; the generator remains the caller's.
 */
export function openLabelTranslator(
  generator: tf.LayersModel,
  labelsOf: LabelsOf,
  options: TranslateOptions = {},
): Translator {
  const { batchSize = DEFAULT_BATCH, precision = 'float32', signal } = options;
  const step = compile(
    ({ x, labels }: { x: tf.Tensor4D; labels: tf.Tensor2D }) => ({
      y: generator.apply([x, labels]) as tf.Tensor,
    }),
    { ownSession: true, precision },
  );
  return {
    translate: async (input) => {
      const { images, height, width } = input;
      const bytes = height * width * 3;
      const count = images.length / bytes;
      const all = await labelsOf(input);
      const each = all.length / count;
      const made = new Uint8Array(images.length);
      for (let from = 0; from < count; from += batchSize) {
        await passSignal(signal);
        const size = Math.min(batchSize, count - from);
        const part = images.subarray(from * bytes, (from + size) * bytes);
        const x = tf.tensor4d(signedPixels(part), [size, height, width, 3]);
        const labels = tf.tensor2d(all.slice(from * each, (from + size) * each), [size, each]);
        const { y } = await step.run({ x, labels });
        made.set(uint8Pixels((await y.data()) as Float32Array), from * bytes);
        tf.dispose([x, labels, y]);
      }
      return { images: made };
    },
    dispose: () => {
      step.dispose();
    },
  };
}

/** Returns what a generator makes of images that are to have these labels: float32 [N, L], one row an image. */
export async function translateToLabels(
  generator: tf.LayersModel,
  input: Images & { readonly labels: Float32Array },
  options: TranslateOptions = {},
): Promise<Uint8Array> {
  const translator = openLabelTranslator(generator, () => Promise.resolve(input.labels), options);
  try {
    return (await translator.translate(input)).images;
  } finally {
    translator.dispose();
  }
}

/**
 * Returns what a network tells of the labels of images, float32 [N, L]: the logits of a StarGAN's discriminator, or what
 * an encoder of labels returns. Images of another size than its own are scaled to it.
 *
 * @param size side of the images that the network takes, in pixels
 */
export async function readLabels(
  network: tf.LayersModel,
  { images, height, width }: Images,
  size: number,
): Promise<Float32Array> {
  const bytes = height * width * 3;
  const count = images.length / bytes;
  const parts: Float32Array[] = [];
  for (let from = 0; from < count; from += DEFAULT_BATCH) {
    const some = Math.min(DEFAULT_BATCH, count - from);
    const logits = tf.tidy(() => {
      const part = images.subarray(from * bytes, (from + some) * bytes);
      const x = tf.tensor4d(signedPixels(part), [some, height, width, 3]);
      const scaled =
        height === size && width === size ? x : tf.image.resizeBilinear(x, [size, size]);
      const told = network.predict(scaled);
      // A discriminator tells first whether the image is real.
      const [labels] = [told].flat().slice(-1) as [tf.Tensor];
      return labels;
    });
    parts.push((await logits.data()) as Float32Array);
    logits.dispose();
  }
  return Float32Array.from(parts.flatMap((part) => [...part]));
}
