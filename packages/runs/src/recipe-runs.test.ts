/** Runs with the options of their steps, through the functions that scripts call. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keptRows, openDataset } from '@janus/data';
import { decodeSafetensors, readMetrics } from '@janus/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunContext } from './context.js';
import {
  evaluateRun,
  readBestEpochs,
  readClassifierRun,
  trainClassifier,
  type ClassifierRunOptions,
  type ProbeResult,
} from './index.js';
import {
  abortingAt,
  listeningContext,
  makeSmallRuns,
  modelBytes,
  timeless,
  type SmallRuns,
} from './small-runs.fixture.js';
import { TEST_ENGINE } from './test-engine.fixture.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

const contextOf = (name: string, more: RunContext = {}) => listeningContext(small.root, name, more);

const RECIPE = {
  schedule: 'one-cycle',
  optimizer: 'sgd',
  clipNorm: 1,
  accumulate: 2,
  mix: 'cutmix',
  averageDecay: 0.9,
  keepBest: 2,
  learningRate: 0.05,
} as const;

describe('a run with a recipe', () => {
  it('says its schedule first, is resumed bit for bit, and keeps its best epochs', async () => {
    const options: ClassifierRunOptions = {
      ...small.classifier,
      ...RECIPE,
      epochs: 4,
      batchSize: 4,
    };
    const whole = contextOf('whole');
    await trainClassifier(options, whole);
    expect(whole.lines[0]).toMatch(/: 4 epochs on a one-cycle schedule; 16 updates in all/);
    const stopped = await trainClassifier(options, contextOf('parts', abortingAt(10)));
    expect(stopped).toMatchObject({ finished: false, steps: 10 });
    const parts = contextOf('parts', { existing: 'resume' });
    await trainClassifier(options, parts);
    expect(await modelBytes(parts.folder, 'classifier')).toEqual(
      await modelBytes(whole.folder, 'classifier'),
    );
    expect(await timeless(parts.folder)).toEqual(await timeless(whole.folder));
    const best = await readBestEpochs(whole.folder);
    expect(await readBestEpochs(parts.folder)).toEqual(best);
    const losses = (await readMetrics(whole.folder))
      .filter(({ kind, split }) => kind === 'epoch' && split === 'validation')
      .map((record) => record.losses['crossEntropy'] ?? NaN);
    expect(best.map(({ loss }) => loss)).toEqual([...losses].sort((a, b) => a - b).slice(0, 2));
    const folder = join(whole.folder, 'checkpoints', 'best');
    expect((await readdir(folder)).sort()).toEqual(
      ['best.json', ...best.map(({ file }) => file)].sort(),
    );
    const file = join(folder, best[0]?.file ?? '');
    const { arrays } = decodeSafetensors(await readFile(file), file);
    expect(arrays.map(({ name }) => name)).toContain('logits/kernel');
    await expect(
      trainClassifier({ ...options, clipNorm: 2 }, contextOf('parts', { existing: 'resume' })),
    ).rejects.toThrow(/--resume: clipNorm must be what the run began with \(1\), but got 2/);
  });

  it('that is extended says that its epochs so far had other rates', async () => {
    const options = { ...small.classifier, schedule: 'cosine' as const };
    await trainClassifier(options, contextOf('cosine'));
    const extending = contextOf('cosine', { existing: 'resume' });
    await trainClassifier({ ...options, epochs: 3 }, extending);
    expect(extending.lines).toContain(
      'Changing the schedule after step 8: 3 epochs of from-scratch instead of 2, with the rates of a cosine schedule of 3 from here on; the epochs so far had others.',
    );
  });

  it('gives each block its rate: the first update is the same, what follows is not', async () => {
    const options = { ...small.classifier, epochs: 1 };
    await trainClassifier(options, contextOf('one-rate'));
    await trainClassifier({ ...options, blockRateDecay: 0.5 }, contextOf('own-rates'));
    const lossesOf = async (name: string) =>
      (await timeless(join(small.root, name))).map(({ losses }) => losses['crossEntropy']);
    const [one, own] = [await lossesOf('one-rate'), await lossesOf('own-rates')];
    expect(own[0]).toBe(one[0]);
    expect(own[1]).not.toBe(one[1]);
  });
});

it('a run of a version without these options is resumed', async () => {
  const { folder } = contextOf('old');
  await trainClassifier(small.classifier, contextOf('old', abortingAt(3)));
  const file = join(folder, 'run.json');
  const record = JSON.parse(await readFile(file, 'utf8')) as { options: Record<string, unknown> };
  const { schedule, accumulate, mix, ...options } = record.options;
  expect([schedule, accumulate, mix]).toEqual(['constant', 1, 'none']);
  await writeFile(file, JSON.stringify({ ...record, options }));
  const resumed = await trainClassifier(small.classifier, contextOf('old', { existing: 'resume' }));
  expect(resumed).toMatchObject({ finished: true, steps: 8 });
});

it('standard features are part of the model: what it validates is what it evaluates', async () => {
  const options = {
    ...small.fineTuned,
    ...{ normalisation: 'standard' as const, head: 'linear', unfreeze: 'none' },
  };
  const { folder } = contextOf('standard');
  await trainClassifier(options, contextOf('standard'));
  const validations = (await readMetrics(folder)).filter(({ split }) => split === 'validation');
  const losses = validations.map((record) => record.losses['crossEntropy'] ?? NaN);
  const best = validations[losses.indexOf(Math.min(...losses))];
  const how = { split: 'validation', engine: TEST_ENGINE, figures: false } as const;
  const evaluation = await evaluateRun(folder, how);
  expect('accuracy' in evaluation && evaluation.accuracy.value).toBeCloseTo(
    best?.metrics?.['accuracy'] ?? NaN,
    9,
  );
  const from = folder;
  const again = { ...options, weights: null, from, unfreeze: 'fire9', fineTuneLearningRate: 0 };
  await trainClassifier(again, contextOf('standard-again'));
  await expect(
    trainClassifier({ ...small.classifier, normalisation: 'standard' }, contextOf('never')),
  ).rejects.toThrow(/--normalisation: standard takes its statistics from the features of frozen/);
});

it('options out of range are refused with the flag to change', async () => {
  const refused = async (change: Partial<ClassifierRunOptions>): Promise<unknown> =>
    await trainClassifier({ ...small.fineTuned, ...change }, contextOf('never'));
  await expect(refused({ blockRateDecay: 0 })).rejects.toThrow(
    /--block-rate-decay: must be above 0/,
  );
  await expect(refused({ averageDecay: 1 })).rejects.toThrow(/--average-decay: must be from 0 to/);
  await expect(refused({ accumulate: 0.5 })).rejects.toThrow(
    /--accumulate: must be a whole number/,
  );
  await expect(refused({ mix: 'cutmix' })).rejects.toThrow(/--mix: cutmix needs images or feature/);
});

describe('a cut that is chosen', () => {
  const auto = (): ClassifierRunOptions => ({
    ...{ ...small.fineTuned, head: 'linear', cut: 'auto', unfreeze: 'fire9' },
    ...{ batchSize: 4, precision: 'float32' },
  });

  it('is that of the best probe on train and validation, not below what is fine-tuned, and is kept', async () => {
    // Interrupted in the phase after the fit: one probe and one fit serve both halves of this test.
    const controller = new AbortController();
    const begun = contextOf('auto', {
      signal: controller.signal,
      onRecord: ({ phase }) => {
        if (phase === 'fine-tune') controller.abort();
      },
    });
    expect(await trainClassifier(auto(), begun)).toMatchObject({ finished: false });
    const { options } = await readClassifierRun(begun.folder);
    const file = join(begun.folder, 'probe.json');
    const text = await readFile(file, 'utf8');
    const probe = JSON.parse(text) as ProbeResult;
    const dataset = await openDataset(small.fineTuned.data);
    const test = keptRows(dataset, { split: 'test' }).length;
    expect(probe).toMatchObject({ n: 40 - test, aside: test });
    expect(probe.cuts).toEqual(['fire9']);
    const { cut, pooling, normalisation } = probe.rows[0] ?? {};
    expect(options).toMatchObject({ cut, pooling, normalisation });
    expect(begun.lines[0]).toMatch(/^Cut: fire9, average\+max.*: the lowest loss of \d+ linear/);

    const resuming = contextOf('auto', { existing: 'resume' });
    expect(await trainClassifier(auto(), resuming)).toMatchObject({ finished: true });
    expect(resuming.lines.join()).not.toMatch(/Cut:|head, penalty/);
    expect(await readFile(file, 'utf8')).toBe(text);
    expect((await readClassifierRun(begun.folder)).options).toEqual(options);
  });

  it('needs a pretrained backbone and a normalisation that is probed', async () => {
    const refused = async (change: Partial<ClassifierRunOptions>): Promise<unknown> =>
      await trainClassifier({ ...auto(), ...change }, contextOf('never'));
    await expect(refused({ backbone: 'small-vgg' })).rejects.toThrow(/auto probes a pretrained/);
    await expect(refused({ weights: null, from: 'runs/a' })).rejects.toThrow(
      /--from takes the net/,
    );
    await expect(refused({ normalisation: 'none' })).rejects.toThrow(/must be standard or sqrt-l2/);
  });
});
