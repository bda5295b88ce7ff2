import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, encodeSafetensors, writeFileAtomic, type NamedArray } from '@janus/core';
import { useEngine } from '@janus/engine';
import type * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { computeLogits, featureRows, type Features } from '../features.js';
import { buildInception, INCEPTION_CLASSES } from './inception.js';
import { inceptionFeatures } from './inception-features.js';
import { inceptionOf, readInception } from './inception-weights.js';

/** As in tools/oracles/inception_forward.py. */
const SIDE = 107;
const IMAGE = 48;

/** 94 convolutions in float32, in another order of additions, over the largest value. */
const FLOAT32_LAYERS = 1e-4;

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
});

/** Returns n numbers in [0, 1) that depend on the name alone, as the script does. */
function unit(name: string, n: number): Float64Array {
  let seed = 2166136261;
  for (const byte of new TextEncoder().encode(name)) {
    seed = Math.imul(seed ^ byte, 16777619) >>> 0;
  }
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let x = (Math.imul(i, 0x9e3779b1) + seed) >>> 0;
    x ^= x >>> 16;
    x = Math.imul(x, 0x85ebca6b);
    x ^= x >>> 13;
    x = Math.imul(x, 0xc2b2ae35);
    x ^= x >>> 16;
    values[i] = (x >>> 0) / 2 ** 32;
  }
  return values;
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

function array(name: string, shape: readonly number[]): NamedArray {
  const u = unit(name, product(shape));
  const spread = Math.sqrt(6 / product(shape.slice(1)));
  const value = /bn\.(weight|running_var)$/.test(name)
    ? (x: number) => 0.5 + x
    : /bn\.(bias|running_mean)$/.test(name)
      ? (x: number) => (x - 0.5) * 0.2
      : (x: number) => (2 * x - 1) * spread;
  return { name, shape, data: Float32Array.from(u, value) };
}

/** Returns the arrays of a whole network under the published names. */
function namedArrays(network: tf.LayersModel): readonly NamedArray[] {
  const layers = network.layers.filter((layer) => layer.getClassName() === 'Conv2D');
  return [
    ...layers.flatMap((layer) => {
      const [height = 0, width = 0, inputs = 0, outputs = 0] = layer.weights[0]?.shape ?? [];
      const name = layer.name.replace(/^(Mixed_\w\w)_/, '$1.');
      const each = ['weight', 'bias', 'running_mean', 'running_var'];
      return [
        array(`${name}.conv.weight`, [outputs, inputs, height, width].map(Number)),
        ...each.map((part) => array(`${name}.bn.${part}`, [Number(outputs)])),
      ];
    }),
    array('fc.weight', [INCEPTION_CLASSES, 2048]),
  ];
}

describe('Inception as the FID has it', () => {
  it('makes the features and logits of images that PyTorch makes with the same weights', async () => {
    const path = new URL('fixtures/inception-forward.json', import.meta.url);
    const expected = JSON.parse(await readFile(path, 'utf8')) as {
      readonly features: readonly (readonly number[])[];
      readonly logits: readonly (readonly number[])[];
    };
    const empty = buildInception(SIDE);
    const arrays = namedArrays(empty);
    empty.dispose();
    const { network, logits, dispose } = inceptionOf(arrays, 'made', SIDE);
    const pixels = Uint8Array.from(unit('images', 2 * IMAGE * IMAGE * 3), (x) => 256 * x);
    const features = await inceptionFeatures(network, { pixels, count: 2, size: IMAGE });
    expect(features.shape).toEqual([2048]);
    expect(errorOf(features, expected.features)).toBeLessThan(FLOAT32_LAYERS);
    const classes = await computeLogits(logits, features);
    expect(classes.shape).toEqual([INCEPTION_CLASSES]);
    expect(errorOf(classes, expected.logits)).toBeLessThan(FLOAT32_LAYERS);
    dispose();
  });

  it('reads its weights from safetensors alone, and names what one lacks', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'janus-inception-'));
    const file = join(folder, 'half.safetensors');
    await writeFileAtomic(
      file,
      encodeSafetensors([array('Conv2d_1a_3x3.conv.weight', [32, 3, 3, 3])]),
    );
    await expect(readInception(file)).rejects.toThrow(
      /half\.safetensors: inception-v3 needs Conv2d_1a_3x3\/kernel .* missing/,
    );
    await expect(readInception('weights.pth')).rejects.toThrow(DataError);
    await expect(readInception(join(folder, 'no.safetensors'))).rejects.toThrow(
      /must be a file that can be read/,
    );
    await rm(folder, { recursive: true });
  });
});

/** Returns the largest difference over the largest value. */
function errorOf(found: Features, expected: readonly (readonly number[])[]): number {
  const rows = featureRows(found);
  const differences = expected.flatMap((row, i) =>
    row.map((value, k) => Math.abs((rows[i]?.[k] ?? NaN) - value)),
  );
  return Math.max(...differences) / Math.max(...expected.flat().map(Math.abs));
}
