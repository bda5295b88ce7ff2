import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanDataset, readManifest, updateManifest } from '@janus/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { reviewLabels, type LabelReview, type ReviewLabelsOptions } from './review-labels.js';
import { writeLabelReview } from './write-label-review.js';

let small: SmallRuns;
let passes = 0;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true, force: true });
});

const reporter = {
  log: () => undefined,
  progress: ({ label }: { label: string }) => {
    if (label.startsWith('features of')) passes++;
  },
};

/** Reviews by SqueezeNet, with weights of its own, on 40 generated faces of 32 px. */
const review = async (options: Partial<ReviewLabelsOptions> = {}): Promise<LabelReview> =>
  await reviewLabels(
    small.fineTuned.data,
    {
      ...{ target: 'presentation', backbone: 'squeezenet', weights: small.fineTuned.weights ?? '' },
      ...{ size: 32, folds: 3, cut: 'fire3', pooling: 'average', ...options },
    },
    { engine: 'wasm', reporter },
  );

it('judges every labelled image, the surest issues first, from features that are computed once', async () => {
  const found = await review({ filterBy: 'predicted-neq-given' });
  expect(found).toMatchObject({ n: 40, classes: ['feminine', 'masculine'], judged: 0 });
  expect(found.joint.flat().reduce((a, b) => a + b)).toBe(40);
  expect(found.issues.length).toBeGreaterThan(0);
  const qualities = found.issues.map(({ quality }) => quality);
  expect(qualities).toEqual([...qualities].sort((a, b) => a - b));
  for (const { given, suggested, quality, confidence } of found.issues) {
    expect(suggested).not.toBe(given);
    expect(quality + confidence).toBeCloseTo(1, 6);
  }
  passes = 0;
  expect(await review({ filterBy: 'predicted-neq-given' })).toEqual(found);
  // Other labels of the same images: the features stay.
  const folder = small.fineTuned.data;
  const [first] = await readManifest(folder);
  await updateManifest(folder, [{ id: first!.id, labels: { glasses: 'none' } }]);
  await review({ target: 'beard' });
  expect(passes).toBe(0);
});

it('does not list again what a person has judged, unless the label is another by now', async () => {
  const before = await review({ filterBy: 'predicted-neq-given' });
  const { id, given } = before.issues[0]!;
  const decisions = [{ id, given, decision: 'keep' }] as const;
  await cleanDataset(small.fineTuned.data, { decisions: { target: 'presentation', decisions } });
  const after = await review({ filterBy: 'predicted-neq-given' });
  expect(after.judged).toBe(1);
  expect(after.issues.map((issue) => issue.id)).toEqual(
    before.issues.slice(1).map((issue) => issue.id),
  );
});

it('writes a page, a list and a sheet, and a page alone where nothing is doubtful', async () => {
  const found = await review({ filterBy: 'predicted-neq-given' });
  const out = join(small.root, 'review');
  const files = await writeLabelReview(found, { out, limit: 1 });
  expect(files).toEqual({
    ...{ page: join(out, 'index.html'), list: join(out, 'review.json') },
    sheet: join(out, 'sheet.png'),
  });
  expect(JSON.parse(await readFile(files.list, 'utf8'))).toEqual(found);
  expect((await readFile(files.page, 'utf8')).match(/class="card"/g)).toHaveLength(1);
  expect(await writeLabelReview({ ...found, issues: [] }, { out })).not.toHaveProperty('sheet');
});

it('names what there is when a name is not among it, before any image is read', async () => {
  passes = 0;
  await expect(review({ target: 'height' })).rejects.toThrow(/must be a label column .*got height/);
  await expect(review({ pooling: 'flatten' })).rejects.toThrow(
    'review: pooling must be one of average, max, average+max, average+max+grid, average+max+grid3, but got flatten.',
  );
  await expect(review({ filterBy: 'none' as never })).rejects.toThrow(/filterBy must be one of/);
  await expect(review({ folds: 2 })).rejects.toThrow(/folds must be a whole number from 3/);
  await expect(review({ cut: 'block4' })).rejects.toThrow(/block4/);
  expect(passes).toBe(0);
});
