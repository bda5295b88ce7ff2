/** The published weights of VGG-16's convolutions: which values they are, and how to check them. */
import { createHash } from 'node:crypto';
import { DataError } from '@janus/core';
import type { LayerWeights } from './weights-formats.js';

/** VGG-16's weights (Simonyan and Zisserman 2014, arXiv 1409.1556), trained on ImageNet with Caffe. */
export const VGG16 = {
  /** Name of the file in the cache. */
  file: 'vgg16_notop.safetensors',
  /** Size of that file. */
  bytes: 58_860_000,
  /** What {@link tensorHash} returns for them. */
  sha256: 'd9a27cc1fc7f975ef8cff49180e794ccd7c4bc868ebb49740803b3bbaa8dbefd',
  licence: 'CC BY 4.0 (Visual Geometry Group, Oxford)',
} as const;

/** Names of the layers in order. */
const LAYERS = [2, 2, 3, 3, 3].flatMap((count, block) =>
  Array.from({ length: count }, (_, i) => `block${block + 1}_conv${i + 1}`),
);

/**
 * Returns VGG-16's 26 arrays in the order of the layers, kernel before bias.
 *
 * @param where source of the weights, for error messages
 * @throws DataError naming the first array that is missing
 */
export function vgg16Arrays(
  weights: LayerWeights,
  where: string,
): { name: string; shape: readonly number[]; data: Float32Array }[] {
  return LAYERS.flatMap((layer) =>
    ['kernel', 'bias'].map((part) => {
      const array = weights.get(`${layer}/${part}`);
      if (!(array?.data instanceof Float32Array)) {
        throw new DataError(
          `${where}: VGG-16's weights must hold ${layer}/${part}, but it is missing. Pass a weights file of VGG-16.`,
          { path: where },
        );
      }
      return { name: array.name, shape: array.shape, data: array.data };
    }),
  );
}

/**
 * Returns the sha256 of VGG-16's values, lower-case hexadecimal: the float32 bytes, little-endian, of
 * {@link vgg16Arrays}. It does not depend on the format of the file.
 *
 * @param where source of the weights, for error messages
 * @throws DataError naming the first array that is missing
 */
export function tensorHash(weights: LayerWeights, where: string): string {
  const hash = createHash('sha256');
  for (const { data } of vgg16Arrays(weights, where)) {
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/**
 * Checks that weights have the published values.
 *
 * @param where source of the weights, for error messages
 * @throws DataError when an array is missing, or a value differs
 */
export function checkVgg16(weights: LayerWeights, where: string): void {
  const found = tensorHash(weights, where);
  if (found === VGG16.sha256) return;
  throw new DataError(
    `${where}: VGG-16's values must have sha256 ${VGG16.sha256}, but have ${found}. Remove the file and download it again.`,
    { path: where },
  );
}
