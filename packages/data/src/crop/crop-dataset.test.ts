import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DetectFaces, FaceBox } from '@janus/core';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDatasetRecord } from '../manifest/dataset-record.js';
import { imagePathOf, readManifest } from '../manifest/manifest.js';
import { type ManifestRow, newRow } from '../manifest/manifest-row.js';
import { updateManifest, writeManifestStream } from '../manifest/manifest-stream.js';
import { writeDatasetRecord } from '../record/record-step.js';
import { readTable } from '../manifest/tables.js';
import { cropDataset } from './crop-dataset.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-crop-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const WIDTH = 80;
const HEIGHT = 60;

/** Every pixel tells where it is. */
function mapOf(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels.set([x * 3, y * 4, 100], (y * width + x) * 3);
    }
  }
  return pixels;
}

const map = (): sharp.Sharp =>
  sharp(mapOf(WIDTH, HEIGHT), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

/** A data folder of rows; each has an image unless it names a path. */
async function makeData(
  rows: readonly Partial<ManifestRow>[],
  boxUnit: 'pixel' | 'fraction' | null = 'pixel',
): Promise<void> {
  await map().png().toFile(join(root, 'map.png'));
  await writeManifestStream(
    root,
    rows.map((row, i) => newRow({ id: `row ${i}`, path: 'map.png', labels: { n: i }, ...row })),
  );
  await writeDatasetRecord(root, {
    format: 1,
    name: 'maps',
    source: 'maps',
    licence: 'none',
    options: { boxUnit },
    steps: [],
  });
}

const box = (...[x1 = 0, y1 = 0, x2 = 0, y2 = 0]: readonly number[]): Partial<ManifestRow> => ({
  x1,
  y1,
  x2,
  y2,
});

async function pixelsOf(row: ManifestRow | undefined): Promise<Buffer> {
  return await sharp(imagePathOf(root, row?.path ?? ''))
    .raw()
    .toBuffer();
}

/** Where the first and last pixel of a crop of the map were. */
async function cornersOf(row: ManifestRow | undefined): Promise<readonly number[]> {
  const pixels = await pixelsOf(row);
  const [x1 = 0, y1 = 0] = pixels;
  const [x2 = 0, y2 = 0] = pixels.subarray(-3);
  return [x1 / 3, y1 / 4, x2 / 3, y2 / 4];
}

const exact = { format: 'png', minSide: 1 } as const;

describe('cropDataset by box', () => {
  it('cuts out boxes in pixels and in fractions, and turns the new images into those of the data set', async () => {
    await makeData([box(8, 6, 28, 26)]);
    expect(await cropDataset(root, { ...exact, size: 20 })).toMatchObject({
      ...{ rows: 1, rejected: 0, clipped: 0, cropped: 1, finished: true },
    });
    const [row] = await readManifest(root);
    expect(row).toMatchObject({ width: 20, height: 20, x1: null, y2: null, status: 'kept' });
    expect(row?.path).toMatch(/^crops\/20px-[0-9a-f]{12}\/[0-9a-f]{2}\/[0-9a-f]{32}\.png$/);
    expect(await cornersOf(row)).toEqual([8, 6, 27, 25]);
    await makeData([box(0.1, 0.1, 0.35, 26 / 60)], 'fraction');
    await cropDataset(root, { ...exact, size: 20 });
    expect(await cornersOf((await readManifest(root))[0])).toEqual([8, 6, 27, 25]);
  });

  it('turns images upright before it crops, whatever their orientation', async () => {
    const rows: Partial<ManifestRow>[] = [];
    await map().png().toFile(join(root, 'map.png'));
    // What undoes each orientation, so that all stored images show the same one.
    const stored = {
      1: map(),
      2: map().flop(),
      3: map().rotate(180),
      4: map().flip(),
      5: sharp(await map().rotate(270).png().toBuffer()).flip(),
      6: map().rotate(270),
      7: sharp(await map().rotate(90).png().toBuffer()).flip(),
      8: map().rotate(90),
    };
    for (const [orientation, image] of Object.entries(stored)) {
      const path = `turned-${orientation}.png`;
      const bytes = await image.png().toBuffer();
      await sharp(bytes)
        .withMetadata({ orientation: Number(orientation) })
        .png()
        .toFile(join(root, path));
      rows.push({ path, ...box(8, 6, 28, 26) });
    }
    await makeData(rows);
    await cropDataset(root, { ...exact, size: 20 });
    const corners = await Promise.all((await readManifest(root)).map(cornersOf));
    expect(corners).toEqual(Array.from({ length: 8 }, () => [8, 6, 27, 25]));
  });

  it('counts what it had to move, and says why others cannot be cropped', async () => {
    await writeFile(join(root, 'broken.png'), 'no image');
    await makeData([
      box(0, 0, 20, 20),
      box(70, 50, 90, 70),
      box(200, 0, 220, 20),
      box(4, 4, 12, 12),
      {},
      { ...box(0, 0, 20, 20), path: 'broken.png' },
      { ...box(0, 0, 20, 20), path: 'gone.png' },
      { ...box(0, 0, 20, 20), status: 'removed', reason: 'no licence', removedBy: 'import' },
      { ...box(0, 0, 20, 20), status: 'removed', reason: 'blurry', removedBy: 'clean' },
    ]);
    const result = await cropDataset(root, { margin: 0.1, minSide: 10 });
    expect(result).toMatchObject({
      ...{ rows: 3, rejected: 5, clipped: 3 },
      reasons: {
        'box is too small': 1,
        'box lies outside the image': 1,
        'cannot be decoded': 1,
        'missing file': 1,
        'no box': 1,
      },
    });
    const rows = await readManifest(root);
    expect(rows.map(({ reason, removedBy }) => [reason, removedBy])).toEqual([
      [null, null],
      [null, null],
      ['box lies outside the image', 'crop'],
      ['box is too small', 'crop'],
      ['no box', 'crop'],
      ['cannot be decoded', 'crop'],
      ['missing file', 'crop'],
      ['no licence', 'import'],
      [null, null],
    ]);
    const table = await readTable(join(root, 'crop.parquet'));
    expect(table[1]).toMatchObject({ original: 'map.png', width: WIDTH, height: HEIGHT, left: 56 });
    const { steps } = await readDatasetRecord(root);
    expect(steps).toMatchObject([{ step: 'crop', rows: 3, options: { by: 'box', clipped: 3 } }]);
  });

  it('starts from the originals again: the same options change nothing, and others crop from scratch', async () => {
    await makeData([box(8, 6, 28, 26), box(30, 6, 50, 26), {}]);
    await cropDataset(root, { ...exact, size: 20 });
    const first = await readManifest(root);
    expect(await cropDataset(root, { ...exact, size: 20 })).toMatchObject({ cropped: 0, rows: 2 });
    expect(await readManifest(root)).toEqual(first);
    await cropDataset(root, { ...exact, size: 40, grey: true });
    const grey = await readManifest(root);
    expect(grey[0]).toMatchObject({ width: 40, height: 40 });
    expect(await readdir(join(root, 'crops'))).toHaveLength(1);
    expect((await sharp(join(root, grey[0]?.path ?? '')).metadata()).channels).toBe(1);
    // The third row has a box now, and the first one another image.
    await map().negate().png().toFile(join(root, 'other.png'));
    await updateManifest(root, [
      { id: 'row 2', x1: 8, y1: 6, x2: 28, y2: 26 },
      { id: 'row 0', path: 'other.png', x1: 8, y1: 6, x2: 28, y2: 26 },
    ]);
    expect(await cropDataset(root, { ...exact, size: 20 })).toMatchObject({ rows: 3, rejected: 0 });
    const last = await readManifest(root);
    expect(await cornersOf(last[2])).toEqual([8, 6, 27, 25]);
    expect(await cornersOf(last[1])).toEqual([30, 6, 49, 25]);
    expect((await pixelsOf(last[0]))[2]).toBe(155);
  });

  it('resumes where it was stopped, over an incomplete line and file', async () => {
    await makeData(Array.from({ length: 100 }, (_, i) => box(i % 20, 6, (i % 20) + 20, 26)));
    const whole = await cropDataset(root, { ...exact, size: 20 });
    const rows = await readManifest(root);
    await makeData(Array.from({ length: 100 }, (_, i) => box(i % 20, 6, (i % 20) + 20, 26)));
    await rm(join(root, 'crop.parquet'));
    await rm(join(root, 'crops'), { recursive: true });
    const stop = new AbortController();
    const stopped = await cropDataset(root, {
      ...{ ...exact, size: 20, signal: stop.signal },
      report: () => {
        stop.abort();
      },
    });
    expect(stopped.finished).toBe(false);
    expect(stopped.cropped).toBeLessThan(100);
    expect((await readManifest(root))[0]?.path).toBe('map.png');
    const [key = ''] = await readdir(join(root, 'crops'));
    await appendFile(join(root, 'crops', key, 'journal.jsonl'), '{"id":"row 99","orig');
    await writeFile(join(root, 'crops', key, '.half.jpg.1.tmp'), 'ha');
    const resumed = await cropDataset(root, { ...exact, size: 20 });
    expect(resumed).toMatchObject({ rows: whole.rows, cropped: 100 - stopped.cropped });
    expect(await readManifest(root)).toEqual(rows);
    const left = await readdir(join(root, 'crops', key), { recursive: true });
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('keeps hostile ids and linked folders from leading out of the data folder', async () => {
    const ids = ['../../../etc/passwd', '/absolute', 'a\0b', 'x'.repeat(5000), '图/片'];
    await makeData(ids.map((id) => ({ id, ...box(0, 0, 20, 20) })));
    await cropDataset(root, exact);
    for (const { path } of await readManifest(root))
      expect(existsSync(join(root, path))).toBe(true);
    const outside = await mkdtemp(join(tmpdir(), 'janus-outside-'));
    await rm(join(root, 'crops'), { recursive: true });
    await symlink(outside, join(root, 'crops'));
    await expect(cropDataset(root, exact)).rejects.toThrow(/is a link that leads out of it/);
    expect(await readdir(outside)).toEqual([]);
    await rm(outside, { recursive: true });
  });

  it('changes nothing where no image would be left', async () => {
    await makeData([box(200, 0, 220, 20), box(300, 0, 320, 20)]);
    const before = await readFile(join(root, 'manifest.parquet'));
    await expect(cropDataset(root, exact)).rejects.toThrow(
      /none of 2 could be cropped \(2 box lies outside the image\)\. Nothing was changed/,
    );
    expect(await readFile(join(root, 'manifest.parquet'))).toEqual(before);
  });

  it.each([
    [{ size: 8 }, /size must be a whole number of pixels from 16 to 2048, but got 8/],
    [{ margin: NaN }, /margin must be from 0 to 4, but got NaN/],
    [{ minSide: 0 }, /minSide must be a whole number of pixels of at least 1, but got 0/],
    [{ by: 'face' }, /by face needs a face detector, but got none/],
  ] as const)('refuses %j', async (options, message) => {
    await makeData([box(0, 0, 20, 20)]);
    await expect(cropDataset(root, options)).rejects.toThrow(message);
  });
});

describe('cropDataset by face', () => {
  const face = (x: number, side: number, score: number): FaceBox => ({
    ...{ x1: x, y1: 10, x2: x + side, y2: 10 + side },
    score,
  });

  /** Finds what the image's number of red says. */
  const found: readonly (readonly FaceBox[])[] = [
    [],
    [face(10, 20, 0.9)],
    [face(10, 20, 0.9), face(32, 18, 0.8), face(50, 24, 0.7)],
    [face(10, 4, 0.9)],
    [face(10, 20, 0.8), face(60, 4, 0.6)],
  ];

  const detect: DetectFaces = async (pixels, width, height) => {
    expect([width, height, pixels.length]).toEqual([WIDTH, HEIGHT, WIDTH * HEIGHT * 3]);
    return await Promise.resolve(found[pixels[0] ?? 0] ?? []);
  };

  async function makeFaces(): Promise<void> {
    for (const i of found.keys()) {
      const background = { r: i, g: 0, b: 0 };
      await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background } })
        .png()
        .toFile(join(root, `face-${i}.png`));
    }
    await makeData(
      found.map((_, i) => ({ path: `face-${i}.png` })),
      null,
    );
  }

  it('rejects what has no face, several or too small a one, and does not count small ones beside', async () => {
    await makeFaces();
    const result = await cropDataset(root, { detect, minSide: 10, margin: 0 });
    expect(result).toMatchObject({
      rows: 2,
      reasons: { 'no face': 1, 'several faces': 1, 'face is too small': 1 },
    });
    const table = await readTable(join(root, 'crop.parquet'));
    expect(table.map(({ faces, score, left }) => [faces, score, left])).toEqual([
      [0, null, null],
      [1, 0.9, 10],
      [3, null, null],
      [0, null, null],
      [1, 0.8, 10],
    ]);
  });

  it.each([
    ['largest', 50],
    ['surest', 10],
    ['middle', 32],
  ] as const)(
    'takes the %s of several faces, and the middle where there is none, with these options',
    async (severalFaces, left) => {
      await makeFaces();
      const policy = { severalFaces, withoutFace: 'keep' } as const;
      const result = await cropDataset(root, { detect, minSide: 10, margin: 0, ...policy });
      expect(result).toMatchObject({ rows: 5, rejected: 0 });
      const table = await readTable(join(root, 'crop.parquet'));
      expect(table[2]).toMatchObject({ faces: 3, left });
      expect(table[0]).toMatchObject({ faces: 0, left: 10, regionWidth: HEIGHT });
    },
  );
});
