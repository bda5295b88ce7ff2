/** CycleGAN runs of images that are not square, through the functions that scripts call. */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readRun } from '@janus/core';
import { decodeUpright, writeImage } from '@janus/images';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunContext } from './context.js';
import { evaluateRun, trainCycleGan, translateImages } from './index.js';
import type { CycleGanRunOptions } from './cyclegan/options.js';
import {
  abortingAt,
  makeSmallRuns,
  modelBytes,
  timeless,
  type SmallRuns,
} from './small-runs.fixture.js';
import { TEST_ENGINE } from './test-engine.fixture.js';

let small: SmallRuns;
let wide: CycleGanRunOptions;
beforeAll(async () => {
  small = await makeSmallRuns();
  wide = {
    ...{ ...small.translation, imageSize: 16, imageWidth: 24, skip: 'residual', maxSteps: 4 },
    ...{ augment: ['jitter', 'flip'], shift: 2, globalView: true },
  };
}, 120_000);
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

const folderOf = (name: string): string => join(small.root, name);
const contextOf = (name: string, more: RunContext = {}): RunContext => ({
  ...{ folder: folderOf(name), engine: TEST_ENGINE, ...more },
});

const refused = async (change: Partial<CycleGanRunOptions>, name: string): Promise<string> =>
  await trainCycleGan({ ...wide, ...change }, contextOf(name)).then(
    () => 'was trained',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );

it(
  'trains images of 24 x 16, is resumed bit for bit, and says what its generators take',
  { timeout: 240_000 },
  async () => {
    await trainCycleGan(wide, contextOf('wide'));
    await trainCycleGan(wide, contextOf('again', abortingAt(2)));
    await trainCycleGan(wide, contextOf('again', { existing: 'resume' }));
    const [first, second] = [folderOf('wide'), folderOf('again')];
    expect(await modelBytes(second, 'cyclegan')).toEqual(await modelBytes(first, 'cyclegan'));
    expect(await timeless(second)).toEqual(await timeless(first));
    const { options } = await readRun(first);
    expect(options).toMatchObject({ imageSize: 16, imageWidth: 24 });
    const description = await readFile(join(first, 'model', 'janus.json'), 'utf8');
    expect(JSON.parse(description)).toMatchObject({ imageSize: 16, imageWidth: 24 });
    const model = await readFile(join(first, 'model', 'G', 'model.json'), 'utf8');
    expect(model.replace(/\s/g, '')).toContain('"batch_input_shape":[null,16,24,3]');
    const fakes = join(first, 'samples', 'fakes');
    const [name = ''] = await readdir(fakes);
    expect(await sharp(join(fakes, name)).metadata()).toMatchObject({ width: 24, height: 3 * 16 });
    await expect(
      trainCycleGan({ ...wide, imageWidth: 32 }, contextOf('again', { existing: 'resume' })),
    ).rejects.toThrow(/imageWidth must be what the run began with \(24\), but got 32/);
  },
);

it(
  'is evaluated and translates photos in their own aspect, by every fit',
  { timeout: 240_000 },
  async () => {
    const folder = folderOf('wide');
    const evaluation = await evaluateRun(folder, { split: 'test', engine: TEST_ENGINE });
    if (evaluation.kind !== 'cyclegan') throw new Error('another kind');
    const { n, cycleL1, changeL1, cycle } = evaluation.xToY;
    expect(n).toBe(3);
    expect(cycleL1).toBeGreaterThan(0);
    expect(changeL1).toBeGreaterThan(0);
    expect(cycle?.psnr).toBeGreaterThan(0);
    expect(cycle?.ssim).toBeLessThanOrEqual(1);
    expect(existsSync(join(folder, 'samples', 'figure6.png'))).toBe(true);
    const file = join(small.root, 'photo.png');
    const pixels = Uint8Array.from({ length: 90 * 70 * 3 }, (_, i) => (i * 31) % 200);
    await writeImage(file, { pixels, width: 90, height: 70 });
    for (const [fit, width, height, text] of [
      ['resize', 90, 70, 'the change at 24 x 16 px'],
      ['tile', 90, 70, 'tiles of 16 px'],
      ['square', 24, 16, 'the middle part at 24 x 16 px'],
    ] as const) {
      const options = { fit, out: join(small.root, `made-${fit}`), engine: TEST_ENGINE } as const;
      const made = await translateImages(folder, [file], options);
      expect(made.fit).toContain(text);
      expect(made.rows[0]).toMatchObject({ width, height });
      const image = await decodeUpright(made.rows[0]?.out ?? '');
      expect([image.width, image.height]).toEqual([width, height]);
    }
  },
);

it('a square with a width is the square without, in its record and bit for bit', async () => {
  const square = { ...small.translation, maxSteps: 1 };
  await trainCycleGan(square, contextOf('square'));
  await trainCycleGan({ ...square, imageWidth: square.imageSize }, contextOf('both'));
  expect((await readRun(folderOf('both'))).options).toEqual(
    (await readRun(folderOf('square'))).options,
  );
  expect((await readRun(folderOf('both'))).options).not.toHaveProperty('imageWidth');
  expect(await modelBytes(folderOf('both'), 'cyclegan')).toEqual(
    await modelBytes(folderOf('square'), 'cyclegan'),
  );
}, 120_000);

it('sides that the networks cannot take are refused before there is a folder', async () => {
  expect(await refused({ imageWidth: 22 }, 'never')).toBe(
    'buildGenerator: imageWidth must be a multiple of 4 and at least 8, but got 22. Resize to 20 or 24.',
  );
  expect(await refused({ discriminatorLayers: 3 }, 'never')).toBe(
    'buildDiscriminator: imageSize must be a multiple of 8 and at least 24, but got 16. Resize the images, or use fewer layers.',
  );
  const unet = { generator: 'unet', imageSize: 32 } as const;
  expect(await refused(unet, 'never')).toMatch(/imageWidth must be a multiple of 16/);
  const other = { from: folderOf('wide'), imageSize: 16, imageWidth: 32 };
  expect(await refused(other, 'never')).toMatch(
    /--from: the view of the whole image \(--global-view\) must end in the kernel of .*wide, whose images have 24 x 16 px, but got 32 x 16 px/,
  );
  expect(existsSync(join(folderOf('never'), 'run.json'))).toBe(false);
}, 120_000);
