import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cleanDataset,
  datasetStats,
  openDataset,
  readDatasetRecord,
  readManifest,
  splitDataset,
  type ManifestRow,
} from '@janus/data';
import { decodeImage } from '@janus/images';
import { planFaces } from '@janus/faces';
import { drawnFacesOf } from './drawn-faces.js';
import { generateFaces, type GenerateFacesOptions } from './generate-faces.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-synthetic-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function imported(
  name: string,
  count: number,
  options: Omit<GenerateFacesOptions, 'out'> = {},
): Promise<ManifestRow[]> {
  await generateFaces(count, { out: join(root, name), size: 32, ...options });
  return await readManifest(join(root, name));
}

const FAULTS = {
  labelNoise: { column: 'presentation', rate: 0.1 },
  blankRate: 0.1,
  corruptRate: 0.1,
  duplicateRate: 0.1,
} as const;

test('an import writes every image and a manifest with all attributes', async () => {
  const rows = await imported('plain', 6);
  expect(rows.map((row) => row.id)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `face-0000${i}`));
  expect(Object.keys(rows[0]!.labels)).toEqual(
    expect.arrayContaining(['presentation', 'age', 'age_group', 'hair_length', 'planted']),
  );
  expect(new Set(rows.map((row) => row.labels['planted']))).toEqual(new Set([null]));
  for (const row of rows) {
    const image = await sharp(join(root, 'plain', row.path)).metadata();
    expect([image.width, image.height]).toEqual([row.width, row.height]);
  }
  expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a larger set begins with the images of a smaller one', async () => {
  const few = await imported('few', 3, { seed: 4 });
  const more = await imported('more', 5, { seed: 4 });
  expect(more.slice(0, 3).map((row) => row.sha256)).toEqual(few.map((row) => row.sha256));
});

test('planted faults are as many as asked for, and clean finds those that it can', async () => {
  const rows = await imported('faults', 40, FAULTS);
  const count = (kind: string): number =>
    rows.filter((row) => row.labels['planted'] === kind).length;
  expect(['blank', 'corrupt', 'duplicate', 'label-noise'].map(count)).toEqual([4, 4, 4, 4]);
  await cleanDataset(join(root, 'faults'));
  const cleaned = await readManifest(join(root, 'faults'));
  const reasons = (kind: string): (string | null)[] =>
    cleaned.filter((row) => row.labels['planted'] === kind).map((row) => row.reason);
  expect(new Set(reasons('blank'))).toEqual(new Set(['blank']));
  expect(new Set(reasons('corrupt'))).toEqual(new Set(['cannot be decoded']));
  // Of a pair of equal files, clean keeps the first, which may be the copy.
  expect(cleaned.filter((row) => row.reason === 'duplicate')).toHaveLength(2);
  const whole = cleaned.filter((row) => row.labels['planted'] === null);
  expect(whole.filter((row) => row.status === 'removed' && row.reason !== 'duplicate')).toEqual([]);
});

test('wrong labels keep the truth beside them, and only planted ones are wrong', async () => {
  const rows = await imported('noise', 40, FAULTS);
  for (const { labels } of rows) {
    if (labels['planted'] === 'label-noise') {
      expect(labels['presentation']).not.toBe(labels['presentation_truth']);
    } else if (labels['planted'] !== 'duplicate') {
      expect(labels['presentation']).toBe(labels['presentation_truth']);
    }
  }
});

test('copies name what they copy: half are equal files, half are encoded anew', () => {
  const plans = planFaces(200, { duplicateRate: 0.1, seed: 9 });
  const copies = plans.filter((plan) => plan.planted === 'duplicate');
  expect(copies).toHaveLength(20);
  expect(copies.filter((plan) => plan.variant === 0)).toHaveLength(10);
  for (const copy of copies) {
    const original = plans.find((plan) => plan.id === copy.copyOf);
    expect(original?.face).toEqual(copy.face);
    expect(original?.planted).toBe(null);
  }
});

test('images of one person carry one identity', async () => {
  const rows = await imported('people', 6, { imagesPerPerson: 3 });
  expect(rows.map((row) => row.identity)).toEqual(
    ['person-0', 'person-1'].flatMap((name) => [name, name, name]),
  );
  expect(new Set(rows.map((row) => row.sha256)).size).toBe(6);
});

test('twins follow their faces: the same with the next value, framed and kept together alike', async () => {
  const rows = await imported('twins', 8, { twins: 'presentation', blankRate: 0.25 });
  const faces = rows.filter(({ id }) => !id.endsWith('-twin'));
  expect(faces).toHaveLength(8);
  expect(rows).toHaveLength(14);
  for (const face of faces) {
    const twin = rows.find(({ id }) => id === `${face.id}-twin`);
    if (face.labels['planted'] === 'blank') {
      expect([twin, face.labels['pair']]).toEqual([undefined, null]);
      continue;
    }
    const { presentation, ...others } = twin?.labels ?? {};
    expect(new Set([presentation, face.labels['presentation']])).toEqual(
      new Set(['feminine', 'masculine']),
    );
    expect({ ...others, presentation: face.labels['presentation'] }).toEqual(face.labels);
    expect(face.labels['pair']).toBe(face.id);
    const framed = ({ x1, y1, x2, y2, identity }: ManifestRow): unknown => [
      x1,
      y1,
      x2,
      y2,
      identity,
    ];
    expect(framed(twin!)).toEqual(framed(face));
    expect(twin?.sha256).not.toBe(face.sha256);
  }
  const drawn = drawnFacesOf(await readDatasetRecord(join(root, 'twins')));
  expect([...(drawn?.plans.keys() ?? [])]).toEqual(rows.map(({ id }) => id));
});

test('options out of range each give one line with the way out, and write nothing', async () => {
  const out = join(root, 'never');
  const attempt = async (count: number, options: object): Promise<unknown> =>
    await generateFaces(count, { out, size: 32, ...options }).catch(
      (error: unknown) => (error as Error).message,
    );
  expect(await attempt(0, {})).toMatch(/from 1 to 1000000, but got 0/);
  expect(await attempt(2, { size: 20 })).toMatch(/32 to 512, but got 20/);
  expect(await attempt(2, { blankRate: 1.5 })).toMatch(/blankRate must be from 0 to 1/);
  expect(await attempt(2, { blankRate: 0.6, corruptRate: 0.6 })).toMatch(/add up to 1\.2/);
  expect(await attempt(2, { imagesPerPerson: 0 })).toMatch(/imagesPerPerson/);
  expect(await attempt(2, { labelNoise: { column: 'age', rate: 0.1 } })).toMatch(/but got age/);
  expect(await attempt(2, { twins: 'age' })).toMatch(/twins must be one of presentation/);
  expect(existsSync(out)).toBe(false);
});

test('an import that fails in the middle leaves no data folder behind', async () => {
  const out = join(root, 'stopped');
  const report = (progress: { readonly done: number }): void => {
    if (progress.done === 2) throw new Error('stopped');
  };
  await expect(generateFaces(5, { out, size: 32, report })).rejects.toThrow('stopped');
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(root).filter((name) => name.startsWith('.stopped'))).toEqual([]);
});

test('the history of the set holds its options', async () => {
  await generateFaces(3, { out: join(root, 'story'), size: 32, seed: 6 });
  const story = JSON.parse(await readFile(join(root, 'story', 'dataset.json'), 'utf8')) as {
    options: Record<string, unknown>;
  };
  expect(story.options).toMatchObject({ count: 3, size: 32, seed: 6, format: 'jpeg' });
});

describe('generated faces', () => {
  test('are cleaned of exactly what was planted, and split', async () => {
    const out = join(root, 'faces');
    await generateFaces(100, {
      out,
      size: 48,
      blankRate: 0.05,
      corruptRate: 0.04,
      duplicateRate: 0.04,
      labelNoise: { column: 'presentation', rate: 0.1 },
    });
    const result = await cleanDataset(out, { labels: ['presentation'] });
    expect(result.reasons).toEqual({
      blank: 5,
      'cannot be decoded': 4,
      duplicate: 2,
      'near duplicate': 2,
    });
    const cleaned = await openDataset(out);
    for (const { reason, labels } of cleaned.rows) {
      if (reason === 'blank') expect(labels['planted']).toBe('blank');
      if (reason === 'cannot be decoded') expect(labels['planted']).toBe('corrupt');
      if (reason?.endsWith('duplicate') === true) expect(labels['planted']).toBe('duplicate');
    }
    const noisy = cleaned.rows.filter(
      ({ labels }) => labels['presentation'] !== labels['presentation_truth'],
    );
    // A copy carries the label of what it copies, a wrong one too.
    const copies = noisy.filter(({ labels }) => labels['planted'] === 'duplicate');
    expect(noisy.length - copies.length).toBe(10);
    const { splits } = await splitDataset(out, { stratify: ['presentation'] });
    expect(splits.train + splits.validation + splits.test).toBe(result.rows);
    expect((await datasetStats(out)).removed).toEqual(result.reasons);
  });

  test('have at least twelve attributes, and a larger set begins with the smaller one', async () => {
    const few = join(root, 'six');
    const more = join(root, 'nine');
    await generateFaces(6, { out: few, size: 32 });
    await generateFaces(9, { out: more, size: 32 });
    const [a, b] = [await openDataset(few), await openDataset(more)];
    expect(a.labels.filter((label) => label !== 'planted').length).toBeGreaterThanOrEqual(12);
    expect(b.rows.slice(0, 6).map((row) => row.labels)).toEqual(a.rows.map((row) => row.labels));
    const pixels = async (set: string): Promise<Uint8Array> =>
      await decodeImage(join(set, a.rows[3]?.path ?? ''), 32);
    expect(await pixels(few)).toEqual(await pixels(more));
  });
});

test('the data statement says of generated faces that labels were drawn and nobody is shown', async () => {
  const out = join(root, 'stated');
  await generateFaces(3, { out, size: 32 });
  const made = await readFile(join(out, 'DATA.md'), 'utf8');
  expect(made).toContain('The labels are drawn: they are the input of the image generator.');
  expect(made).toContain('No image shows a real person.');
  expect(made).not.toContain('perceived');
});
