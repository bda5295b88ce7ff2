import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readEvaluation, readSeeds, SILENT, type Progress } from '@janus/core';
import { labelledItems, openDataset } from '@janus/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClassifierRunOptions } from '../classifier/options.js';
import { runDataset } from '../classifier/run-dataset.js';
import { listeningContext, makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { readSeedPredictions } from './measure-seeds.js';
import { trainClassifierSeeds } from './train-seeds.js';

let small: SmallRuns;
let frozen: ClassifierRunOptions;
beforeAll(async () => {
  small = await makeSmallRuns();
  frozen = { ...small.fineTuned, unfreeze: 'none', epochs: 2 };
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

describe('trainClassifierSeeds', () => {
  it('stopped in its second seed goes on there, and has the mean of both evaluations', async () => {
    const context = listeningContext(small.root, 'seeds');
    const controller = new AbortController();
    let updates = 0;
    const onRecord = ({ kind }: { readonly kind: string }): void => {
      if (kind === 'step' && (updates += 1) > 8) controller.abort();
    };
    const options = { ...frozen, seed: 4, seeds: 2 };
    const stopped = await trainClassifierSeeds(options, {
      ...{ ...context, signal: controller.signal, onRecord },
    });
    expect(stopped).toMatchObject({ finished: false, runs: [{ seed: 4 }], left: [{ seed: 5 }] });
    expect(stopped.targets['presentation']?.measures['accuracy']?.seeds).toBeNull();
    const first = join(context.folder, 'seed-4', 'run.json');
    const { mtimeMs } = await stat(first);

    const whole = await trainClassifierSeeds(options, context);
    expect(whole).toMatchObject({ finished: true, left: [] });
    expect((await stat(first)).mtimeMs).toBe(mtimeMs);
    expect(whole.runs.map(({ seed, updates: count }) => [seed, count])).toEqual([
      [4, 8],
      [5, 8],
    ]);
    const { accuracy } = whole.targets['presentation']?.measures ?? {};
    for (const [i, { run }] of whole.runs.entries()) {
      const found = await readEvaluation(join(run, 'evaluation.json'), 'classifier');
      expect(found).toMatchObject({ accuracy: { value: accuracy?.values[i] } });
    }
    const { folder, finished, ...record } = whole;
    expect([folder, finished]).toEqual([context.folder, true]);
    expect(await readSeeds(folder)).toEqual(record);
    await expect(trainClassifierSeeds({ ...options, epochs: 3 }, context)).rejects.toThrow(
      /epochs 2 instead of 3/,
    );
  });

  it('stopped while the cut of its first seed is chosen, it has all of them left', async () => {
    const controller = new AbortController();
    const { reporter, ...context } = listeningContext(small.root, 'chosen');
    const progress = ({ label }: Progress): void => {
      if (label === 'probing') controller.abort();
    };
    const options = { ...frozen, cut: 'auto', normalisation: null, seed: 1, seeds: 2 } as const;
    const stopped = await trainClassifierSeeds(options, {
      ...{ ...context, signal: controller.signal, reporter: { ...SILENT, ...reporter, progress } },
    });
    expect(stopped).toMatchObject({ finished: false, runs: [], left: [{ seed: 1 }, { seed: 2 }] });
  });

  it('says where the seed decides nothing, and refuses a single seed', async () => {
    const context = listeningContext(small.root, 'linear');
    const linear = { ...frozen, head: 'linear' };
    const { note, targets } = await trainClassifierSeeds({ ...linear, seeds: 2 }, context);
    expect(note).toMatch(/nothing random/);
    expect(targets['presentation']?.measures['accuracy']?.seeds?.deviation).toBe(0);
    await expect(trainClassifierSeeds({ ...linear, seeds: 1 }, context)).rejects.toThrow(
      /--seeds: must be a whole number from 2, but got 1/,
    );
  });

  it('predicts every image once in the folds of a seed, from one pass of the frozen layers', async () => {
    const context = listeningContext(small.root, 'folds');
    const linear = { ...frozen, head: 'linear', folds: 3, seed: 7 };
    const before = await readdir(join(linear.data, 'features'));
    const labels: string[] = [];
    const reporter = {
      ...{ log: () => undefined, line: () => undefined },
      progress: ({ label }: { readonly label: string }) => void labels.push(label),
    };
    const found = await trainClassifierSeeds(
      { ...linear, seeds: 1 },
      { ...context, reporter: { ...context.reporter, ...reporter } },
    );
    expect(found).toMatchObject({ folds: 3, finished: true, left: [] });
    expect(found.note).toBeUndefined();
    expect(found.runs.map(({ seed, fold }) => [seed, fold])).toEqual([
      [7, 0],
      [7, 1],
      [7, 2],
    ]);
    const dataset = await openDataset(frozen.data);
    const kept = labelledItems(dataset, 'presentation');
    expect(found.targets['presentation']?.n).toBe(kept.length);
    expect(found.targets['presentation']?.measures['accuracy']?.values).toHaveLength(1);
    const tested = await Promise.all(
      found.runs.map(async ({ run }) => await readSeedPredictions(run, '')),
    );
    const ids = tested.flat().map(({ id }) => id);
    expect(ids.sort()).toEqual(kept.map(({ id }) => id).sort());
    const [first, other] = [7, 8].map((seed) => runDataset(dataset, { ...linear, fold: 0, seed }));
    expect(first?.hash).not.toBe(other?.hash);
    const passes = new Set(labels.filter((label) => label.includes('features')));
    expect([...passes]).toEqual(['features of all images, to fire9_concat']);
    // The evaluations found theirs there.
    expect(await readdir(join(linear.data, 'features'))).toHaveLength(before.length + 1);
    await expect(trainClassifierSeeds({ ...linear, seeds: 0 }, context)).rejects.toThrow(
      /--seeds: must be a whole number from 1, but got 0/,
    );
  });
});
