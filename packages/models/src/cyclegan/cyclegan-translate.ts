import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '@janus/core';
import { compile, type Precision } from '@janus/engine';
import { Bend } from '../bend.js';
import { passSignal } from '../pass-signal.js';
import { checkGeneratorSize, sizeMultipleOf } from './cyclegan-generator.js';
import type { CycleGanNetworks } from './cyclegan-parts.js';
import { rgbPixels, signedChannels } from './signed-pixels.js';

/** Images of one size. A generator of one channel sees their lightness, and what it makes comes back as grey RGB. */
export interface Images {
  /** uint8 [N, height, width, 3], RGB. */
  readonly images: Uint8Array;
  /** Pixels, a multiple of 4; of a U-Net, of what it halves them to. */
  readonly height: number;
  /** Pixels, such a multiple too. */
  readonly width: number;
}

/** Options of {@link translate}. */
export interface TranslateOptions {
  /** Images at once; changes memory and speed only. Default 8. */
  readonly batchSize?: number;
  /** What the generator computes in; default float32. */
  readonly precision?: Precision;
  /** Ends the translation before the next batch: its reason is thrown, and nothing is returned. Default never. */
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_BATCH = 8;

/** What a generator made of images, and how far it only bent them. */
export interface TranslatedImages {
  /** uint8 [N, height, width, 3]. */
  readonly images: Uint8Array;
  /** Absent where the generator does not bend. */
  readonly bend?: BentImages;
}

/** Images that were bent, before a change was added to them. */
export interface BentImages {
  /** uint8 [N, height, width, 3]. */
  readonly images: Uint8Array;
  /**
   * float32 [N, fieldHeight, fieldWidth, 2]: how far to the right and down of a pixel its value comes from, as shares of
   * the image's width and height.
   */
  readonly field: Float32Array;
  readonly fieldHeight: number;
  readonly fieldWidth: number;
}

/** A generator that is ready for images of several sizes. */
export interface Translator {
  /**
   * Returns what the generator makes of images of any size that it can halve.
   *
   * @throws ShapeError when a side is not a multiple of 4 (of a U-Net: of more), or `images` is not whole images
   */
  readonly translate: (input: Images) => Promise<TranslatedImages>;
  /** Disposes what the translator made; the generator remains the caller's. */
  readonly dispose: () => void;
}

/** Compiles a generator; each new size of image is compiled when it first comes. The caller disposes the result. */
export function openTranslator(
  generator: tf.LayersModel,
  options: TranslateOptions = {},
): Translator {
  const { batchSize = DEFAULT_BATCH, precision = 'float32', signal } = options;
  const { model, reach } = withBend(generator);
  const multiple = sizeMultipleOf(generator);
  const channels = generator.inputs[0]?.shape[3] ?? 3;
  const step = compile(
    ({ x }: { x: tf.Tensor4D }) => {
      const [y, bent, field] = [model.apply(x)].flat() as [tf.Tensor4D, tf.Tensor4D?, tf.Tensor4D?];
      return { y, ...(bent && field && { bent, field }) } as Outputs;
    },
    { ownSession: true, precision },
  );
  return {
    translate: async ({ images, height, width }) => {
      const count = countOf({ images, height, width }, multiple);
      const bytes = height * width * 3;
      const made = new Uint8Array(images.length);
      const bent = new Uint8Array(reach > 0 ? images.length : 0);
      const fields: Float32Array[] = [];
      let fieldShape: readonly number[] = [];
      for (let from = 0; from < count; from += batchSize) {
        await passSignal(signal);
        const size = Math.min(batchSize, count - from);
        const part = images.subarray(from * bytes, (from + size) * bytes);
        const x = tf.tensor4d(signedChannels(part, channels), [size, height, width, channels]);
        const outputs = await step.run({ x });
        made.set(rgbPixels((await outputs.y.data()) as Float32Array, channels), from * bytes);
        if (reach > 0) {
          bent.set(rgbPixels((await outputs.bent.data()) as Float32Array, channels), from * bytes);
          fields.push(((await outputs.field.data()) as Float32Array).map((v) => (v * reach) / 2));
          fieldShape = outputs.field.shape;
        }
        tf.dispose({ x, ...outputs });
      }
      if (reach === 0) return { images: made };
      const [, fieldHeight = 0, fieldWidth = 0] = fieldShape;
      const field = joined(fields);
      return { images: made, bend: { images: bent, field, fieldHeight, fieldWidth } };
    },
    dispose: () => {
      step.dispose();
    },
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** What a compiled generator returns; `bent` and `field` only where it bends. */
interface Outputs {
  readonly y: tf.Tensor4D;
  readonly bent: tf.Tensor4D;
  readonly field: tf.Tensor4D;
}

/** Returns a generator with the outputs of its bending layer, and how far that reaches; 0: it has none. */
function withBend(generator: tf.LayersModel): {
  readonly model: tf.LayersModel;
  readonly reach: number;
} {
  const layer = generator.layers.find((each): each is Bend => each instanceof Bend);
  if (layer === undefined) return { model: generator, reach: 0 };
  const [, field] = layer.input as tf.SymbolicTensor[];
  const [output] = generator.outputs;
  if (field === undefined || output === undefined) return { model: generator, reach: 0 };
  const outputs = [output, layer.output as tf.SymbolicTensor, field];
  const { reach } = layer;
  return { model: tf.model({ inputs: generator.inputs, outputs }), reach };
}

function countOf({ images, height, width }: Images, multiple: number): number {
  checkGeneratorSize('translate', [height, width], multiple);
  const pixels = height * width * 3;
  if (images.length % pixels === 0) return images.length / pixels;
  throw new ShapeError(
    `translate: images must be whole images of ${height}x${width}x3, but got ${images.length} numbers. Check height and width.`,
  );
}

/** Returns what a generator makes of images of one size; see {@link openTranslator}. */
export async function translate(
  generator: tf.LayersModel,
  input: Images,
  options: TranslateOptions = {},
): Promise<Uint8Array> {
  const translator = openTranslator(generator, options);
  try {
    return (await translator.translate(input)).images;
  } finally {
    translator.dispose();
  }
}

/** Options of {@link sampleTranslations}. */
export interface SampleOptions {
  /** uint8 [N, size, width, 3] of domain X. */
  readonly imagesX: Uint8Array;
  /** uint8 [N, size, width, 3] of domain Y. */
  readonly imagesY: Uint8Array;
  /** Height of the images in pixels, and width where that is not given. */
  readonly size: number;
  /** Width of the images in pixels, if it is another; default `size`. */
  readonly width?: number | undefined;
  /** What the generators compute in; default float32. */
  readonly precision?: Precision;
}

/** Both ways there and back; each uint8 [N, size, width, 3]. */
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
  const { imagesX, imagesY, size, width = size, precision = 'float32' } = options;
  const { G, F } = generators;
  const through = (model: tf.LayersModel, images: Uint8Array): Promise<Uint8Array> =>
    translate(model, { images, height: size, width }, { precision });
  const fakeY = await through(G, imagesX);
  const fakeX = await through(F, imagesY);
  return {
    fakeY,
    cycledX: await through(F, fakeY),
    fakeX,
    cycledY: await through(G, fakeX),
  };
}
