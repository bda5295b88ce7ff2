/** Features of frozen layers, kept in the data folder: `features/<key>.safetensors`. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensorsFile, writeSafetensorsFile } from '@janus/core';
import type { Features } from '@janus/models';

/** Returns the cache file of features: its name is a hash of everything that they depend on. */
export function featureFile(
  folder: string,
  parts: Readonly<Record<string, string | number>>,
): string {
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  return join(folder, 'features', `${key}.safetensors`);
}

/** Returns features from their cache file, or computes and keeps them. */
export async function cachedFeatures(
  file: string,
  compute: () => Promise<Features>,
): Promise<Features> {
  if (existsSync(file)) {
    const [array] = (await readSafetensorsFile(file)).arrays;
    if (array?.data instanceof Float32Array) {
      return { data: array.data, count: array.shape[0] ?? 0, shape: array.shape.slice(1) };
    }
  }
  const features = await compute();
  const { data, count, shape } = features;
  await writeSafetensorsFile(file, [{ name: 'features', shape: [count, ...shape], data }]);
  return features;
}
