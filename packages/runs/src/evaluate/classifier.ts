import { join } from 'node:path';
import { percent, writeFileAtomic, writeJson, type Reporter, type RunRecord } from '@janus/core';
import {
  classesOf,
  datasetOfFold,
  labelledItems,
  openDataset,
  writeTable,
  type LabelledItem,
  type SplitName,
} from '@janus/data';
import { contactSheet } from '@janus/figures';
import {
  argMax,
  evaluateClassifier,
  loadClassifier,
  softmax,
  type ClassifierEvaluation,
} from '@janus/models';
import { classifierCard } from './model-card.js';
import { precisionOfRun } from '../precision.js';
import { featuresOfSet, openItems } from '../classifier/inputs.js';

/** A run that is to be measured. */
export interface EvaluateContext {
  readonly folder: string;
  readonly record: RunRecord;
  readonly split: SplitName;
  readonly reporter: Reporter;
}

/** Mistakes on the sheet. */
const SHOWN_MISTAKES = 24;

/** Measures a classifier and writes evaluation, predictions, card and the sheet of mistakes. */
export async function evaluateClassifierRun(
  context: EvaluateContext,
): Promise<{ readonly evaluation: ClassifierEvaluation; readonly lines: readonly string[] }> {
  const { folder, record, split, reporter } = context;
  const { model, description } = await loadClassifier(join(folder, 'model'));
  const opened = await openDataset(String(record.options['data']));
  const { fold } = record.options;
  const dataset = typeof fold === 'number' ? datasetOfFold(opened, fold) : opened;
  const { target, classes, imageSize, preprocessing } = description;
  const found = classesOf(dataset, target);
  const items = labelledItems(dataset, target, { split }).map((item) => ({
    ...item,
    // The data set may have gained a class; what the model knows counts.
    label: classes.indexOf(found[item.label] ?? ''),
  }));
  const known = items.filter((item) => item.label >= 0);
  const set = await openItems(known, { size: imageSize, folder: dataset.folder, reporter });
  const { data } = await featuresOfSet(model, set, {
    preprocessing,
    precision: precisionOfRun(record, reporter),
    report: reporter.progress,
    label: 'predicting',
  });
  const logits = known.map((_, i) =>
    Array.from(data.subarray(i * classes.length, (i + 1) * classes.length)),
  );
  const evaluation = evaluateClassifier(
    {
      ids: known.map((item) => item.id),
      labels: known.map((item) => item.label),
      logits,
      clusters: known.map((item) => item.cluster),
    },
    { target, classes, split },
  );
  model.dispose();
  await writePredictions(join(folder, 'predictions.parquet'), {
    items: known,
    logits,
    classes,
    split,
  });
  await writeMistakes(folder, known, evaluation);
  await writeJson(join(folder, 'evaluation.json'), evaluation);
  await writeFileAtomic(
    join(folder, 'card.md'),
    classifierCard({ record, evaluation, dataset: dataset.record }),
  );
  return {
    evaluation,
    lines: [
      `accuracy           ${percent(evaluation.accuracy)}, n = ${evaluation.n} (${split})`,
      `balanced accuracy  ${percent(evaluation.balancedAccuracy)}`,
      ...Object.entries(evaluation.perClass).map(
        ([name, { n, recall }]) => `  ${name.padEnd(16)} recall ${percent(recall)}, n = ${n}`,
      ),
    ],
  };
}

async function writePredictions(
  path: string,
  predictions: {
    readonly items: readonly LabelledItem[];
    readonly logits: readonly (readonly number[])[];
    readonly classes: readonly string[];
    readonly split: string;
  },
): Promise<void> {
  const { items, logits, classes, split } = predictions;
  await writeTable(
    path,
    {
      id: 'VARCHAR',
      split: 'VARCHAR',
      label: 'VARCHAR',
      predicted: 'VARCHAR',
      ...Object.fromEntries(classes.map((name) => [`p_${name}`, 'DOUBLE' as const])),
    },
    items.map((item, i) => {
      const row = logits[i] ?? [];
      const probabilities = softmax(row);
      return {
        id: item.id,
        split,
        label: classes[item.label] ?? null,
        predicted: classes[argMax(row)] ?? null,
        ...Object.fromEntries(classes.map((name, c) => [`p_${name}`, probabilities[c] ?? null])),
      };
    }),
  );
}

async function writeMistakes(
  folder: string,
  items: readonly LabelledItem[],
  { mistakes }: ClassifierEvaluation,
): Promise<void> {
  const shown = mistakes.slice(0, SHOWN_MISTAKES);
  if (shown.length === 0) return;
  const paths = new Map(items.map((item) => [item.id, item.path]));
  const sheet = await contactSheet({
    images: shown.map((mistake) => paths.get(mistake.id) ?? ''),
    captions: shown.map(
      ({ label, predicted, confidence }) =>
        `${predicted} ${(100 * confidence).toFixed(0)} %\nlabel: ${label}`,
    ),
    frames: shown.map(() => 'wrong' as const),
  });
  await writeFileAtomic(join(folder, 'samples', 'mistakes.png'), sheet);
}
