import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cleanDataset } from '../clean/clean.js';
import { patches, root, setOf } from '../clean/clean.fixture.js';
import { readManifest } from '../manifest/manifest.js';
import { importCsv } from '../sources/import-csv.js';
import { readLabelDecisions, type LabelDecision } from './label-decisions.js';
import { readReviewedLabels } from './reviewed-labels.js';

const TABLE = [
  { image: 'a.png', kind: 'cat', age: 3 },
  { image: 'b.png', kind: 'dog', age: 5 },
  { image: 'c.png', kind: 'cat', age: 7 },
  { image: 'd.png', kind: 'dog', age: 9 },
];

const made = async (name: string): Promise<string> =>
  await setOf(
    name,
    Object.fromEntries(TABLE.map(({ image }, i) => [image, patches(200 + i)])),
    TABLE,
  );

const decided = (...decisions: readonly LabelDecision[]) => ({
  decisions: { target: 'kind', decisions },
});

const stateOf = async (folder: string): Promise<readonly (readonly unknown[])[]> =>
  (await readManifest(folder)).map(({ labels, status, reason }) => [
    labels['kind'],
    status === 'kept' ? null : reason,
  ]);

it('decisions change labels and remove images, and later cleans keep to them', async () => {
  const folder = await made('decided');
  const result = await cleanDataset(
    folder,
    decided(
      { id: 'a.png', given: 'cat', decision: 'relabel', label: 'dog' },
      { id: 'b.png', given: 'dog', decision: 'remove' },
      { id: 'c.png', given: 'cat', decision: 'keep' },
      { id: 'd.png', given: 'cat', decision: 'remove' },
      { id: 'gone.png', given: 'cat', decision: 'remove' },
    ),
  );
  expect(result).toMatchObject({
    ...{ rows: 3, rejected: 1, reasons: { 'rejected in review': 1 } },
    review: { kept: 1, relabelled: 1, removed: 1, stale: 2 },
  });
  const after = [
    ['dog', null],
    ['dog', 'rejected in review'],
    ['cat', null],
    ['dog', null],
  ];
  expect(await stateOf(folder)).toEqual(after);
  expect(await cleanDataset(folder)).toMatchObject({ rows: 3, rejected: 1, review: null });
  expect(await stateOf(folder)).toEqual(after);
  const columns = { column: 'kind' };
  expect(await readReviewedLabels(folder)).toEqual([
    { id: 'a.png', ...columns, decision: 'relabel', before: 'cat', after: 'dog' },
    { id: 'b.png', ...columns, decision: 'remove', before: 'dog', after: 'dog' },
    { id: 'c.png', ...columns, decision: 'keep', before: 'cat', after: 'cat' },
  ]);
});

it('the same decisions again change nothing, and keeping the first label takes a change back', async () => {
  const folder = await made('again');
  const change = decided({ id: 'a.png', given: 'cat', decision: 'relabel', label: 'dog' });
  await cleanDataset(folder, change);
  const before = await readReviewedLabels(folder);
  expect((await cleanDataset(folder, change)).review).toMatchObject({ relabelled: 1, stale: 0 });
  expect(await readReviewedLabels(folder)).toEqual(before);
  await cleanDataset(folder, decided({ id: 'a.png', given: 'cat', decision: 'keep' }));
  expect((await stateOf(folder))[0]).toEqual(['cat', null]);
});

it('numbers stay numbers', async () => {
  const folder = await made('numbers');
  const decisions = [{ id: 'a.png', given: '3', decision: 'relabel', label: '4' }] as const;
  await cleanDataset(folder, { decisions: { target: 'age', decisions } });
  expect((await readManifest(folder)).map(({ labels }) => labels['age'])).toEqual([4, 5, 7, 9]);
});

it('an import that replaces the rows forgets the decisions about them', async () => {
  const folder = await made('imported');
  await cleanDataset(folder, decided({ id: 'b.png', given: 'dog', decision: 'remove' }));
  await importCsv(join(root, 'imported-source', 'table.csv'), { out: folder, force: true });
  expect(await readReviewedLabels(folder)).toEqual([]);
  expect(await cleanDataset(folder)).toMatchObject({ rows: 4, rejected: 0 });
});

it('a column that is not there is refused before anything is written', async () => {
  const folder = await made('column');
  const decisions = { target: 'height', decisions: [] };
  await expect(cleanDataset(folder, { decisions })).rejects.toThrow(
    'clean: decisions must be about a label column of the data',
  );
  expect(await readReviewedLabels(folder)).toEqual([]);
});

it('a file with decisions is read, and one that is not whole says what is wrong', async () => {
  const path = join(root, 'decisions.json');
  const keep = { id: 'a', given: 'cat', decision: 'keep' };
  const file = (decisions: unknown) =>
    JSON.stringify({ format: 1, kind: 'label-decisions', target: 'kind', decisions });
  await writeFile(path, file([keep]));
  expect(await readLabelDecisions(path)).toEqual({ target: 'kind', decisions: [keep] });
  for (const [text, message] of [
    ['{', /must be a readable JSON file/],
    ['[]', /must hold kind label-decisions, a target and decisions/],
    [file([{ ...keep, decision: 'relabel' }]), /decision 1 must have id, given, .*relabel/],
    [file([keep, keep]), /a must be decided once, but is twice/],
  ] as const) {
    await writeFile(path, text);
    await expect(readLabelDecisions(path)).rejects.toThrow(message);
  }
  await expect(readLabelDecisions(join(root, 'no.json'))).rejects.toThrow(/no\.json: must be/);
});
