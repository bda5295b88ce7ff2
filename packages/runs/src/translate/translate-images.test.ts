import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { useEngine } from '@janus/engine';
import { decodeImage, decodeUpright, writeImage, type RgbImage } from '@janus/images';
import { createCycleGan, CYCLEGAN_TEST, loadModel, saveModel, translate } from '@janus/models';
import { tmpdir } from 'node:os';
import { SILENT, streamOf, writeRun } from '@janus/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CYCLEGAN_RUN_PAPER } from '../cyclegan/options.js';
import { translateImages, type TranslateImagesOptions } from './translate-images.js';

const engine = 'wasm';
const SIZE = 16;
let root = '';
let run = '';

/** A run whose generators are as they began: residual ones that change little, but everywhere. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-translate-'));
  run = join(root, 'a-run');
  await useEngine({ engine });
  const options = { ...CYCLEGAN_RUN_PAPER, ...CYCLEGAN_TEST, skip: 'residual' } as const;
  const cyclegan = createCycleGan({ ...options, precision: 'float32' });
  await saveModel(join(run, 'model', 'G'), cyclegan.networks.G);
  await saveModel(join(run, 'model', 'F'), cyclegan.networks.F);
  cyclegan.dispose();
  await writeRun(run, {
    ...{ format: 2, kind: 'cyclegan', name: 'cats to dogs', started: '2026-01-02T03:04:05.000Z' },
    options: { ...options, precision: 'float32', x: 'cats', y: 'dogs' },
    ...{ seed: 1, versions: {}, dataHash: '', engine: 'js', status: 'finished' },
  });
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

/** Soft blobs, so that scaling loses little. */
function photo(width: number, height: number): RgbImage {
  const stream = streamOf(4, 'photo');
  const phases = Array.from({ length: 3 }, () => stream.next() * 6);
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return 128 + 50 * Math.sin((9 * x) / width + phases[c]!) + 40 * Math.sin((7 * y) / height);
  });
  return { pixels, width, height };
}

async function photoFile(name: string, image: RgbImage): Promise<string> {
  const file = join(root, name);
  await writeImage(file, image);
  return file;
}

const translated = async (
  files: readonly string[],
  options: Omit<TranslateImagesOptions, 'out'>,
): ReturnType<typeof translateImages> =>
  await translateImages(run, files, {
    out: join(root, `out-${JSON.stringify(options).replace(/\W+/g, '-')}`),
    ...{ engine, ...options },
  });

const meanDistance = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;

describe('translateImages', () => {
  it('keeps the size of a photo, and turns it upright', async () => {
    const image = photo(40, 70);
    const file = join(root, 'turned.jpg');
    const raw = { width: 40, height: 70, channels: 3 } as const;
    await sharp(image.pixels, { raw }).rotate(-90).withMetadata({ orientation: 6 }).toFile(file);
    for (const fit of ['resize', 'tile'] as const) {
      const { rows } = await translated([file], { fit });
      expect(rows[0]).toMatchObject({ width: 40, height: 70 });
      const made = await decodeUpright(rows[0]!.out);
      expect([made.width, made.height]).toEqual([40, 70]);
      const distance = meanDistance(made.pixels, image.pixels);
      // An untrained residual generator returns nearly its input.
      expect(distance).toBeGreaterThan(0);
      expect(distance).toBeLessThan(20);
    }
  });

  it('adds what the network changed at its own size: of an image of that size, its output', async () => {
    const file = await photoFile('own.png', photo(SIZE, SIZE));
    const generator = await loadModel(join(run, 'model', 'G'));
    const own = { images: await decodeImage(file, SIZE), width: SIZE, height: SIZE };
    const expected = await translate(generator, own);
    generator.dispose();
    for (const fit of ['resize', 'tile', 'square'] as const) {
      const { rows } = await translated([file], { fit });
      expect(Uint8Array.from((await decodeUpright(rows[0]!.out)).pixels)).toEqual(expected);
    }
  });

  it('stops between batches where its signal says so, and leaves whole files alone', async () => {
    const folder = join(root, 'many');
    for (let i = 0; i < 20; i++) await photoFile(join('many', `${i + 10}.png`), photo(20, 20));
    const out = join(root, 'stopped');
    const stop = new AbortController();
    const progress = (): void => {
      stop.abort('enough');
    };
    const options = {
      out,
      engine,
      reporter: { ...SILENT, progress },
      signal: stop.signal,
    } as const;
    await expect(translateImages(run, [folder], options)).rejects.toBe('enough');
    const files = await readdir(out);
    expect(files).toHaveLength(8);
    for (const file of files) {
      expect(await decodeUpright(join(out, file))).toMatchObject({ width: 20, height: 20 });
    }
  });

  it('multiplies the change by the strength: 0 gives the photo, 0.5 half of the change', async () => {
    const image = photo(50, 30);
    const file = await photoFile('strong.png', image);
    const at = async (strength: number): Promise<Uint8Array> => {
      const { rows, fit } = await translated([file], { strength });
      if (strength !== 1) expect(fit).toContain(`strength ${strength}`);
      return (await decodeUpright(rows[0]!.out)).pixels;
    };
    expect(Uint8Array.from(await at(0))).toEqual(image.pixels);
    const whole = await at(1);
    const half = await at(0.5);
    const off = half.map((value, i) =>
      Math.abs(2 * (value - image.pixels[i]!) - (whole[i]! - image.pixels[i]!)),
    );
    // Both were rounded.
    expect(Math.max(...off)).toBeLessThanOrEqual(2);
    await expect(translated([file], { strength: 2 })).rejects.toThrow(
      'strength must be from 0 to 1.5, but got 2',
    );
  });

  it('writes the way back, the change and a sheet when asked, each way from the other network', async () => {
    const image = photo(40, 24);
    const file = await photoFile('all.png', image);
    const made = await translated([file], { cycle: true, difference: true, sheet: true });
    const [row] = made.rows;
    const fake = await decodeUpright(row!.out);
    const change = await decodeUpright(row!.difference!);
    expect(change.pixels[0]! - 128).toBe(fake.pixels[0]! - image.pixels[0]!);
    expect((await decodeUpright(row!.cycle!)).width).toBe(40);
    expect(made.sheets.map((path) => existsSync(path))).toEqual([true]);
    const back = await translated([file], { direction: 'y-to-x', format: 'webp' });
    expect(back.rows[0]!.out).toMatch(/all\.webp$/);
    expect(back.rows[0]!.cycle).toBeUndefined();
    expect(meanDistance((await decodeUpright(back.rows[0]!.out)).pixels, fake.pixels)).not.toBe(0);
  });

  it('says in every file that it is synthetic and by which run, without a path', async () => {
    const file = await photoFile('said.png', photo(20, 20));
    const { rows, sheets } = await translated([file], { sheet: true, mark: true });
    for (const path of [rows[0]!.out, sheets[0]!]) {
      const xmp = (await sharp(path).metadata()).xmp?.toString() ?? '';
      expect(xmp).toContain('digitalsourcetype/trainedAlgorithmicMedia');
      expect(xmp).toContain('run a-run (cats to dogs, started 2026-01-02T03:04:05.000Z)');
      expect(xmp).toContain('direction x-to-y');
      expect(xmp).not.toContain(root);
    }
  });

  it('goes on after what cannot be read, with photos of several sizes together', async () => {
    const folder = join(root, 'mixed');
    await mkdir(folder);
    for (const [i, [width, height]] of (
      [
        [16, 16],
        [40, 16],
        [16, 16],
        [30, 50],
      ] as const
    ).entries()) {
      await writeImage(join(folder, `${i}.png`), photo(width, height));
    }
    await writeFile(join(folder, '2b.png'), 'no image');
    const { rows, unreadable } = await translated([folder], {});
    expect(rows.map(({ width, height }) => [width, height])).toEqual([
      [16, 16],
      [40, 16],
      [16, 16],
      [30, 50],
    ]);
    expect(unreadable.map(({ file }) => file)).toEqual([join(folder, '2b.png')]);
    const first = await decodeUpright(rows[0]!.out);
    expect(await decodeUpright(rows[2]!.out)).toEqual(first);
  });

  it('refuses options that would have no effect', async () => {
    const file = await photoFile('refused.png', photo(20, 20));
    const refusals = [
      [{ faces: true, fit: 'tile' }, 'faces must stand without a fit, but got tile'],
      [{ tile: 32 }, 'a tile and its overlap need the fit tile, but got none'],
      [{ fit: 'tile', tile: 18 }, 'a tile must be a multiple of 4 and at least 16 px, but got 18'],
      [{ fit: 'tile', overlap: 9 }, 'overlap must be whole pixels from 0 to half a tile (8), but'],
      [{ faceMargin: 1 }, 'a margin of faces needs faces'],
    ] as const;
    for (const [options, message] of refusals) {
      await expect(translated([file], options)).rejects.toThrow(message);
    }
  });
});
