import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanDataset, readManifest, updateManifest, type ManifestRow } from '@janus/data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateFaces } from './generate-faces.js';
import { writeDataSheets, type DataSheet } from './review-sheets.js';

let root = '';
let folder = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-sheets-'));
  folder = join(root, 'faces');
  await generateFaces(60, {
    out: folder,
    size: 32,
    blankRate: 0.1,
    corruptRate: 0.1,
    duplicateRate: 0.1,
  });
  await cleanDataset(folder);
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const byReason = (sheets: readonly DataSheet[]): Record<string, readonly [number, number]> =>
  Object.fromEntries(
    sheets.map(({ file, rows, shown }) => [
      file.replace(/^.*\//, '').replace(/\.png$/, ''),
      [rows, shown],
    ]),
  );

test('there is a sheet of the kept, of the removed, and of each reason, with as many as there are', async () => {
  const out = join(root, 'sheets');
  const rows = await readManifest(folder);
  const count = (reason: string): number => rows.filter((row) => row.reason === reason).length;
  const kept = rows.filter(({ status }) => status === 'kept').length;
  const sheets = await writeDataSheets(folder, { out, count: 12 });
  expect(byReason(sheets)).toEqual({
    kept: [kept, 12],
    removed: [60 - kept, 12],
    'removed-blank': [6, 6],
    'removed-cannot-be-decoded': [6, 6],
    'removed-duplicate': [count('duplicate'), count('duplicate')],
    'removed-near-duplicate': [count('near duplicate'), count('near duplicate')],
  });
  expect(count('duplicate')).toBeGreaterThan(0);
  expect((await readdir(out)).sort()).toEqual(
    sheets.map(({ file }) => file.replace(/^.*\//, '')).sort(),
  );
});

test('an image that was the same as another lies beside it, up to the count', async () => {
  const out = join(root, 'pairs');
  const rows = await readManifest(folder);
  const find = (id: string | undefined): ManifestRow | undefined =>
    rows.find((row) => row.id === id);
  const sheets = await writeDataSheets(folder, { out, count: 4 });
  const same = { duplicate: 'sha256', 'near duplicate': 'phash' } as const;
  for (const [reason, column] of Object.entries(same)) {
    const { ids = [] } = sheets.find((sheet) => sheet.reason === reason) ?? {};
    expect(ids).toHaveLength(4);
    for (let i = 0; i < ids.length; i += 2) {
      const [removed, other] = [find(ids[i]), find(ids[i + 1])];
      expect(removed).toMatchObject({ status: 'removed', reason });
      expect(other).toMatchObject({ status: 'kept', [column]: removed?.[column] });
    }
  }
});

test('the same seed draws the same sheets, another one others', async () => {
  const draw = async (name: string, seed: number): Promise<Buffer> => {
    const out = join(root, name);
    await writeDataSheets(folder, { out, count: 5, seed });
    return await readFile(join(out, 'kept.png'));
  };
  const first = await draw('one', 1);
  expect(await draw('two', 1)).toEqual(first);
  expect(await draw('three', 2)).not.toEqual(first);
});

test('a reason of any words has a file inside the folder, and a set without removed rows one sheet', async () => {
  const whole = join(root, 'whole');
  await generateFaces(3, { out: whole, size: 32 });
  const out = join(root, 'whole-sheets');
  expect(byReason(await writeDataSheets(whole, { out, count: 9 }))).toEqual({ kept: [3, 3] });
  const [row] = await readManifest(whole);
  const reason = '../../no: "face"';
  await updateManifest(whole, [
    { id: row?.id ?? '', status: 'removed', reason, removedBy: 'crop' },
  ]);
  expect(byReason(await writeDataSheets(whole, { out, count: 9, by: 'presentation' }))).toEqual({
    kept: [2, 2],
    removed: [1, 1],
    'removed-no-face': [1, 1],
  });
});
