import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { streamOf } from '@janus/core';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { cleanDataset } from './clean.js';
import type { CleanOptions } from './clean-options.js';
import { patches, reasonsOf, root, setOf } from './clean.fixture.js';
import { openInspections } from './inspect-images.js';
import { readDatasetRecord } from '../manifest/dataset-record.js';
import { readManifest } from '../manifest/manifest.js';
import type { ManifestRow } from '../manifest/manifest-row.js';
import { updateManifest } from '../manifest/manifest-stream.js';

describe('planted images', () => {
  let folder = '';
  beforeAll(async () => {
    const good = await patches(1).jpeg().toBuffer();
    const flat = (background: string): sharp.Sharp =>
      sharp({ create: { width: 96, height: 80, channels: 3, background } });
    const spot = await patches(9, 8, 8).png().toBuffer();
    folder = await setOf('planted', {
      'good.jpg': good,
      'same.jpg': good,
      'again.png': await sharp(good).png().toBuffer(),
      'small.png': patches(2, 31, 40),
      'strip.png': patches(3, 240, 40),
      'blank.jpg': await flat('#8899aa').jpeg().toBuffer(),
      'plain.png': flat('#ffffff').composite([{ input: spot, left: 40, top: 40 }]),
      'dark.png': patches(4).linear(0.2, 0),
      'light.png': patches(5).linear(0.05, 242),
      'blurry.png': patches(6).blur(12).normalise(),
      'cut.jpg': good.subarray(0, good.length / 2),
      'text.jpg': Buffer.from('<html>not found</html>'),
    });
  });

  it('are each removed for what was planted, and nothing else is', async () => {
    const result = await cleanDataset(folder);
    const reasons = await reasonsOf(folder);
    // Files come in the order of their names; of a re-encoded pair the first stays.
    expect(reasons).toEqual({
      again: null,
      good: 'near duplicate',
      same: 'duplicate',
      small: 'too small',
      strip: 'odd shape',
      blank: 'blank',
      plain: 'nearly blank',
      dark: 'too dark',
      light: 'too light',
      blurry: 'blurry',
      cut: 'cannot be decoded',
      text: 'cannot be decoded',
    });
    expect(result).toMatchObject({ rows: 1, rejected: 11, total: 12, removedBefore: 0 });
    expect(result.conflicts).toBeNull();
    // Every line begins with what the one before left.
    let left = 12;
    for (const line of result.history) {
      left -= line.removed;
      expect(line).toEqual({ reason: line.reason, removed: result.reasons[line.reason], left });
    }
    expect(left).toBe(result.rows);
    const record = (await readDatasetRecord(folder)).steps.find(({ step }) => step === 'clean');
    expect(record).toMatchObject({
      rows: 1,
      rejected: 11,
      options: { rules: { small: 32, blurry: 20 }, nearDuplicates: 0, conflicts: 'remove-all' },
    });
  });

  it('get hash, size and perceptual hash where they can be decoded', async () => {
    await cleanDataset(folder);
    for (const row of await readManifest(folder)) {
      expect(row.sha256).toMatch(/^[0-9a-f]{64}$/);
      const whole = row.reason !== 'cannot be decoded';
      expect(row.phash === null, row.path).toBe(!whole);
      expect(row.width === null).toBe(!whole);
      if (row.id.includes('strip')) expect([row.width, row.height]).toEqual([240, 40]);
    }
  });

  it('stay when their rule is off, go by another threshold, and come back', async () => {
    const off = { shape: false, blurry: false, dark: false, light: false, plain: false };
    await cleanDataset(folder, { rules: off });
    const reasons = await reasonsOf(folder);
    for (const name of ['strip', 'blurry', 'dark', 'light', 'plain']) {
      expect(reasons[name], name).toBeNull();
    }
    await cleanDataset(folder, { minSize: 31, duplicates: false, rules: { blurry: 1e6 } });
    const strict = await reasonsOf(folder);
    expect([strict['small'], strict['good'], strict['same']]).toEqual([
      'blurry',
      'blurry',
      'blurry',
    ]);
    await cleanDataset(folder, { duplicates: false });
    const kept = await reasonsOf(folder);
    expect([kept['good'], kept['same'], kept['again']]).toEqual([null, null, null]);
  });

  it('twice is once', async () => {
    const first = await cleanDataset(folder, { nearDuplicates: 6 });
    const rows = await readManifest(folder);
    expect(await cleanDataset(folder, { nearDuplicates: 6 })).toEqual(first);
    expect(await readManifest(folder)).toEqual(rows);
  });

  it('are not judged where an earlier step removed the row, and are where a later one did', async () => {
    const rows = await readManifest(folder);
    const idOf = (name: string): string => rows.find(({ id }) => id.includes(name))?.id ?? '';
    await updateManifest(folder, [
      { id: idOf('again'), status: 'removed', reason: 'no face', removedBy: 'crop', phash: null },
      { id: idOf('good'), status: 'removed', reason: 'leak', removedBy: 'split' },
    ]);
    const result = await cleanDataset(folder);
    expect(result).toMatchObject({ total: 12, removedBefore: 1, rows: 1 });
    const after = await readManifest(folder);
    const row = (name: string): ManifestRow | undefined =>
      after.find(({ id }) => id === idOf(name));
    expect(row('again')).toMatchObject({ reason: 'no face', removedBy: 'crop', phash: null });
    expect(row('good')).toMatchObject({ status: 'kept', reason: null, removedBy: null });
    await updateManifest(folder, [
      { id: idOf('again'), status: 'kept', reason: null, removedBy: null },
    ]);
  });

  it('are missing when their file went away', async () => {
    const gone = await setOf('gone', { 'a.png': patches(20), 'b.png': patches(21) });
    await cleanDataset(gone);
    const [a, b] = await readManifest(gone);
    await updateManifest(gone, [{ id: a?.id ?? '', path: 'nowhere.png' }]);
    expect((await cleanDataset(gone)).reasons).toEqual({ 'missing file': 1 });
    const after = await readManifest(gone);
    expect(after[0]).toMatchObject({ reason: 'missing file', sha256: a?.sha256, phash: null });
    expect(after[1]).toEqual(b);
  });
});

describe('tables', () => {
  it('of ages and bands lose who is, or may be, too young', async () => {
    const files = Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e'].map((name, i) => [`${name}.png`, patches(30 + i)]),
    );
    const folder = await setOf('ages', files, [
      { image: 'a.png', band: '0-2', born: '2010-05-01', taken: '2014-05-01' },
      { image: 'b.png', band: '3-9', born: '2010-05-02', taken: '2014-05-01' },
      { image: 'c.png', band: 'more than 70', born: '1950', taken: '2014' },
      { image: 'd.png', band: 'unknown', born: '', taken: '2014' },
      { image: 'e.png', band: '10-19', born: '2010', taken: '2014' },
    ]);
    await cleanDataset(folder, { minAge: 4, ageColumn: 'band' });
    expect(await reasonsOf(folder)).toEqual({
      a: 'younger than 4',
      b: 'younger than 4',
      c: null,
      d: 'unknown age',
      e: null,
    });
    await cleanDataset(folder, { minAge: 4, birthColumn: 'born', ageAt: 'taken' });
    expect(await reasonsOf(folder)).toEqual({
      a: null,
      b: 'younger than 4',
      c: null,
      d: 'unknown age',
      e: 'younger than 4',
    });
    await cleanDataset(folder, { minAge: 4, birthColumn: 'born', ageAt: '2020' });
    expect(await reasonsOf(folder)).toMatchObject({ a: null, b: null, e: null });
  });

  it('of labels lose the unknown, and images that are labelled in two ways', async () => {
    const twice = await patches(40).png().toBuffer();
    const files = { 'a.png': twice, 'b.png': twice, 'c.png': patches(41), 'd.png': patches(42) };
    const folder = await setOf('labels', files, [
      { image: 'a.png', party: 'D', state: 'x' },
      { image: 'b.png', party: 'R', state: 'x' },
      { image: 'c.png', party: 'Unknown', state: 'x' },
      { image: 'd.png', party: 'D', state: '' },
    ]);
    const clean = async (options: CleanOptions): Promise<unknown> => {
      const { conflicts } = await cleanDataset(folder, options);
      const { groups = -1, images = -1 } = conflicts ?? {};
      return [{ groups, images }, await reasonsOf(folder)];
    };
    const conflicts = { groups: 1, images: 2 };
    const both = { a: 'conflicting labels', b: 'conflicting labels', c: 'unknown party', d: null };
    expect(await clean({ labels: ['party'] })).toEqual([conflicts, both]);
    expect(await clean({ labels: ['party'], conflicts: 'keep-first' })).toEqual([
      conflicts,
      { ...both, a: null },
    ]);
    expect(await clean({ labels: ['party'], conflicts: 'report' })).toEqual([
      conflicts,
      { ...both, a: null, b: 'duplicate' },
    ]);
    expect(await clean({ labels: ['state'] })).toEqual([
      { groups: 0, images: 0 },
      { a: null, b: 'duplicate', c: null, d: 'unknown state' },
    ]);
  });

  it('have the columns that are named, and options make sense', async () => {
    const folder = join(root, 'labels');
    const refused: readonly (readonly [CleanOptions, RegExp])[] = [
      [{ labels: ['sex'] }, /labels must name columns.*party, state.*but got sex/],
      [{ minAge: 4 }, /ageColumn must name columns.*but got age/],
      [
        { minAge: -1, ageColumn: 'party' },
        /minAge must be a number of years from 0 to 200, but got -1/,
      ],
      [{ ageColumn: 'party' }, /ageColumn needs minAge, but minAge is not given/],
      [{ minAge: 4, birthColumn: 'state' }, /got only birthColumn/],
      [{ nearDuplicates: 33 }, /nearDuplicates must be a whole number of bits from 0 to 32/],
      [{ rules: { sharp: 1 } }, /a rule must be one of small/],
    ];
    const before = await readFile(join(folder, 'manifest.parquet'));
    for (const [options, message] of refused) {
      await expect(cleanDataset(folder, options)).rejects.toThrow(message);
    }
    expect(await readFile(join(folder, 'manifest.parquet'))).toEqual(before);
  });
});

test('rows beyond one piece of the manifest are judged as by one loop over all', async () => {
  const kinds = 7;
  const files = Object.fromEntries(
    Array.from({ length: kinds }, (_, i) => [`p${i}.png`, patches(60 + i, 40, 40)]),
  );
  const stream = streamOf(3, 'rows');
  const table = Array.from({ length: 2300 }, (_, i) => ({
    id: `r${i}`,
    image: `p${stream.integer(kinds)}.png`,
  }));
  const folder = await setOf('many', files, table);
  // Three of four were removed before, so that chunks hold rows that are not inspected.
  const isOut = table.map(() => stream.integer(4) > 0);
  const [status, reason, removedBy] = ['removed', 'no face', 'crop'] as const;
  await updateManifest(
    folder,
    table.filter((_, i) => isOut[i]).map(({ id }) => ({ id, status, reason, removedBy })),
  );
  const left = isOut.filter((out) => !out).length;
  expect(await cleanDataset(folder)).toMatchObject({ rows: kinds, removedBefore: 2300 - left });
  const seen = new Set<string>();
  const expected = table.map(({ image }, i) => {
    if (isOut[i] === true) return 'no face';
    const reason = seen.has(image) ? 'duplicate' : null;
    seen.add(image);
    return reason;
  });
  const rows = await readManifest(folder);
  expect(rows.map(({ id }) => id)).toEqual(table.map(({ id }) => id));
  expect(rows.map(({ reason }) => reason)).toEqual(expected);
});

test('threads find what one thread finds, in the order of the paths', async () => {
  const source = join(root, 'planted-source');
  const names = ['good.jpg', 'strip.png', 'text.jpg', 'nowhere.png', 'cut.jpg', 'dark.png'];
  const paths = [...names, ...names, ...names, ...names].map((name) => join(source, name));
  const look = async (workers: number): Promise<unknown> => {
    const inspections = openInspections(paths.length, workers);
    let told = 0;
    try {
      const found = await inspections.look(paths, (more) => {
        told += more;
      });
      expect(told).toBe(paths.length);
      return found.map((each) =>
        'sha256' in each ? { ...each, sha256: Buffer.from(each.sha256).toString('hex') } : each,
      );
    } finally {
      await inspections.close();
    }
  };
  expect(await look(2)).toEqual(await look(0));
});
