import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDataset } from '../made-dataset.fixture.js';
import { newRow } from './manifest-row.js';
import { classesOf, keptRows, openDataset, parseFilter } from './dataset.js';
import { decodeImage } from '@janus/images';
import { importCsv } from '../sources/import-csv.js';
import { importFolder } from '../sources/import-folder.js';

/** Grey to inks and back goes through two colour tables: a few percent of 255, never a wrong channel. */
const COLOUR_PROFILE = 20;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-data-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('decodeImage', () => {
  const save = async (name: string, image: sharp.Sharp): Promise<string> => {
    const path = join(folder, name);
    await image.toFile(path);
    return path;
  };
  const flat = (background: string): sharp.Sharp =>
    sharp({ create: { width: 40, height: 40, channels: 3, background } });

  it('reads greyscale, CMYK and 16 bits as RGB', async () => {
    for (const [name, image] of [
      ['grey.png', flat('#808080').greyscale()],
      ['cmyk.jpg', flat('#808080').toColourspace('cmyk').jpeg({ quality: 100 })],
      ['deep.png', flat('#808080').toColourspace('rgb16').png()],
    ] as const) {
      const pixels = await decodeImage(await save(name, image), 8);
      expect(pixels).toHaveLength(8 * 8 * 3);
      for (const value of pixels)
        expect(Math.abs(value - 128), name).toBeLessThanOrEqual(COLOUR_PROFILE);
    }
  });

  it('puts what is transparent on white', async () => {
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const image = sharp({ create: { width: 9, height: 9, channels: 4, background: clear } });
    expect(new Set(await decodeImage(await save('clear.png', image), 4))).toEqual(new Set([255]));
  });

  it('turns an image upright by its EXIF entry', async () => {
    // Left half black, right half white; orientation 3 means: turn by half a circle.
    const raw = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) =>
      Math.floor(i / 3) % 16 < 8 ? 0 : 255,
    );
    const image = sharp(raw, { raw: { width: 16, height: 16, channels: 3 } })
      .withMetadata({ orientation: 3 })
      .png();
    const pixels = await decodeImage(await save('turned.png', image), 16);
    expect([pixels[0], pixels[15 * 3]]).toEqual([255, 0]);
  });

  it('says which file is truncated', async () => {
    const whole = await flat('#336699').jpeg().toBuffer();
    const path = join(folder, 'cut.jpg');
    await writeFile(path, whole.subarray(0, whole.length - 60));
    await expect(decodeImage(path, 8)).rejects.toThrow(/cut\.jpg: must be a complete image/);
  });
});

describe('bad input', () => {
  it('an absent, an empty and a taken folder', async () => {
    const absent = join(folder, 'absent');
    const out = join(folder, 'out');
    await expect(importFolder(absent, { out })).rejects.toThrow(/absent: does not exist/);
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await expect(importFolder(empty, { out })).rejects.toThrow(
      /empty: must hold images .*but there are none/,
    );
    expect(await readdir(folder)).not.toContain('out');
    const taken = join(folder, 'taken');
    await makeDataset(taken, 2);
    await expect(importFolder(join(taken, 'images'), { out: taken })).rejects.toThrow(
      /holds a data set already.*--force/,
    );
  });

  it('a table without the column, with its columns', async () => {
    const path = join(folder, 'table.csv');
    await writeFile(path, 'portrait,kind\na.jpg,x\n');
    await expect(importCsv(path, { out: join(folder, 'o') })).rejects.toThrow(
      /needs a column image or path.*has the columns portrait, kind/,
    );
  });

  it('a table whose images are missing, with the count', async () => {
    const path = join(folder, 'missing.csv');
    await writeFile(path, 'image,kind\na.jpg,x\nb.jpg,y\n');
    await expect(importCsv(path, { out: join(folder, 'o') })).rejects.toThrow(/2 missing file/);
  });

  it('a target that is not a column or has one class; a filter without a value', async () => {
    const out = join(folder, 'few');
    await makeDataset(out, 4);
    const dataset = await openDataset(out);
    expect(() => classesOf(dataset, 'gendr')).toThrow(/kind.*but got gendr/);
    const one = { ...dataset, rows: dataset.rows.slice(0, 1) };
    expect(() => classesOf(one, 'kind')).toThrow(/at least two classes/);
    expect(() => parseFilter('gender')).toThrow(/column=value/);
  });

  it('a value that no kept image has, with those that there are, the commonest first', () => {
    const rows = Array.from({ length: 30 }, (_, i) =>
      newRow({
        id: `r${i}`,
        path: '',
        split: 'train',
        labels: { kind: i < 3 ? 'a' : i < 5 ? 'b' : i < 6 ? null : `c${i}` },
        ...(i === 29 ? { status: 'removed' } : {}),
      }),
    );
    const record = {
      format: 1,
      name: '',
      source: '',
      licence: '',
      options: {},
      steps: [],
    } as const;
    const dataset = { folder: 'made', name: 'made', hash: '', record, rows, labels: ['kind'] };
    const choose = (text: string, split?: 'test'): number =>
      keptRows(dataset, { filter: parseFilter(text), ...(split === undefined ? {} : { split }) })
        .length;
    expect(() => choose('kind=nosuch')).toThrow(
      'made: kind must be a value that kept images have (a (3), b (2), c10 (1), c11 (1), c12 (1), c13 (1), c14 (1), c15 (1), c16 (1), c17 (1) and 15 more), but got nosuch. Choose one of them.',
    );
    // A removed image has no value to choose, and neither has a missing label.
    expect(() => choose('kind=c29')).toThrow(/but got c29/);
    expect(() => choose('kind=null')).toThrow(/but got null/);
    expect(() => choose('kind=')).toThrow(/but got nothing/);
    expect([choose('kind=a'), choose('kind=a', 'test')]).toEqual([3, 0]);
  });
});
