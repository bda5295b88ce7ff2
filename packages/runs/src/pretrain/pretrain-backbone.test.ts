import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitDataset } from '@janus/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateFaces } from '../dataset/generate-faces.js';
import { probeLayers } from '../probe/probe-layers.js';
import { pretrainBackbone, type PretrainOptions } from './pretrain-backbone.js';

let root = '';
let data = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-pretrain-'));
  data = join(root, 'faces');
  await generateFaces(40, { out: data, size: 32 });
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const pretrain = async (
  name: string,
  options: Partial<PretrainOptions> = {},
): ReturnType<typeof pretrainBackbone> =>
  await pretrainBackbone(
    data,
    { out: join(root, name), size: 32, epochs: 2, batchSize: 18, ...options },
    { engine: 'wasm' },
  );

it('makes weights that a probe takes, the same from the same seed', async () => {
  const result = await pretrain('a.safetensors');
  expect(result).toMatchObject({ steps: 4, images: { train: 36, validation: 4 } });
  // Attributes of texts; age is a number, and nothing was planted.
  const names = Object.keys(result?.attributes ?? {});
  expect(names).toContain('age_group');
  expect(names).toHaveLength(14);
  const weights = join(root, 'a.safetensors');
  // 97,440 numbers of two bytes, and their names.
  expect((await stat(weights)).size).toBeLessThan(198_000);
  const probed = await probeLayers(
    data,
    {
      ...{ target: 'glasses', backbone: 'small-vgg-faces', weights, size: 32, folds: 3 },
      ...{ cuts: ['block4'], poolings: ['average'], normalisations: ['sqrt-l2'] },
    },
    { engine: 'wasm' },
  );
  expect(probed.cuts).toEqual(['block4']);
  await pretrain('b.safetensors');
  expect(await readFile(join(root, 'b.safetensors'))).toEqual(await readFile(weights));
});

it('leaves the test part out, which a later training is measured on', async () => {
  const copy = join(root, 'split');
  await cp(data, copy, { recursive: true });
  const { splits } = await splitDataset(copy);
  const result = await pretrainBackbone(
    copy,
    {
      out: join(root, 'd.safetensors'),
      size: 32,
      epochs: 1,
      attributes: ['glasses', 'presentation'],
    },
    { engine: 'wasm' },
  );
  const { train = NaN, validation = NaN } = result?.images ?? {};
  expect(train + validation).toBe(splits.train + splits.validation);
});

it('learns a single attribute', async () => {
  const result = await pretrain('e.safetensors', { epochs: 1, attributes: ['glasses'] });
  expect(Object.keys(result?.attributes ?? {})).toEqual(['glasses']);
});

it('learns what it is given: the loss of a few images falls', async () => {
  const losses: number[] = [];
  await pretrainBackbone(
    data,
    {
      ...{ out: join(root, 'c.safetensors'), size: 32, epochs: 15, batchSize: 36, augment: [] },
      ...{ attributes: ['glasses', 'presentation'], learningRate: 3e-3 },
    },
    {
      engine: 'wasm',
      reporter: {
        log: (line) => {
          const loss = /loss ([\d.]+)$/.exec(line)?.[1];
          if (loss !== undefined) losses.push(Number(loss));
        },
        progress: () => undefined,
      },
    },
  );
  expect(losses).toHaveLength(15);
  expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] ?? 0));
});

it('columns that are not there or cannot be learnt, and other files, are one line', async () => {
  await expect(pretrain('a.safetensors', { attributes: ['hat'] })).rejects.toThrow(
    /attributes must be label columns .* but got hat/,
  );
  await expect(pretrain('a.safetensors', { attributes: ['planted'] })).rejects.toThrow(
    /planted must have at least two texts among the kept rows, but has none/,
  );
  await expect(pretrain('a.h5')).rejects.toThrow(
    /^out: must end in \.safetensors, but got .*a\.h5/,
  );
});
