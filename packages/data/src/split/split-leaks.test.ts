import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importFolder } from '../sources/import-folder.js';
import { newRow } from '../manifest/manifest-row.js';
import { readManifest } from '../manifest/manifest.js';
import { makeDataFolder } from './data-folder.fixture.js';
import { checkSplit } from './split-check.js';
import { splitDataset } from './split.js';
import { readTable } from '../manifest/tables.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-leaks-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

describe('leaks', () => {
  /** Two class folders of ten images, in train and test, that are all different. */
  async function images(name: string): Promise<string> {
    const folder = join(root, name);
    for (let i = 0; i < 20; i++) {
      const path = join(folder, i % 2 === 0 ? 'trainA' : 'testA', `${i}.png`);
      await mkdir(join(path, '..'), { recursive: true });
      const background = `#${(i * 12345 + 1000).toString(16).padStart(6, '0')}`;
      await sharp({ create: { width: 8, height: 8, channels: 3, background } }).toFile(path);
    }
    return folder;
  }

  it('a copy planted in another part is found without any cleaning, and removed on demand', async () => {
    const folder = await images('planted');
    await copyFile(join(folder, 'trainA/4.png'), join(folder, 'testA/planted.png'));
    const out = join(root, 'planted-data');
    await importFolder(folder, { out });
    const found = await checkSplit(out);
    expect(found.leaks).toEqual({ exact: { clusters: 1, rows: 2 } });
    expect(found.lines).toEqual(['1 image is byte for byte in train and test (2 rows)']);
    const table = await readTable(join(out, 'leaks.parquet'));
    expect(table.map(({ kind, split, id, distance }) => ({ kind, split, id, distance }))).toEqual([
      { kind: 'exact', split: 'test', id: 'testA/planted.png', distance: 0 },
      { kind: 'exact', split: 'train', id: 'trainA/4.png', distance: 0 },
    ]);
    const before = await readManifest(out);
    const keep = ['train', 'validation', 'test'] as const;
    await expect(splitDataset(out, { keep })).rejects.toThrow(
      /nothing may be in two splits, but 1 image is byte for byte in train and test \(2 rows\): see leaks\.parquet there\..*--drop-leaks/,
    );
    expect(await readManifest(out)).toEqual(before);
    expect(await splitDataset(out, { keep, allowLeaks: ['exact'] })).toMatchObject({
      splits: { train: 10, validation: 0, test: 11 },
      leaks: { exact: { clusters: 1, rows: 2 } },
    });
    const dropped = await splitDataset(out, { keep, dropLeaks: true });
    expect(dropped).toMatchObject({
      splits: { train: 9, validation: 0, test: 11 },
      reasons: { leak: 1 },
    });
    expect(await splitDataset(out, { keep, dropLeaks: true })).toEqual(dropped);
    expect((await checkSplit(out)).leaks).toEqual({});
    expect(existsSync(join(out, 'leaks.parquet'))).toBe(false);
  });

  it('near duplicates and people in two parts are found, each row with its nearest', async () => {
    const hash = (bits: bigint): string => bits.toString(16).padStart(16, '0');
    const given = [
      ['train', 0n, null],
      ['test', 0b111n, null],
      // Of one cluster with the others, but near none of another part.
      ['train', 0xff0000n, 'twice'],
      ['validation', 0xffffn << 40n, 'twice'],
      ['test', 0xfffffffn, 'once'],
      ['test', 0xfffffffn, 'once'],
    ] as const;
    const rows = given.map(([split, bits, identity], i) =>
      newRow({ id: `r${i}`, path: '', phash: hash(bits), split, identity, labels: {} }),
    );
    const folder = await makeDataFolder(join(root, 'near'), rows);
    const found = await checkSplit(folder);
    expect(found.leaks).toEqual({
      'near-duplicate': { clusters: 1, rows: 2 },
      identity: { clusters: 1, rows: 2 },
    });
    expect(found.lines).toEqual([
      '1 image is nearly the same in train and test (2 rows)',
      '1 identity is in train and validation (2 rows)',
    ]);
    const table = await readTable(join(folder, 'leaks.parquet'), {
      sql: "SELECT id, distance FROM t WHERE kind = 'near-duplicate' ORDER BY id",
    });
    expect(table).toEqual([
      { id: 'r0', distance: 3 },
      { id: 'r1', distance: 3 },
    ]);
    expect((await checkSplit(folder, { nearDuplicates: 2 })).leaks).toEqual({
      identity: { clusters: 1, rows: 2 },
    });
  });
});
