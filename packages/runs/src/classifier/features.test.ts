import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, LabelledItem } from '@janus/data';
import { bfloat16Instructions, installedAddon, useEngine, type Precision } from '@janus/engine';
import { writeImage } from '@janus/images';
import { buildBackbone, cutBackbone } from '@janus/models';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRunInputs } from './features.js';

const SIZE = 32;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-inputs-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** The numbers of one image's features, taken in `precision` and kept in `folder`. */
async function featuresIn(precision: Precision): Promise<Float32Array> {
  const path = join(folder, 'image.png');
  const pixels = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => (i * 37) % 256);
  await writeImage(path, { pixels, width: SIZE, height: SIZE });
  const item = { id: 'a', path, label: 0, cluster: 'a' } as LabelledItem;
  const inputs = createRunInputs({
    dataset: { folder, hash: 'same' } as Dataset,
    target: 'label',
    size: SIZE,
    precision,
    preprocessing: 'signed',
    reporter: { line: () => undefined, progress: () => undefined } as never,
    parts: { train: [item], validation: [item] },
  });
  const network = buildBackbone('small-vgg', { imageSize: SIZE });
  const { data } = await inputs.features('train', { network });
  await inputs.features('validation', { network });
  network.dispose();
  return data;
}

const files = async (): Promise<number> => (await readdir(join(folder, 'features'))).length;

it('features that are computed in float32 on any engine have one file a part', async () => {
  await useEngine({ engine: 'js' });
  const first = await featuresIn('float32');
  expect(await files()).toBe(2);
  expect(await featuresIn('bfloat16')).toEqual(first); // js has only float32
  expect(await files()).toBe(2);
});

it('each pass of features says through which layers it goes', async () => {
  await useEngine({ engine: 'js' });
  const path = join(folder, 'image.png');
  await writeImage(path, { pixels: new Uint8Array(SIZE * SIZE * 3), width: SIZE, height: SIZE });
  const item = { id: 'a', path, label: 0, cluster: 'a' } as LabelledItem;
  const labels = new Set<string>();
  const inputs = createRunInputs({
    dataset: { folder, hash: 'same' } as Dataset,
    target: 'label',
    size: SIZE,
    precision: 'float32',
    preprocessing: 'signed',
    reporter: { log: () => undefined, progress: ({ label }) => void labels.add(label) },
    parts: { train: [item], validation: [item] },
  });
  const network = buildBackbone('small-vgg', { imageSize: SIZE });
  const { frozen: first, tail: rest } = cutBackbone(network, ['block4']);
  if (first === undefined || rest === undefined) throw new Error('nothing was cut');
  for (const part of ['train', 'validation'] as const) {
    await inputs.features(part, { network, via: { first, rest } });
  }
  network.dispose();
  const passes = ['images to block3_pool', 'block3_pool to block4_pool'];
  expect([...labels].filter((label) => label !== 'decoding')).toEqual(
    ['train', 'validation'].flatMap((part) => passes.map((pass) => `${part} features, ${pass}`)),
  );
});

const lacks = installedAddon() === undefined || bfloat16Instructions().length === 0;
const because = lacks ? ' (skipped: no native engine here, or no bfloat16)' : '';
it.skipIf(lacks)(`features in bfloat16 are not taken for those in float32${because}`, async () => {
  await useEngine({ engine: 'tensorflow' });
  const exact = await featuresIn('float32');
  const reduced = await featuresIn('bfloat16');
  expect(await files()).toBe(4);
  expect(reduced).not.toEqual(exact);
  const largest = Math.max(...exact);
  const error = Math.max(...exact.map((value, i) => Math.abs(value - (reduced[i] ?? NaN))));
  // Four layers, each of which rounds to 8 significant bits.
  expect(error / largest).toBeLessThan(4 * 2 ** -8);
  expect(await featuresIn('bfloat16')).toEqual(reduced);
  expect(await files()).toBe(4);
});
