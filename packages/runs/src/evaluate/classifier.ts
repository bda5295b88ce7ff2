import { join } from 'node:path';
import { writeFileAtomic, writeJson, type ClassifierEvaluation, type Reporter } from '@janus/core';
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
import { argMax, evaluateClassifier, featureRows, loadClassifier, softmax } from '@janus/models';
import { readClassifierRun } from '../classifier/options.js';
import { featuresOfSet, openItems } from '../item-images.js';
import { precisionOfRun } from '../precision.js';
import { classifierCard } from './model-card.js';

/** What an evaluation of a run needs beside its folder. */
export interface EvaluationContext {
  readonly split: SplitName;
  readonly reporter: Reporter;
}

/** Mistakes on the sheet. */
const SHOWN_MISTAKES = 24;

/** Measures a classifier and writes evaluation, predictions, card and the sheet of mistakes. */
export async function evaluateClassifierRun(
  folder: string,
  { split, reporter }: EvaluationContext,
): Promise<ClassifierEvaluation> {
  const record = await readClassifierRun(folder);
  const { model, description } = await loadClassifier(join(folder, 'model'));
  try {
    const { data, fold } = record.options;
    const opened = await openDataset(data);
    const dataset = fold === undefined ? opened : datasetOfFold(opened, fold);
    const { target, classes, imageSize: size, preprocessing } = description;
    const found = classesOf(dataset, target);
    const items = labelledItems(dataset, target, { split }).flatMap((item) => {
      // The data set may have gained a class; what the model knows counts.
      const label = classes.indexOf(found[item.label] ?? '');
      return label < 0 ? [] : [{ ...item, label }];
    });
    const set = await openItems(items, { size, folder: dataset.folder, reporter });
    const features = await featuresOfSet(model, set, {
      preprocessing,
      precision: precisionOfRun(record.options, reporter),
      report: reporter.progress,
      label: 'predicting',
    });
    const logits = featureRows(features);
    const evaluation = evaluateClassifier(
      {
        ids: items.map((item) => item.id),
        labels: items.map((item) => item.label),
        logits,
        clusters: items.map((item) => item.cluster),
      },
      { target, classes, split },
    );
    await writePredictions(join(folder, 'predictions.parquet'), { items, logits, classes, split });
    await writeMistakes(folder, items, evaluation);
    await writeJson(join(folder, 'evaluation.json'), evaluation);
    await writeFileAtomic(
      join(folder, 'card.md'),
      classifierCard({ record, evaluation, dataset: dataset.record }),
    );
    return evaluation;
  } finally {
    model.dispose();
  }
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
