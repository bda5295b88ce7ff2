import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMetrics } from '@janus/core';
import { readShards } from '@janus/images';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { FIRST_CHECKPOINT, janus, janusJson, killAt } from './janus.js';

let folder = '';
beforeAll(async () => {
  // On a busy machine the threads of wasm spend most of their time waiting for each other.
  vi.stubEnv('JANUS_THREADS', '1');
  folder = await mkdtemp(join(tmpdir(), 'janus-pack-'));
  await janusJson(['data', 'import', 'synthetic', '80', '--size', '48', '--out', 'faces'], folder);
  await janusJson(['data', 'split', 'faces', '--stratify', 'presentation'], folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const CLASSIFIER = [
  ...['train', 'classifier', '--data', 'faces', '--target', 'presentation'],
  ...['--backbone', 'small-vgg', '--size', '32', '--epochs', '2', '--batch-size', '4'],
  ...['--engine', 'wasm'],
];

const CYCLEGAN = [
  ...['train', 'cyclegan', '--x', 'faces:presentation=feminine'],
  ...['--y', 'faces:presentation=masculine', '--size', '32', '--filters', '4', '--blocks', '1'],
  ...['--discriminator-filters', '4', '--max-steps', '6', '--engine', 'wasm'],
];

/** Weights and records of a run, but for the seconds. */
async function outcome(run: string, models: readonly string[]): Promise<readonly unknown[]> {
  const weights = await Promise.all(
    models.map(async (model) => await readFile(join(folder, run, model, 'weights.bin'), 'hex')),
  );
  const records = (await readMetrics(join(folder, run))).map((each) => ({ ...each, seconds: 0 }));
  return [...weights, ...records];
}

it('both trainings use a pack when it is there, and give the same bit for bit', async () => {
  const train = async (args: readonly string[], run: string): Promise<string> => {
    const { status, out, err } = await janus([...args, '--run', run], folder);
    expect(status, err).toBe(0);
    return out;
  };
  expect(await train(CLASSIFIER, 'plain')).not.toContain('Images:');
  expect(await train(CYCLEGAN, 'plain-gan')).not.toContain('Images:');
  const packed = await janusJson(['data', 'pack', 'faces', '--size', '32'], folder);
  expect(packed).toMatchObject({ rows: 80, packed: 80, size: 32, finished: true });
  expect(await janusJson(['data', 'pack', 'faces', '--size', '32'], folder)).toMatchObject({
    packed: 0,
  });
  expect(await train(CLASSIFIER, 'packed')).toMatch(/^Images: 56 from faces\/packed\/32px-/m);
  expect(await train(CYCLEGAN, 'packed-gan')).toMatch(/^Images: \d+ from faces\/packed\/32px-/m);
  expect(await outcome('packed', ['model'])).toEqual(await outcome('plain', ['model']));
  const both = ['model/G', 'model/F'];
  expect(await outcome('packed-gan', both)).toEqual(await outcome('plain-gan', both));
});

it('a training with augmentation that is killed and resumed equals one that was not', async () => {
  const args = [...CLASSIFIER, '--augment', 'flip,crop,rotate,zoom,colour,cutout'];
  const whole = await janus([...args, '--run', 'whole'], folder);
  expect(whole.status, whole.err).toBe(0);
  await killAt(FIRST_CHECKPOINT, [...args, '--run', 'killed'], folder);
  const other = await janus([...CLASSIFIER, '--run', 'killed', '--resume'], folder);
  expect(other.status).toBe(1);
  expect(other.err).toMatch(/^janus: --resume: augment must be what the run began with/);
  const resumed = await janus([...args, '--run', 'killed', '--resume'], folder);
  expect(resumed.status, resumed.err).toBe(0);
  expect(await outcome('killed', ['model'])).toEqual(await outcome('whole', ['model']));
});

it('a CycleGAN on jittered images that is killed and resumed equals one that was not', async () => {
  const args = [...CYCLEGAN, '--max-steps', '160', '--augment', 'jitter,flip'];
  const both = ['model/G', 'model/F'];
  const whole = await janus([...args, '--run', 'whole-gan'], folder);
  expect(whole.status, whole.err).toBe(0);
  await killAt(FIRST_CHECKPOINT, [...args, '--run', 'killed-gan'], folder);
  const other = await janus(
    [...CYCLEGAN, '--max-steps', '160', '--run', 'killed-gan', '--resume'],
    folder,
  );
  expect(other.err).toMatch(/^janus: --resume: augment must be what the run began with/);
  const resumed = await janus([...args, '--run', 'killed-gan', '--resume'], folder);
  expect(resumed.status, resumed.err).toBe(0);
  expect(resumed.out).toContain('Resuming after step 100.');
  expect(await outcome('killed-gan', both)).toEqual(await outcome('whole-gan', both));
});

it('a pack that is killed and repeated packs only the images that are not in it', async () => {
  await janusJson(['data', 'import', 'synthetic', '400', '--size', '96', '--out', 'many'], folder);
  const args = ['data', 'pack', 'many', '--size', '64'];
  await killAt({ call: 'write', path: 'checksums\\.u32$', holdAt: 2 }, args, folder);
  const packs = join(folder, 'many/packed');
  const partial = (await readdir(packs)).find((name) => name.endsWith('.partial')) ?? '';
  // An image with a checksum, 4 bytes, is whole.
  const packed = (await stat(join(packs, partial, 'checksums.u32'))).size / 4;
  expect(packed).toBeGreaterThan(0);
  expect(packed).toBeLessThan(400);
  const result = await janusJson(args, folder);
  expect(result).toMatchObject({ rows: 400, packed: 400 - packed, finished: true });
  const names = (await readdir(packs)).filter((name) => !name.endsWith('.lock'));
  expect(names).toHaveLength(1);
});

it('shards are written, and a pack that is damaged stops a training with one line', async () => {
  const args = ['data', 'pack', 'faces', '--format', 'webdataset', '--shard-size', '30'];
  expect(await janusJson(args, folder)).toMatchObject({ rows: 80, shards: 3, written: 3 });
  let samples = 0;
  for await (const { files } of readShards(join(folder, 'faces/shards'))) {
    expect([...files.keys()]).toEqual(['jpg', 'json']);
    samples += 1;
  }
  expect(samples).toBe(80);

  const [name = ''] = (await readdir(join(folder, 'faces/packed'))).filter((each) =>
    each.startsWith('32px'),
  );
  await rm(join(folder, 'faces/packed', name, 'checksums.u32'));
  const { status, err } = await janus([...CLASSIFIER, '--run', 'damaged'], folder);
  expect(status).toBe(1);
  expect(err.trim().split('\n')).toEqual([
    `janus: faces/packed/${name}/checksums.u32: must be as it was packed, but it is not what the header says. Rebuild it with \`janus data pack --force\`.`,
  ]);
});

it('copies without changes, and unknown augmentations, are refused before there is a run', async () => {
  const kept = await janus(
    [
      ...['train', 'classifier', '--data', 'faces', '--target', 'presentation'],
      '--augment-copies',
      '2',
    ],
    folder,
  );
  expect(kept.status).toBe(1);
  expect(kept.err).toMatch(
    /^janus: --augment-copies: needs changes to make 2 copies with, but there is no --augment\./,
  );
  expect((await janus([...CLASSIFIER, '--augment', 'blur'], folder)).status).toBe(2);
  expect(existsSync(join(folder, 'runs'))).toBe(false);
});
