import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  DataError,
  writeFileAtomic,
  writeJson,
  type ClassifierEvaluation,
  type EvaluatedImages,
  type Reporter,
  type RunRecord,
} from '@janus/core';
import {
  classesOf,
  datasetOfFold,
  labelledItems,
  openDataset,
  writeTable,
  type Dataset,
  type LabelledItem,
  type SplitName,
} from '@janus/data';
import { contactSheet } from '@janus/figures';
import { argMax, evaluateClassifier, featureRows, loadClassifier, softmax } from '@janus/models';
import { readClassifierRun, type ClassifierRunOptions } from '../classifier/options.js';
import { IMAGES, isSameData, knownClassifierParts } from '../classifier/parts.js';
import { openItems } from '../item-images.js';
import { storedImage, trainedHashes } from '../parts.js';
import { precisionOfRun } from '../precision.js';
import { chooseImages } from './choose-images.js';
import { classifierLogits } from './classifier-logits.js';
import { classifierCard } from './model-card.js';
import { classifierCardJson } from './model-card-json.js';

/** What an evaluation of a run needs beside its folder. */
export interface EvaluationContext {
  readonly split: SplitName;
  /** The data folder, where it is not where the run was trained on it; default: there. */
  readonly data?: string;
  /** Keeps features of frozen layers in the data folder. */
  readonly keepFeatures: boolean;
  readonly reporter: Reporter;
}

/** Mistakes on the sheet. */
const SHOWN_MISTAKES = 24;

/** Measures a classifier and writes evaluation, predictions, card and the sheet of mistakes. */
export async function evaluateClassifierRun(
  folder: string,
  { split, data, keepFeatures, reporter }: EvaluationContext,
): Promise<ClassifierEvaluation> {
  const record = await readClassifierRun(folder);
  const dataset = await openRunData(data ?? record.options.data);
  const classifier = await loadClassifier(join(folder, 'model'));
  const { model, description } = classifier;
  try {
    const { target, classes, imageSize: size } = description;
    const { items, contents, facts } = await itemsToMeasure(folder, {
      ...{ record, dataset, split, reporter, target, classes, size },
    });
    const found = await classifierLogits(classifier, {
      open: () => openItems(items, { size, folder: dataset.folder, reporter }),
      ...{ contents, options: record.options, ...(keepFeatures ? { keepIn: dataset.folder } : {}) },
      compute: {
        precision: precisionOfRun(record.options, reporter),
        report: reporter.progress,
        label: 'predicting',
      },
    });
    const logits = featureRows(found);
    const measured = evaluateClassifier(
      {
        ids: items.map((item) => item.id),
        labels: items.map((item) => item.label),
        logits,
        clusters: items.map((item) => item.cluster),
      },
      { target, classes, split },
    );
    const evaluation: ClassifierEvaluation = { ...measured, images: facts };
    await writePredictions(join(folder, 'predictions.parquet'), { items, logits, classes, split });
    await writeMistakes(folder, items, { mistakes: evaluation.mistakes, sheet: 'mistakes' });
    await writeJson(join(folder, 'evaluation.json'), evaluation);
    await writeFileAtomic(
      join(folder, 'card.md'),
      classifierCard({ record, evaluation, dataset: dataset.record }),
    );
    await writeJson(
      join(folder, 'card.json'),
      classifierCardJson({ record, evaluation, dataset: dataset.record }),
    );
    return evaluation;
  } finally {
    model.dispose();
  }
}

/** Opens the data set of a run. */
export async function openRunData(data: string): Promise<Dataset> {
  if (existsSync(data)) return await openDataset(data);
  throw new DataError(
    `${data}: must be the data folder that the run was trained with, but does not exist. Name its new place with --data.`,
    { path: data },
  );
}

/** Images with their classes and content hashes, in one order. */
interface MeasuredItems {
  readonly items: readonly LabelledItem[];
  readonly contents: readonly (string | null)[];
  readonly facts: EvaluatedImages;
}

/** The images to measure, with the class that the model knows them by. */
async function itemsToMeasure(
  folder: string,
  context: {
    readonly record: RunRecord<ClassifierRunOptions>;
    readonly dataset: Dataset;
    readonly split: SplitName;
    readonly reporter: Reporter;
    readonly target: string;
    readonly classes: readonly string[];
    readonly size: number;
  },
): Promise<MeasuredItems> {
  const { record, dataset, split, reporter, target, classes, size } = context;
  const { fold } = record.options;
  const found = classesOf(dataset, target);
  const asKnown = (items: readonly LabelledItem[]): readonly LabelledItem[] =>
    items.flatMap((item) => {
      // The data set may have gained a class; what the model knows counts.
      const label = classes.indexOf(found[item.label] ?? '');
      return label < 0 ? [] : [{ ...item, label }];
    });
  const items = new Map(asKnown(labelledItems(dataset, target)).map((item) => [item.id, item]));
  const stored = dataset.rows.flatMap((row) =>
    items.has(row.id) ? [storedImage(dataset.folder, row)] : [],
  );
  const inPart = (): ReadonlySet<string> => {
    const now = fold === undefined ? dataset : datasetOfFold(dataset, fold);
    return new Set(labelledItems(now, target, { split }).map(({ id }) => id));
  };
  const parts = await knownClassifierParts(folder, record, dataset);
  const chosen = await chooseImages({
    ...{ place: dataset.folder, folder: dataset.folder, split, size, reporter },
    part: parts?.domains[IMAGES]?.parts[split],
    now: () => Promise.resolve(stored),
    current: () => {
      const ids = inPart();
      return Promise.resolve(stored.filter(({ id }) => ids.has(id)));
    },
    trained: parts === undefined ? undefined : trainedHashes(parts),
    sameData: isSameData(dataset, record),
  });
  const known = chosen.stored.filter(({ id }) => items.has(id));
  return {
    items: known.flatMap(({ id }) => items.get(id) ?? []),
    contents: known.map(({ sha256 }) => sha256),
    facts: chosen.facts,
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

/** Draws the surest mistakes: `samples/<sheet>.png`. */
export async function writeMistakes(
  folder: string,
  items: readonly Pick<LabelledItem, 'id' | 'path'>[],
  { mistakes, sheet: name }: Pick<ClassifierEvaluation, 'mistakes'> & { readonly sheet: string },
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
  await writeFileAtomic(join(folder, 'samples', `${name}.png`), sheet);
}
