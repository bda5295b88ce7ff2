/** Images made again by an IcGAN with other labels, behind a search for their latent numbers. */
import * as tf from '@tensorflow/tfjs';
import type { LabelsOf } from '../conditional/label-translate.js';
import type { Images, Translator } from '../cyclegan/cyclegan-translate.js';
import { signedPixels, uint8Pixels } from '../cyclegan/signed-pixels.js';
import { searchLatent, type LatentSearchOptions } from './latent-search.js';

/** The networks of an IcGAN that make images again. */
export interface InvertingNetworks {
  readonly G: tf.LayersModel;
  /** The encoder of the latent numbers. */
  readonly Ez: tf.LayersModel;
}

/** Images at once. */
const BATCH = 8;

/**
 * Returns what makes square images of the generator's size again with other labels: it searches for their latent numbers
 * with their own labels, from those that the encoder tells, and gives these the labels that they are to have. The networks
 * remain the caller's.
 *
 * @param labels both float32 [N, L], -1 or 1: `own` those that images have, `wanted` those that they are to have
 * Source: as `searchLatent`.
 */
export function openSearchTranslator(
  networks: InvertingNetworks,
  labels: { readonly own: LabelsOf; readonly wanted: LabelsOf },
  options: LatentSearchOptions = {},
): Translator {
  return {
    translate: async (input) => {
      const { images } = input;
      const own = await labels.own(input);
      const begun = encoded(networks, input);
      const { latent } = await searchLatent(
        networks.G,
        { images, latent: begun, labels: own },
        options,
      );
      return { images: made(networks, latent, await labels.wanted(input)) };
    },
    dispose: () => undefined,
  };
}

/** Returns the latent numbers that the encoder tells of images: float32 [N, latent]. */
function encoded({ Ez }: InvertingNetworks, { images, height, width }: Images): Float32Array {
  const count = images.length / (height * width * 3);
  return tf.tidy(() => {
    const x = tf.tensor4d(signedPixels(images), [count, height, width, 3]);
    return Float32Array.from((Ez.predict(x, { batchSize: BATCH }) as tf.Tensor2D).dataSync());
  });
}

/** Returns what the generator makes of latent numbers and labels: uint8 [N, S, S, 3]. */
function made({ G }: InvertingNetworks, latent: Float32Array, labels: Float32Array): Uint8Array {
  const [ofLatent] = G.inputs;
  const width = ofLatent?.shape[1] ?? 0;
  const count = latent.length / width;
  return tf.tidy(() => {
    const z = tf.tensor2d(latent, [count, width]);
    const y = tf.tensor2d(labels, [count, labels.length / count]);
    const images = G.predict([z, y], { batchSize: BATCH }) as tf.Tensor4D;
    return uint8Pixels(images.dataSync() as Float32Array);
  });
}
