import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NamedArray } from '@janus/core';
import { useEngine } from '@janus/engine';
import { buildBackbone } from './backbones.js';
import { cutToWeights, setWeights } from './load-weights.js';
import { foldNormalisation } from './mobilenet-weights.js';
import { readTfjsFile } from './tfjs-files.js';
import { readWeightsFile } from './weights-readers.js';

const array = (name: string, shape: readonly number[], values: readonly number[]): NamedArray => ({
  ...{ name, shape, data: Float32Array.from(values) },
});

/** Weights of the first two layers, of 2 channels, with a variance of 4 (less the 0.001 that is added to it). */
const normalisation = (name: string): readonly NamedArray[] => [
  array(`${name}/gamma`, [2], [2, 4]),
  array(`${name}/beta`, [2], [1, 1]),
  array(`${name}/moving_mean`, [2], [3, 5]),
  array(`${name}/moving_variance`, [2], [3.999, 3.999]),
];

it('a normalisation becomes factors of each output channel and a bias', () => {
  const arrays = [
    array('conv1/kernel', [1, 1, 1, 2], [1, 1]),
    ...normalisation('conv1_bn'),
    array('conv_dw_1/depthwise_kernel', [1, 2, 2, 1], [1, 1, 10, 10]),
    ...normalisation('conv_dw_1_bn'),
  ];
  const folded = foldNormalisation(new Map(arrays.map((each) => [each.name, each])));
  const values = (name: string): readonly number[] => [...(folded.get(name)?.data ?? [])];
  const near = (name: string): readonly number[] =>
    values(name).map((value) => Number(value.toFixed(4)));
  // gamma / 2, and beta - mean gamma / 2
  expect(near('conv1/kernel')).toEqual([1, 2]);
  expect(near('conv1/bias')).toEqual([-2, -9]);
  // the channels of a depthwise kernel are its third axis
  expect(near('block1_dw/depthwise_kernel')).toEqual([1, 2, 10, 20]);
  expect([...folded.keys()]).toHaveLength(4);
});

let folder = '';
beforeAll(async () => {
  await useEngine({ engine: 'js' });
  folder = await mkdtemp(join(tmpdir(), 'janus-tfjs-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

it('numbers of a model.json come as float32, however they are stored; missing files are left out', async () => {
  const path = join(folder, 'model.json');
  const stored = (name: string, dtype: string, more: object = {}): object => ({
    ...{ name, shape: [2], dtype: 'float32', quantization: { dtype, ...more } },
  });
  const weightsManifest = [
    {
      paths: ['a.bin', 'b.bin'],
      weights: [
        { name: 'plain', shape: [1], dtype: 'float32' },
        stored('half', 'float16'),
        stored('byte', 'uint8', { scale: 0.5, min: -1 }),
      ],
    },
    { paths: ['none.bin'], weights: [{ name: 'gone', shape: [9], dtype: 'float32' }] },
  ];
  await writeFile(path, JSON.stringify({ weightsManifest }));
  const bytes = Buffer.concat([
    Buffer.from(Float32Array.of(0.25).buffer),
    Buffer.from(Uint16Array.of(0x3c00, 0xc000).buffer),
    Buffer.from([0, 4]),
  ]);
  // An array may begin in one file and end in the next.
  await writeFile(join(folder, 'a.bin'), bytes.subarray(0, 5));
  await writeFile(join(folder, 'b.bin'), bytes.subarray(5));
  const found = await readTfjsFile(path);
  expect(Object.fromEntries([...found].map(([name, { data }]) => [name, [...data]]))).toEqual({
    ...{ plain: [0.25], half: [1, -2], byte: [-1, 1] },
  });
  await writeFile(join(folder, 'b.bin'), bytes.subarray(6));
  await expect(readTfjsFile(path)).rejects.toThrow(/a\.bin: must have 10 bytes .* but has 9/);
  await writeFile(path, '{}');
  await expect(readWeightsFile(path)).rejects.toThrow(/weightsManifest, but has none/);
});

it('a backbone whose last weights are missing ends where they do', () => {
  const whole = buildBackbone('mobilenet', { imageSize: 32 });
  const arrays = new Map(
    whole.layers.flatMap((layer) =>
      layer.weights.map((weight): [string, NamedArray] => {
        const shape = weight.shape.map(Number);
        const values = new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0.5);
        return [weight.originalName, array(weight.originalName, shape, values)];
      }),
    ),
  );
  expect(cutToWeights(whole, arrays)).toBe(whole);
  arrays.delete('block13_pw/kernel');
  const cut = cutToWeights(whole, arrays);
  expect(cut.layers.at(-1)?.name).toBe('block12_pw');
  setWeights(cut, arrays, 'file');
  expect(() => {
    setWeights(whole, arrays, 'file');
  }).toThrow(/mobilenet needs block13_pw\/kernel .* cut the network before that layer/);
  whole.dispose();
});
