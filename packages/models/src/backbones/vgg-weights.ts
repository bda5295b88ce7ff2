/** The published weights of VGG's convolutions: which values they are, and how to check them. */
import { createHash } from 'node:crypto';
import { DataError } from '@janus/core';
import type { LayerWeights } from './weights-formats.js';

/** A VGG whose ImageNet weights are published (Simonyan and Zisserman 2014, arXiv 1409.1556, trained with Caffe). */
export interface PublishedVgg {
  readonly name: 'vgg16' | 'vgg19';
  readonly title: string;
  /** Convolutions of each block. */
  readonly convolutions: readonly number[];
  /** Name of the file in the cache. */
  readonly file: string;
  /** Size of that file. */
  readonly bytes: number;
  /** What {@link tensorHash} returns for them; null where only the md5 of Keras' file is published. */
  readonly sha256: string | null;
  readonly licence: string;
  /** Keras' release of them. */
  readonly keras: {
    readonly address: string;
    readonly file: string;
    readonly bytes: number;
    readonly md5: string;
  };
}

const KERAS = 'https://storage.googleapis.com/tensorflow/keras-applications';
const LICENCE = 'CC BY 4.0 (Visual Geometry Group, Oxford)';

export const VGG16: PublishedVgg = {
  name: 'vgg16',
  title: 'VGG-16',
  convolutions: [2, 2, 3, 3, 3],
  file: 'vgg16_notop.safetensors',
  bytes: 58_860_000,
  sha256: 'd9a27cc1fc7f975ef8cff49180e794ccd7c4bc868ebb49740803b3bbaa8dbefd',
  licence: LICENCE,
  keras: {
    address: `${KERAS}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5`,
    file: 'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
    bytes: 58_889_256,
    md5: '6d6bbae143d832006294945121d1f1fc',
  },
};

/** Address, size and md5 are those in Keras' own source (keras/applications/vgg19.py). */
export const VGG19: PublishedVgg = {
  name: 'vgg19',
  title: 'VGG-19',
  convolutions: [2, 2, 4, 4, 4],
  file: 'vgg19_notop.safetensors',
  bytes: 80_100_000,
  sha256: null,
  licence: LICENCE,
  keras: {
    address: `${KERAS}/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5`,
    file: 'vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5',
    bytes: 80_134_624,
    md5: '253f8cb515780f3b799900260a226db6',
  },
};

/**
 * Returns a VGG's arrays in the order of the layers, kernel before bias.
 *
 * @param where source of the weights, for error messages
 * @throws DataError naming the first array that is missing
 */
export function vggArrays(
  weights: LayerWeights,
  { title, convolutions }: PublishedVgg,
  where: string,
): { name: string; shape: readonly number[]; data: Float32Array }[] {
  const layers = convolutions.flatMap((count, block) =>
    Array.from({ length: count }, (_, i) => `block${block + 1}_conv${i + 1}`),
  );
  return layers.flatMap((layer) =>
    ['kernel', 'bias'].map((part) => {
      const array = weights.get(`${layer}/${part}`);
      if (!(array?.data instanceof Float32Array)) {
        throw new DataError(
          `${where}: ${title}'s weights must hold ${layer}/${part}, but it is missing. Pass a weights file of ${title}.`,
          { path: where },
        );
      }
      return { name: array.name, shape: array.shape, data: array.data };
    }),
  );
}

/**
 * Returns the sha256 of a VGG's values, lower-case hexadecimal: the float32 bytes, little-endian, of
 * {@link vggArrays}. It does not depend on the format of the file.
 *
 * @param where source of the weights, for error messages
 * @throws DataError naming the first array that is missing
 */
export function tensorHash(weights: LayerWeights, vgg: PublishedVgg, where: string): string {
  const hash = createHash('sha256');
  for (const { data } of vggArrays(weights, vgg, where)) {
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/**
 * Checks that weights have the values of a hash.
 *
 * @param expected where the values came from, and their hash
 * @throws DataError when an array is missing, or a value differs
 */
export function checkVgg(
  weights: LayerWeights,
  vgg: PublishedVgg,
  { where, sha256 }: { readonly where: string; readonly sha256: string },
): void {
  const found = tensorHash(weights, vgg, where);
  if (found === sha256) return;
  throw new DataError(
    `${where}: ${vgg.title}'s values must have sha256 ${sha256}, but have ${found}. Remove the file and download it again.`,
    { path: where },
  );
}
