import { cp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readEvaluation, readTranslationSeeds } from '@janus/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trainClassifier } from '../classifier/train.js';
import type { CycleGanRunOptions } from '../cyclegan/options.js';
import { listeningContext, makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { trainCycleGanSeeds } from './train-translation-seeds.js';
import { TEST_ENGINE } from '../test-engine.fixture.js';

let small: SmallRuns;
let judge = '';
let options: CycleGanRunOptions;
beforeAll(async () => {
  small = await makeSmallRuns();
  judge = join(small.root, 'judge');
  await trainClassifier({ ...small.classifier, epochs: 1 }, { folder: judge, engine: TEST_ENGINE });
  // Folders of three images each: an epoch is three updates. The judge knows their names.
  const { x, y } = small.translation;
  const named = { x: join(small.root, 'feminine'), y: join(small.root, 'masculine') };
  await cp(x, named.x, { recursive: true });
  await cp(y, named.y, { recursive: true });
  options = { ...small.translation, ...named, constantEpochs: 2, decayEpochs: 0, seed: 4 };
});
afterAll(async () => {
  await rm(small.root, { recursive: true, force: true });
});

it('trains seeds that were stopped to their end, and has the mean of their evaluations', async () => {
  const context = listeningContext(small.root, 'seeds');
  const stop = new AbortController();
  // The second seed stops after its first epoch.
  let epochs = 0;
  const onRecord = ({ kind }: { readonly kind: string }): void => {
    if (kind === 'step' && (epochs += 1) > 2) stop.abort();
  };
  const both = { ...options, seeds: 2, judge };
  const stopped = await trainCycleGanSeeds(both, {
    ...{ ...context, signal: stop.signal, onRecord },
  });
  expect(stopped).toMatchObject({ finished: false, runs: [{ seed: 4 }], left: [{ seed: 5 }] });
  expect(stopped.xToY?.measures['judgedAsTarget']?.seeds).toBeNull();
  const first = join(context.folder, 'seed-4', 'run.json');
  const { mtimeMs } = await stat(first);

  const whole = await trainCycleGanSeeds(both, context);
  expect(whole).toMatchObject({ finished: true, left: [], judge });
  expect(whole.domains).toEqual({ x: 'feminine', y: 'masculine' });
  expect((await stat(first)).mtimeMs).toBe(mtimeMs);
  expect(whole.runs.map(({ seed, updates: count }) => [seed, count])).toEqual([
    [4, 6],
    [5, 6],
  ]);
  for (const [i, { run }] of whole.runs.entries()) {
    const found = await readEvaluation(join(run, 'evaluation.json'), 'cyclegan');
    if (found?.kind !== 'cyclegan') throw new Error(`${run} was not evaluated`);
    for (const way of ['xToY', 'yToX'] as const) {
      const { judgedAsTarget, cycleL1, n } = found[way];
      const of = (name: string) => whole[way]?.measures[name]?.values[i];
      expect(whole[way]?.n).toBe(n);
      expect([of('judgedAsTarget'), of('cycleL1')]).toEqual([judgedAsTarget?.value, cycleL1]);
      expect(of('cycleL1')).toBeGreaterThan(0);
    }
  }
  const { folder, finished, ...record } = whole;
  expect([folder, finished]).toEqual([context.folder, true]);
  expect(await readTranslationSeeds(folder)).toEqual(record);

  await expect(trainCycleGanSeeds({ ...both, constantEpochs: 3 }, context)).rejects.toThrow(
    /must hold a run of the same options and data, but was trained with constantEpochs 2 instead of 3/,
  );
  const file = join(folder, 'seed-5', 'run.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"dataHash": "./, '"dataHash": "-'));
  await expect(trainCycleGanSeeds(both, context)).rejects.toThrow(
    /seed-5: must hold a run of the same options and data, but was trained with other data/,
  );
  await writeFile(file, text);

  // Stopped in the evaluation by another judge: the trainings stay.
  const again = new AbortController();
  const progress = ({ label }: { readonly label: string }): void => {
    if (label.startsWith('judging')) again.abort();
  };
  const reporter = { log: () => undefined, progress };
  const judgedAgain = { ...both, judge: join(small.root, 'other-judge') };
  await cp(judge, judgedAgain.judge, { recursive: true });
  const left = await trainCycleGanSeeds(judgedAgain, {
    ...{ ...context, reporter, signal: again.signal },
  });
  expect(left).toMatchObject({ finished: false, runs: [], left: [{ seed: 4 }, { seed: 5 }] });
  expect(left.left.every(({ seconds }) => seconds > 0)).toBe(true);
  expect((await stat(first)).mtimeMs).toBe(mtimeMs);
});

it('refuses a single seed, and a judge of something else before it trains', async () => {
  const context = listeningContext(small.root, 'refused');
  await expect(trainCycleGanSeeds({ ...options, seeds: 1 }, context)).rejects.toThrow(
    /--seeds: must be a whole number from 2, but got 1/,
  );
  const { x, y } = small.translation;
  const others = { ...options, x, y, seeds: 2, judge };
  await expect(trainCycleGanSeeds(others, context)).rejects.toThrow(
    /--judge: must know the domains' values/,
  );
  await expect(stat(context.folder)).rejects.toThrow(/ENOENT/);
});
