/** Whole runs with several targets, as small as they can be. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readEvaluation, type TargetsEvaluation } from '@janus/core';
import { readManifest, readTable, splitDataset, writeManifest } from '@janus/data';
import type { HeadsDescription } from '@janus/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelCard } from '../evaluate/card-fields.js';
import {
  evaluateRun,
  exportRun,
  lookAtRun,
  predictImages,
  predictTargets,
  openTargetTeller,
  trainClassifier,
  type ClassifierRunOptions,
} from '../index.js';
import { makeSmallRuns, modelBytes, timeless, type SmallRuns } from '../small-runs.fixture.js';

const engine = 'wasm';
/** Ages of 40 faces are too few for bins of their own width. */
const BIN_WIDTH = 20;

let small: SmallRuns;
let data = '';
/** Images without an age, among those kept. */
let without = 0;
let linear: ClassifierRunOptions;
let stepped: ClassifierRunOptions;

beforeAll(async () => {
  small = await makeSmallRuns();
  data = join(small.root, 'faces');
  const rows = await readManifest(data);
  const changed = rows.map((row, i) =>
    i % 4 === 0 ? { ...row, labels: { ...row.labels, age: null } } : row,
  );
  without = changed.filter(({ labels }) => labels['age'] === null).length;
  await writeManifest(data, changed);
  await splitDataset(data, { stratify: ['presentation'] });
  const { fineTuned } = small;
  const several = { target: 'presentation,age:bins', binWidth: BIN_WIDTH };
  linear = { ...fineTuned, ...several, head: 'linear', unfreeze: 'none' };
  stepped = { ...fineTuned, ...several, targetWeights: { age: 0.5 } };
});
afterAll(async () => {
  await rm(small.root, { recursive: true, force: true });
});

describe('a run of two targets with linear heads', () => {
  let folder = '';
  let evaluation: TargetsEvaluation;
  beforeAll(async () => {
    folder = join(small.root, 'linear');
    await trainClassifier(linear, { folder, engine });
    const found = await evaluateRun(folder, {
      ...{ split: 'train', engine, minCell: 5, figures: false },
    });
    if (found.kind !== 'targets') throw new Error('not of several targets');
    evaluation = found;
  });

  it('has a model with a named output a target, and a record of each for every penalty', async () => {
    const model = await readFile(join(folder, 'model', 'model.json'), 'utf8');
    expect(model).toContain('"logits_presentation"');
    expect(model).toContain('"logits_age"');
    const last = (await timeless(folder)).at(-1);
    expect(Object.keys(last?.metrics ?? {}).sort()).toEqual([
      ...['accuracy', 'accuracy age', 'accuracy presentation', 'mae age', 'penalty'],
    ]);
  });

  it('is evaluated target by target, each on the images that have its label', async () => {
    const { presentation, age } = evaluation.targets;
    const rows = await readManifest(data);
    const trained = rows.filter(({ split, status }) => split === 'train' && status === 'kept');
    expect(presentation?.n).toBe(trained.length);
    expect(age?.n).toBe(trained.filter(({ labels }) => labels['age'] !== null).length);
    expect(age?.n).toBeLessThan(presentation?.n ?? 0);
    expect(age?.mae?.value).toBeGreaterThanOrEqual(age?.mae?.low ?? NaN);
    expect(age?.medianMae).toBeGreaterThan(0);
    expect(presentation?.mae).toBeUndefined();
    expect(await readEvaluation(join(folder, 'evaluation.json'), 'classifier')).toEqual(evaluation);
    expect(await readFile(join(folder, 'card.md'), 'utf8')).toContain('mean absolute error');
  });

  it('has predictions whose errors are those of the evaluation', async () => {
    const rows = await readTable(join(folder, 'predictions.parquet'));
    expect(rows).toHaveLength(evaluation.n);
    const errors = rows.flatMap(({ age_value: value, age_expected: expected }) =>
      typeof value === 'number' ? [Math.abs(value - Number(expected))] : [],
    );
    const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
    expect(mean).toBeCloseTo(evaluation.targets['age']?.mae?.value ?? NaN, 6);
    const right = rows.filter((row) => row['presentation_label'] === row['presentation_predicted']);
    const accuracy = evaluation.targets['presentation']?.accuracy.value ?? NaN;
    expect(right.length / rows.length).toBeCloseTo(accuracy, 12);
  });

  it('has a card for programs, groups of each target with classes, and no temperature of few images', async () => {
    const card = JSON.parse(await readFile(join(folder, 'card.json'), 'utf8')) as ModelCard;
    expect(card.model_details.name).toBe('presentation, age: classifier');
    const types = card.quantitative_analysis.performance_metrics.map(({ type }) => type);
    expect(types).toContain('presentation: balanced accuracy');
    expect(types).toContain('age: mean absolute error');
    const { presentation, age } = evaluation.targets;
    expect(presentation?.slices?.frames.map(({ columns }) => columns.join())).toContain('glasses');
    expect(age?.slices).toBeUndefined();
    const model = await readFile(join(folder, 'model', 'janus.json'), 'utf8');
    const { targets } = JSON.parse(model) as HeadsDescription;
    expect(targets.map(({ temperature }) => temperature)).toEqual([null, undefined]);
  });

  it('is looked at one target at a time, and exported with all', async () => {
    await expect(lookAtRun(folder, {}, { engine })).rejects.toThrow(
      /--target: must be one of the run's targets \(presentation, age\), but none is named/,
    );
    const options = { target: 'age', gradCam: true, count: 2 };
    const { page, target, n, topLosses } = await lookAtRun(folder, options, { engine });
    expect([page, target]).toEqual([join(folder, 'look-age', 'index.html'), 'age']);
    expect(n).toBe(evaluation.targets['age']?.n);
    expect(topLosses).toHaveLength(2);

    const out = join(small.root, 'export');
    const { losses, loss, files } = await exportRun(folder, { format: 'tfjs', out }, { engine });
    expect([loss, files.includes('card.json')]).toEqual([null, true]);
    expect(losses?.['presentation']).toMatchObject({
      ...{ n: evaluation.targets['presentation']?.n, changed: 0, largestDifference: 0 },
      original: { value: evaluation.targets['presentation']?.accuracy.value },
    });
    expect(losses?.['age']).toMatchObject({ n, changed: 0 });
    await expect(
      exportRun(folder, { format: 'tfjs', out: folder, measure: false }, { engine }),
    ).rejects.toThrow(/export needs an empty folder/);
  });

  it('predicts all targets of files, and of images in memory the same', async () => {
    const files = [0, 1].map((i) => join(data, 'images', `face-0000${i}.jpg`));
    const { rows, targets } = await predictTargets(folder, files, { engine });
    expect(targets.map(({ target }) => target)).toEqual(['presentation', 'age']);
    expect(rows.map(({ file }) => file)).toEqual(files);
    const { presentation, age } = rows[0]?.predictions ?? {};
    const sum = Object.values(presentation?.probabilities ?? {}).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 6);
    expect(age?.value).toBeGreaterThan(18);
    await expect(predictImages(folder, files, { engine })).rejects.toThrow(/predictTargets/);
    const teller = await openTargetTeller(folder, { engine });
    const black = { pixels: new Uint8Array(2 * 32 * 32 * 3), count: 2, size: 32 };
    const [first, second] = await teller.tell(black);
    expect(first).toEqual(second);
    await expect(teller.tell({ ...black, size: 16 })).rejects.toThrow(/side of 32 pixels/);
    teller.dispose();
  });
});

describe('a run of two targets with layers that are trained by steps', () => {
  it('interrupted and resumed equals one that was not', async () => {
    const whole = join(small.root, 'whole');
    await trainClassifier(stepped, { folder: whole, engine });
    const resumed = join(small.root, 'resumed');
    const controller = new AbortController();
    await trainClassifier(stepped, {
      ...{ folder: resumed, engine, signal: controller.signal },
      onRecord: ({ phase, kind }) => {
        if (phase === 'fine-tune' && kind === 'step') controller.abort();
      },
    });
    await trainClassifier(stepped, { folder: resumed, engine, existing: 'resume' });
    expect(await timeless(resumed)).toEqual(await timeless(whole));
    expect(
      (await modelBytes(resumed, 'classifier')).equals(await modelBytes(whole, 'classifier')),
    ).toBe(true);
  });

  it('starts from the weights of another with the same targets only', async () => {
    const from = join(small.root, 'linear');
    const folder = join(small.root, 'from');
    const { weights, ...options } = linear;
    expect(weights).not.toBeNull();
    const begun = { ...options, weights: null, from };
    await trainClassifier({ ...begun, unfreeze: 'fire9' }, { folder, engine });
    const other = { ...begun, target: 'age:bins' };
    await expect(
      trainClassifier(other, { folder: join(small.root, 'other'), engine }),
    ).rejects.toThrow(/classes must be those of .*presentation: feminine/);
  });
});

it('refuses weights of no target, and those of one target alone', async () => {
  const folder = join(small.root, 'refused');
  const frozen = { ...linear, targetWeights: { age: 0.5 } };
  await expect(trainClassifier(frozen, { folder, engine })).rejects.toThrow(
    /--target-weights: .* linear heads on frozen layers share none/,
  );
  const wrong = { ...linear, targetWeights: { size: 1 } };
  await expect(trainClassifier(wrong, { folder, engine })).rejects.toThrow(/must name targets/);
  const { binWidth, ...plain } = { ...linear, target: 'presentation' };
  expect([binWidth, without > 0]).toEqual([BIN_WIDTH, true]);
  const alone = { ...plain, targetWeights: { presentation: 1 } };
  await expect(trainClassifier(alone, { folder, engine })).rejects.toThrow(/needs several targets/);
});
