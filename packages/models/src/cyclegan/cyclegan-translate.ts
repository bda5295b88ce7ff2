import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '@janus/core';
import { compile, type Precision } from '@janus/engine';
import { checkGeneratorSize } from './cyclegan-networks.js';
import type { CycleGanNetworks } from './cyclegan-train-step.js';
import { signedPixels, uint8Pixels } from './signed-pixels.js';

/** Images of one size. */
export interface Images {
  /** uint8 [N, height, width, 3], RGB. */
  readonly images: Uint8Array;
  /** Pixels, a multiple of 4. */
  readonly height: number;
  /** Pixels, a multiple of 4. */
  readonly width: number;
}

/** Options of {@link translate}. */
export interface TranslateOptions {
  /** Images at once; changes memory and speed only. Default 8. */
  readonly batchSize?: number;
  /** What the generator computes in; default float32. */
  readonly precision?: Precision;
}

const DEFAULT_BATCH = 8;

/** A generator that is ready for images of several sizes. */
export interface Translator {
  /**
   * Returns what the generator makes of images of any size that is a multiple of 4.
   *
   * @returns uint8 [N, height, width, 3]
   * @throws ShapeError when a side is not a multiple of 4, or `images` is not whole images
   */
  readonly translate: (input: Images) => Promise<Uint8Array>;
  /** Disposes what the translator made; the generator remains the caller's. */
  readonly dispose: () => void;
}

/** Compiles a generator; each new size of image is compiled when it first comes. The caller disposes the result. */
export function openTranslator(
  generator: tf.LayersModel,
  options: TranslateOptions = {},
): Translator {
  const { batchSize = DEFAULT_BATCH, precision = 'float32' } = options;
  const step = compile(({ x }: { x: tf.Tensor4D }) => ({ y: generator.apply(x) as tf.Tensor4D }), {
    ownSession: true,
    precision,
  });
  return {
    translate: async ({ images, height, width }) => {
      checkGeneratorSize('translate', [height, width]);
      const pixels = height * width * 3;
      if (images.length % pixels !== 0) {
        throw new ShapeError(
          `translate: images must be whole images of ${height}x${width}x3, but got ${images.length} numbers. Check height and width.`,
        );
      }
      const count = images.length / pixels;
      const translated = new Uint8Array(images.length);
      for (let from = 0; from < count; from += batchSize) {
        const size = Math.min(batchSize, count - from);
        const part = images.subarray(from * pixels, (from + size) * pixels);
        const x = tf.tensor4d(signedPixels(part), [size, height, width, 3]);
        const { y } = await step.run({ x });
        translated.set(uint8Pixels((await y.data()) as Float32Array), from * pixels);
        tf.dispose([x, y]);
      }
      return translated;
    },
    dispose: step.dispose,
  };
}

/** Returns what a generator makes of images of one size; see {@link openTranslator}. */
export async function translate(
  generator: tf.LayersModel,
  input: Images,
  options: TranslateOptions = {},
): Promise<Uint8Array> {
  const translator = openTranslator(generator, options);
  try {
    return await translator.translate(input);
  } finally {
    translator.dispose();
  }
}

/** Options of {@link sampleTranslations}. */
export interface SampleOptions {
  /** uint8 [N, size, size, 3] of domain X. */
  readonly imagesX: Uint8Array;
  /** uint8 [N, size, size, 3] of domain Y. */
  readonly imagesY: Uint8Array;
  /** Side of the images in pixels. */
  readonly size: number;
  /** What the generators compute in; default float32. */
  readonly precision?: Precision;
}

/** Both ways there and back; each uint8 [N, size, size, 3]. */
export interface TranslationSample {
  /** G(x). */
  readonly fakeY: Uint8Array;
  /** F(G(x)). */
  readonly cycledX: Uint8Array;
  /** F(y). */
  readonly fakeX: Uint8Array;
  /** G(F(y)). */
  readonly cycledY: Uint8Array;
}

/** Returns the translations of a fixed choice of images: what a sample grid shows. */
export async function sampleTranslations(
  generators: Pick<CycleGanNetworks, 'G' | 'F'>,
  options: SampleOptions,
): Promise<TranslationSample> {
  const { imagesX, imagesY, size, precision = 'float32' } = options;
  const { G, F } = generators;
  const through = (model: tf.LayersModel, images: Uint8Array): Promise<Uint8Array> =>
    translate(model, { images, height: size, width: size }, { precision });
  const fakeY = await through(G, imagesX);
  const fakeX = await through(F, imagesY);
  return {
    fakeY,
    cycledX: await through(F, fakeY),
    fakeX,
    cycledY: await through(G, fakeX),
  };
}
