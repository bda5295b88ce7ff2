/** What an evaluation of a classifier tells beside its accuracy. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvaluation, type ClassifierEvaluation } from '@janus/core';
import { readManifest, readTable, splitDataset, writeManifest } from '@janus/data';
import { IMAGE_CHANGES } from '@janus/images';
import { loadClassifier } from '@janus/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CLASSIFIER_SMALL,
  evaluateRun,
  generateFaces,
  predictImages,
  trainClassifier,
  type EvaluateRunOptions,
} from '../index.js';
import { MIN_CALIBRATION_IMAGES } from './temperature.js';

const engine = 'wasm';
const TARGET = 'presentation';

let root = '';
let data = '';
let run = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-measures-'));
  data = join(root, 'faces');
  await generateFaces(140, { out: data, size: 32 });
  await splitDataset(data, { stratify: [TARGET], validation: 0.2, test: 0.3 });
  // Wrong labels in validation: how sure to be can be told from mistakes alone.
  const other = { feminine: 'masculine', masculine: 'feminine' } as const;
  await writeManifest(
    data,
    (await readManifest(data)).map((row, i) =>
      row.split === 'validation' && i % 3 === 0
        ? {
            ...row,
            labels: { ...row.labels, [TARGET]: other[row.labels[TARGET] as keyof typeof other] },
          }
        : row,
    ),
  );
  run = join(root, 'run');
  const small = { size: 32, epochs: 8, batchSize: 10, head: '1x16' };
  await trainClassifier(
    { ...CLASSIFIER_SMALL, ...small, data, target: TARGET },
    { folder: run, engine },
  );
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const lines: string[] = [];
const reporter = { log: (line: string) => void lines.push(line), progress: () => undefined };

async function evaluated(options: EvaluateRunOptions = {}): Promise<ClassifierEvaluation> {
  lines.length = 0;
  const evaluation = await evaluateRun(run, { engine, figures: false, reporter, ...options });
  if (evaluation.kind !== 'classifier') throw new Error('not a classifier');
  return evaluation;
}

describe('the temperature', () => {
  it('is fitted on validation once, kept with the model, and used by predictions', async () => {
    const before = await predictImages(run, [join(data, 'images', 'face-00001.jpg')], { engine });
    const { calibration, calibrationError } = await evaluated();
    const { temperature } = calibration ?? {};
    expect(temperature?.n).toBeGreaterThanOrEqual(MIN_CALIBRATION_IMAGES);
    expect(temperature?.split).toBe('validation');
    expect(calibrationError).toBe(calibration?.error);
    const { model, description } = await loadClassifier(join(run, 'model'));
    model.dispose();
    expect(description.temperature).toEqual(temperature);
    const after = await predictImages(run, [join(data, 'images', 'face-00001.jpg')], { engine });
    const logOdds = ({ rows }: typeof after): number => {
      const [a = 0, b = 0] = Object.values(rows[0]?.probabilities ?? {});
      return Math.log(a / b);
    };
    expect(logOdds(before) / logOdds(after)).toBeCloseTo(temperature?.value ?? NaN, 4);
    // Of the run's own file, which the second evaluation does not fit again.
    expect((await evaluated()).calibration?.temperature).toEqual(temperature);
  });
});

describe('the predictions table', () => {
  it('has content, person and calibrated probabilities, from which the accuracy follows', async () => {
    const { n, accuracy, classes } = await evaluated();
    const rows = await readTable(join(run, 'predictions.parquet'));
    expect(rows.length).toBe(n);
    const right = rows.filter(({ label, predicted }) => label === predicted).length;
    expect(right / n).toBe(accuracy.value);
    const hashes = new Map((await readManifest(data)).map(({ id, sha256 }) => [id, sha256]));
    for (const row of rows) {
      expect(row['sha256']).toBe(hashes.get(String(row['id'])));
      const sum = classes.reduce((total, name) => total + Number(row[`p_${name}`]), 0);
      expect(sum).toBeCloseTo(1, 9);
    }
  });
});

describe('slices', () => {
  it('are made of every label column, ages in bands, and are read back as they were written', async () => {
    const evaluation = await evaluated({ minCell: 5 });
    expect(await readEvaluation(join(run, 'evaluation.json'), 'classifier')).toEqual(evaluation);
    const { slices } = evaluation;
    const single = slices?.frames.filter(({ columns }) => columns.length === 1) ?? [];
    const age = single.find(({ columns }) => columns[0] === 'age');
    expect(age?.cells.map(({ values }) => values[0])).toContain('30-39');
    expect(age?.cells.reduce((sum, { n }) => sum + n, 0)).toBe(evaluation.n);
    expect(single.some(({ columns }) => columns[0] === TARGET)).toBe(false);
    expect(slices?.leftOut).toContainEqual({ column: 'planted', reason: 'no value' });
    const crossed = slices?.frames.filter(({ columns }) => columns.length === 2) ?? [];
    expect(crossed.every(({ columns }) => columns[0] === TARGET)).toBe(true);
  });

  it('cross the columns that are named, and refuse others', async () => {
    const { slices } = await evaluated({ slices: ['glasses', 'age_group'] });
    expect(slices?.frames.map(({ columns }) => columns.join(' x '))).toEqual([
      ...['glasses', 'age_group', `${TARGET} x glasses`, `${TARGET} x age_group`],
      'glasses x age_group',
    ]);
    await expect(evaluated({ slices: ['colour'] })).rejects.toThrow(
      /--slices: must be label columns.*but got colour/,
    );
    await expect(evaluated({ minCell: 0 })).rejects.toThrow(/--min-cell/);
  });
});

describe('against another run', () => {
  it('finds the same images by content, and no difference from itself', async () => {
    const copy = join(root, 'copy');
    await evaluated();
    await cp(run, copy, { recursive: true });
    const { against, n, accuracy } = await evaluated({ against: copy });
    expect(against).toMatchObject({ other: copy, n, onlyFirst: 0, onlySecond: 0, p: 1 });
    expect(against?.otherAccuracy).toEqual(accuracy);
    expect(against?.difference).toEqual({ value: 0, low: 0, high: 0 });
    await rm(join(copy, 'predictions.parquet'));
    await expect(evaluated({ against: copy })).rejects.toThrow(/--against: .*Evaluate it on the/);
  });
});

describe('the baseline of labels', () => {
  it('learns from the same parts and is compared on the same images', async () => {
    const rows = await readManifest(data);
    const told = join(root, 'told');
    await cp(data, told, { recursive: true });
    // A column that tells all, one that tells nothing, and a number with gaps.
    await writeManifest(
      told,
      rows.map((row, i) => ({
        ...row,
        labels: {
          ...row.labels,
          hint: row.labels[TARGET] ?? null,
          noise: i % 3,
          some: i % 2 ? i : null,
        },
      })),
    );
    const all = await evaluated({ data: told, baseline: ['hint', 'some'] });
    expect(all.baseline?.accuracy.value).toBe(1);
    expect(all.baseline?.comparison).toMatchObject({ n: all.n, onlyFirst: 0 });
    const none = await evaluated({ data: told, baseline: ['noise'] });
    expect(none.baseline?.balancedAccuracy.value).toBeLessThan(0.8);
    await expect(evaluated({ baseline: [TARGET] })).rejects.toThrow(
      /--baseline: must be label columns other than presentation/,
    );
  });
});

describe('another data set', () => {
  it('is measured by named classes, beside the evaluation of the own data', async () => {
    const other = join(root, 'other');
    await generateFaces(24, { out: other, size: 32, seed: 9 });
    const names = { feminine: 'Female', masculine: 'm' } as const;
    await writeManifest(
      other,
      (await readManifest(other)).map((row, i) => ({
        ...row,
        labels: {
          ...row.labels,
          sex: i === 0 ? 'unknown' : names[row.labels[TARGET] as keyof typeof names],
        },
      })),
    );
    const own = await evaluated();
    const found = await evaluated({ data: other, target: 'sex', classes: names });
    expect(found).toMatchObject({ n: 23, split: 'all', images: { source: 'other', trainedOn: 0 } });
    expect(found.data).toEqual({
      ...{ name: 'other', column: 'sex', missing: [], unknown: { unknown: 1 } },
      classes: names,
    });
    expect(JSON.parse(await readFile(join(run, 'evaluation-other.json'), 'utf8'))).toEqual(found);
    expect((await readTable(join(run, 'predictions-other.parquet'))).length).toBe(23);
    expect(await readEvaluation(join(run, 'evaluation.json'), 'classifier')).toEqual(own);
    // The same column is found without being named.
    expect((await evaluated({ data: other })).n).toBe(24);
    expect(lines.join('\n')).toMatch(/another data set than the run's own/);
    await expect(evaluated({ data: other, target: 'sex' })).rejects.toThrow(
      /none of its classes of sex \(Female, m, unknown\) is one of the run's \(feminine, masculine\)/,
    );
    await expect(evaluated({ data: other, baseline: ['age'] })).rejects.toThrow(/another data set/);
  });
});

it('robustness measures the same images under each change and strength', async () => {
  const { robustness } = await evaluated({ robustness: 6 });
  expect(robustness).toMatchObject({ n: 6, size: 32 });
  expect(robustness?.rows.map(({ change, strength }) => [change, strength])).toEqual(
    IMAGE_CHANGES.flatMap(({ change, strengths }) => strengths.map((each) => [change, each])),
  );
  await expect(evaluated({ robustness: -1 })).rejects.toThrow(/--robustness/);
});
