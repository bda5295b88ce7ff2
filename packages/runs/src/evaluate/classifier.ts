import { join } from 'node:path';
import {
  OptionsError,
  writeFileAtomic,
  writeJson,
  type BaselineRecord,
  type ClassifierEvaluation,
  type ClassifierMeasures,
  type FittedTemperature,
  type Reporter,
} from '@janus/core';
import type { Dataset, LabelledItem, SplitName } from '@janus/data';
import { contactSheet } from '@janus/figures';
import {
  argMax,
  computeFeatures,
  evaluateClassifier,
  featureRows,
  loadClassifier,
} from '@janus/models';
import { readClassifierRun } from '../classifier/options.js';
import { openItems } from '../item-images.js';
import { precisionOfRun } from '../precision.js';
import { classifierLogits } from './classifier-logits.js';
import { comparisonRecord, compareWithRun } from './compare-runs.js';
import { evaluationGraphics } from './card-graphics.js';
import { writeEvaluationFigures } from './evaluation-files.js';
import { labelBaseline } from './label-baseline.js';
import { labelSlices, type SliceOptions } from './label-slices.js';
import {
  measuredImages,
  openRunData,
  type MeasuredImages,
  type MeasuredRun,
} from './measured-items.js';
import { classifierCard } from './model-card.js';
import { classifierCardJson } from './model-card-json.js';
import { writePredictions } from './predictions-table.js';
import { ROBUSTNESS_IMAGES, robustnessRecord } from './robustness.js';
import { temperatureOfRun, type PredictItems } from './temperature.js';

/** What an evaluation of a classifier may be asked for beside its accuracy. */
export interface ClassifierEvaluationOptions extends SliceOptions {
  /** Part of the data; default `test` of the run's own data, all of another data set. */
  readonly split?: SplitName;
  /**
   * The data folder, where it is not where the run was trained on it, or another data set to test on; default: where it
   * was.
   */
  readonly data?: string;
  /** Label column of another data set; default the run's target. */
  readonly target?: string;
  /** Another data set's names of the run's classes, by the run's: `{ feminine: 'female' }`; default: those that are alike. */
  readonly classes?: Readonly<Record<string, string>>;
  /** Folder of another classifier run of the same target, to compare with on the same images; default none. */
  readonly against?: string;
  /** Label columns from which a classifier without images predicts the target; default none. */
  readonly baseline?: readonly string[];
  /** Images that are also measured when they were made worse; default 0: none. `true`: 300. */
  readonly robustness?: number | boolean;
  /** Draws what the evaluation holds into `figures/` of the run, which takes a few seconds; default true. */
  readonly figures?: boolean;
}

/** What an evaluation of a run needs beside its folder. */
export interface EvaluationContext extends ClassifierEvaluationOptions {
  /** Keeps features of frozen layers in the data folder. */
  readonly keepFeatures: boolean;
  readonly reporter: Reporter;
  /** Ends the evaluation between batches: its reason is thrown, and nothing is written. */
  readonly signal?: AbortSignal | undefined;
}

/** Mistakes on the sheet. */
const SHOWN_MISTAKES = 24;

/** Measures a classifier and writes evaluation, predictions, card and the sheet of mistakes. */
export async function evaluateClassifierRun(
  folder: string,
  context: EvaluationContext,
): Promise<ClassifierEvaluation> {
  const { data, target: column, classes, split, keepFeatures, reporter, signal } = context;
  const record = await readClassifierRun(folder);
  const dataset = await openRunData(data ?? record.options.data);
  const classifier = await loadClassifier(join(folder, 'model'));
  const { model, description } = classifier;
  try {
    const run: MeasuredRun = { folder, record, description, reporter };
    const images = await measuredImages(run, {
      ...{ dataset, split, column, classes, named: data !== undefined },
    });
    const { imageSize: size, preprocessing } = description;
    const compute = {
      precision: precisionOfRun(record.options, reporter),
      report: reporter.progress,
      signal,
    };
    const predict: PredictItems = async (items, of) => {
      const found = await classifierLogits(classifier, {
        images: items,
        open: (some) => openItems(some, { size, folder: of.folder, reporter }),
        options: record.options,
        ...(keepFeatures ? { keepIn: of.folder } : {}),
        compute: { ...compute, label: of.label },
      });
      return featureRows(found);
    };
    const logits = await predict(images.items, { folder: dataset.folder, label: 'predicting' });
    // The run's own validation images, which other data does not have.
    const own = images.other === undefined ? dataset.folder : record.options.data;
    const temperature = await temperatureOfRun(run, { data: own, predict });
    const measured = { ...{ run, dataset, images, logits, temperature, context } };
    const evaluation = await measure(measured);
    const { most } = robustnessOf(context);
    const robustness =
      most === 0
        ? undefined
        : await robustnessRecord({
            ...{ items: images.items, size, folder: dataset.folder, most, reporter },
            predict: async (some, label) =>
              featureRows(await computeFeatures(model, some, { ...compute, preprocessing, label })),
          });
    const complete = { ...evaluation, ...(robustness === undefined ? {} : { robustness }) };
    signal?.throwIfAborted();
    await writeEvaluation(measured, complete);
    return complete;
  } finally {
    model.dispose();
  }
}

/** Returns how many images are made worse. */
function robustnessOf({ robustness = false }: ClassifierEvaluationOptions): {
  readonly most: number;
} {
  const most = robustness === true ? ROBUSTNESS_IMAGES : robustness === false ? 0 : robustness;
  if (Number.isInteger(most) && most >= 0) return { most };
  throw new OptionsError(
    `--robustness: must be a whole number of images of at least 1, but got ${most}. ${ROBUSTNESS_IMAGES} is the default.`,
  );
}

/** A run's logits of the images that it is measured on. */
interface Measured {
  readonly run: MeasuredRun;
  readonly dataset: Dataset;
  readonly images: MeasuredImages;
  readonly logits: readonly (readonly number[])[];
  readonly temperature: FittedTemperature | undefined;
  readonly context: EvaluationContext;
}

/** The part that is measured, as the record says it. */
const splitName = ({ images, context }: Measured): string =>
  context.split ?? (images.other === undefined ? 'test' : 'all');

/** Returns the evaluation but for what needs the network again. */
async function measure(measured: Measured): Promise<ClassifierEvaluation> {
  const { run, dataset, images, logits, temperature, context } = measured;
  const { target, classes } = run.description;
  const { items, facts, other } = images;
  const labels = items.map(({ label }) => label);
  const clusters = items.map(({ cluster }) => cluster);
  const ids = items.map(({ id }) => id);
  const evaluation = evaluateClassifier(
    { ids, labels, logits, clusters },
    { target, classes, split: splitName(measured), temperature },
  );
  const predicted = logits.map(argMax);
  const slices = labelSlices(
    { classes, labels, predicted, clusters },
    { dataset, images: ids, target: other?.column ?? target },
    context,
  );
  return {
    ...evaluation,
    images: facts,
    ...(other === undefined ? {} : { data: other }),
    ...(slices === undefined ? {} : { slices }),
    ...(await comparisons(measured, predicted)),
  };
}

/** Returns what the run is compared with, where that is asked for. */
async function comparisons(
  measured: Measured,
  predicted: readonly number[],
): Promise<Pick<ClassifierMeasures, 'against' | 'baseline'>> {
  const { run, images, context } = measured;
  const { against, baseline } = context;
  const { items } = images;
  const { classes } = run.description;
  return {
    ...(against === undefined
      ? {}
      : {
          against: await compareWithRun(against, {
            ...{ items, predicted, classes },
            table: `${fileName('predictions', images)}.parquet`,
          }),
        }),
    ...(baseline === undefined
      ? {}
      : { baseline: await baselineRecord(measured, { columns: baseline, predicted }) }),
  };
}

async function baselineRecord(
  { run, dataset, images }: Measured,
  {
    columns,
    predicted,
  }: { readonly columns: readonly string[]; readonly predicted: readonly number[] },
): Promise<BaselineRecord> {
  if (images.other !== undefined) {
    throw new OptionsError(
      `--baseline: learns from the run's own data, but ${dataset.folder} is another data set. Leave one of the two out.`,
    );
  }
  const { description } = run;
  const quiet = { ...run, reporter: { ...run.reporter, log: () => undefined } };
  const part = async (split: SplitName) =>
    (await measuredImages(quiet, { dataset, split, named: false })).items;
  const { items } = images;
  const found = labelBaseline(
    dataset,
    { train: await part('train'), validation: await part('validation'), measured: items },
    { columns, target: description.target, classes: description.classes.length },
  );
  return {
    columns,
    penalty: found.penalty,
    accuracy: found.accuracy,
    balancedAccuracy: found.balancedAccuracy,
    comparison: comparisonRecord({
      other: `labels: ${columns.join(', ')}`,
      right: items.map(({ label }, i) => label === predicted[i]),
      otherRight: items.map(({ label }, i) => label === found.predicted[i]),
      clusters: items.map(({ cluster }) => cluster),
    }),
  };
}

/** Names of files on another data set do not replace those of the run's own. */
const fileName = (name: string, { other }: MeasuredImages): string =>
  other === undefined ? name : `${name}-${other.name}`;

async function writeEvaluation(
  measured: Measured,
  evaluation: ClassifierEvaluation,
): Promise<void> {
  const { run, dataset, images, logits, temperature } = measured;
  const { folder, record, description } = run;
  const { items } = images;
  await writePredictions(join(folder, `${fileName('predictions', images)}.parquet`), {
    ...{ items, logits, temperature, split: evaluation.split, classes: description.classes },
  });
  const { mistakes } = evaluation;
  await writeMistakes(folder, items, { mistakes, sheet: fileName('mistakes', images) });
  await writeJson(join(folder, `${fileName('evaluation', images)}.json`), evaluation);
  if (measured.context.figures !== false) {
    await writeEvaluationFigures(folder, evaluation, images.other?.name);
  }
  if (images.other !== undefined) return;
  await writeFileAtomic(
    join(folder, 'card.md'),
    classifierCard({ record, evaluation, dataset: dataset.record }),
  );
  const graphics =
    measured.context.figures === false ? undefined : await evaluationGraphics(folder);
  await writeJson(
    join(folder, 'card.json'),
    classifierCardJson({ record, evaluation, dataset: dataset.record, graphics }),
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
