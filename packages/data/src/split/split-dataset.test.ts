import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOfText } from '@janus/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assignSplits } from './assign-splits.js';
import { newRow } from '../manifest/manifest-row.js';
import { readDatasetRecord } from '../manifest/dataset-record.js';
import { readManifest } from '../manifest/manifest.js';
import { makeDataFolder } from './data-folder.fixture.js';
import { checkSplit } from './split-check.js';
import { splitDataset } from './split.js';
import type { SplitOptions } from './split-options.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-split-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

/** Rows with people, copies, near duplicates, gaps, and some that were removed before. */
const ROWS = Array.from({ length: 400 }, (_, i) =>
  newRow({
    id: `r${(i * 7) % 400}`,
    path: '',
    sha256: i % 5 === 0 ? null : `sha${i % 9 === 0 ? i - 1 : i}`,
    phash:
      i % 4 === 0
        ? null
        : hashOfText(`${i % 11 === 0 ? i - 2 : i}`)
            .toString(16)
            .padStart(16, '0'),
    identity: i % 3 === 0 ? null : `p${i % 170}`,
    split: i % 2 === 0 ? null : i % 10 === 1 ? 'test' : 'train',
    labels: {
      gender: i % 3 === 1 ? 'f' : 'm',
      age: i % 8 === 0 ? null : i % 7,
      ratio: (i % 3) + 0.5,
    },
    ...(i % 20 === 3
      ? { status: 'removed' as const, reason: 'blank', removedBy: 'clean' as const, split: null }
      : {}),
  }),
);

describe('splitDataset', () => {
  it.each<SplitOptions>([
    {},
    { seed: 3, stratify: ['gender', 'age'], nearDuplicates: 0 },
    { stratify: ['ratio'], group: ['age', 'identity'], test: 0.3 },
    { balance: 'gender', seed: 2 },
    { folds: 4, stratify: ['age'] },
    { keep: ['test'] },
    { keep: ['train', 'test'], dropLeaks: true, balance: 'gender' },
  ])('writes what assignSplits decides, and leaves all else as it was: %o', async (options) => {
    const folder = await makeDataFolder(join(root, 'agree'), ROWS);
    const { keep = [] } = options;
    const result = await splitDataset(folder, options);
    const judged = ROWS.filter((row) => row.status === 'kept');
    const expected = assignSplits(judged, options);
    const counts = { train: 0, validation: 0, test: 0 };
    const after = await readManifest(folder);
    expect(after.map((row) => row.id)).toEqual(ROWS.map((row) => row.id));
    after.forEach((row, i) => {
      const before = ROWS[i];
      const { split = null, fold = null, reason = null } = expected.get(row.id) ?? {};
      if (split !== null) counts[split] += 1;
      const isOut = reason !== null;
      expect(row).toEqual({
        ...before,
        // A row that is removed from a kept split keeps its split, for the next run.
        split: isOut && keep.some((name) => name === before?.split) ? before?.split : split,
        ...(isOut ? { status: 'removed', reason, removedBy: 'split' } : {}),
        labels: { ...before?.labels, ...(options.folds === undefined ? {} : { fold }) },
      });
    });
    expect(result.splits).toEqual(counts);
    expect(result.rows).toBe(counts.train + counts.validation + counts.test);
    expect(result.rejected).toBe(judged.length - result.rows);
    const steps = (await readDatasetRecord(folder)).steps;
    expect(steps.map(({ step, rows }) => [step, rows])).toEqual([['split', result.rows]]);
  });

  it('judges again what an earlier split removed, and drops its folds', async () => {
    const folder = await makeDataFolder(join(root, 'again'), ROWS);
    const plain = await splitDataset(folder);
    const first = await readManifest(folder);
    const balanced = await splitDataset(folder, { balance: 'gender', folds: 3 });
    expect(balanced.reasons['balance']).toBeGreaterThan(50);
    expect(balanced.folds).toHaveLength(3);
    expect((await readManifest(folder))[0]?.labels).toHaveProperty('fold');
    expect(await splitDataset(folder)).toEqual({ ...plain, replaced: null });
    expect(await readManifest(folder)).toEqual(first);
  });

  it('refuses columns that do not exist, that have one value, and a fold column of the source', async () => {
    const rows = ROWS.map((row) => ({ ...row, labels: { ...row.labels, one: 'x', fold: 1 } }));
    const folder = await makeDataFolder(join(root, 'columns'), rows);
    await expect(splitDataset(folder, { stratify: ['gendr'] })).rejects.toThrow(
      /columns must be those of the data \(gender, age, ratio, one, fold\), but got gendr/,
    );
    await expect(splitDataset(folder, { balance: 'one' })).rejects.toThrow(
      /one must have at least two values among the kept rows, but has x/,
    );
    await expect(splitDataset(folder, { folds: 3 })).rejects.toThrow(
      /the data has a label of that name/,
    );
    expect(await readManifest(folder)).toEqual(rows);
  });

  it('refuses a set that is too small for its parts or folds', async () => {
    const folder = await makeDataFolder(join(root, 'small'), ROWS.slice(0, 2));
    await expect(splitDataset(folder)).rejects.toThrow(/test would get none of 2 rows/);
    const one = await makeDataFolder(
      join(root, 'one'),
      ROWS.map((row) => ({ ...row, identity: 'p' })),
    );
    await expect(splitDataset(one, { folds: 5 })).rejects.toThrow(/fold 1 would get none/);
  });

  it('an identity that is not grouped by leaks, unless it is allowed', async () => {
    const folder = await makeDataFolder(join(root, 'session'), ROWS);
    const options = { group: ['age'], nearDuplicates: 0 };
    await expect(splitDataset(folder, options)).rejects.toThrow(
      /identities are in train.*Keep people together with --group identity/,
    );
    const { leaks } = await splitDataset(folder, { ...options, allowLeaks: ['identity'] });
    expect(leaks.identity?.rows).toBeGreaterThan(0);
  });

  it('a set without parts cannot be checked', async () => {
    const folder = await makeDataFolder(
      join(root, 'unsplit'),
      ROWS.map((row) => ({ ...row, split: null })),
    );
    await expect(checkSplit(folder)).rejects.toThrow(
      /a check needs rows in splits, but there are none/,
    );
  });
});
