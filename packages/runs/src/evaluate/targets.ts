/** Evaluation of a classifier of several targets, or of a number. */
import { join } from 'node:path';
import {
  DataError,
  writeFileAtomic,
  writeJson,
  type ClassifierEvaluation,
  type EvaluatedImages,
  type RunRecord,
  type SlicesRecord,
  type TargetsEvaluation,
} from '@janus/core';
import type { Dataset, SplitName } from '@janus/data';
import {
  argMax,
  evaluateHead,
  loadHeads,
  logitsByTarget,
  type TargetDescription,
} from '@janus/models';
import { readClassifierRun, type ClassifierRunOptions } from '../classifier/options.js';
import { knownClassifierParts } from '../classifier/parts.js';
import { taskItems, type TaskItem } from '../classifier/tasks.js';
import { featuresOfSet, openItems } from '../item-images.js';
import { precisionOfRun } from '../precision.js';
import { writeMistakes, type EvaluationContext } from './classifier.js';
import { writeEvaluationFigures } from './evaluation-files.js';
import { openRunData } from './measured-items.js';
import { evaluationGraphics } from './card-graphics.js';
import { classifierCardJson } from './model-card-json.js';
import { classifierCard } from './model-card.js';
import { chooseOwnImages } from './own-images.js';
import { labelSlices, type SliceOptions } from './label-slices.js';
import { targetsCard } from './targets-card.js';
import { targetsCardJson } from './targets-card-json.js';
import { saveTargets, temperedTargets } from './targets-temperatures.js';
import { writeTargetPredictions } from './targets-predictions.js';

/**
 * Measures a classifier of several targets, each on the images that have its label, and writes evaluation, predictions,
 * card and sheets of mistakes.
 *
 * @returns of a run that tells one number, the evaluation of that
 */
export async function evaluateTargetsRun(
  folder: string,
  { split = 'test', data, slices, minCell, figures, reporter, signal }: EvaluationContext,
): Promise<TargetsEvaluation | ClassifierEvaluation> {
  const record = await readClassifierRun(folder);
  const dataset = await openRunData(data ?? record.options.data);
  const { joined, description, dispose } = await loadHeads(join(folder, 'model'));
  try {
    const { targets, imageSize: size, preprocessing } = description;
    const context = { split, reporter, size, targets };
    const { items, facts } = await itemsToMeasure(folder, { record, dataset, ...context });
    const precision = precisionOfRun(record.options, reporter);
    const predict = async (some: readonly TaskItem[], label: string) => {
      const set = await openItems(some, { size, folder: dataset.folder, reporter });
      const { progress: report } = reporter;
      const how = { preprocessing, precision, report, label, signal };
      return logitsByTarget(await featuresOfSet(joined, set, how), targets);
    };
    const logits = await predict(items, 'predicting');
    const known = await temperedTargets(targets, {
      line: reporter.log,
      validation: async () => {
        const quiet = { ...reporter, log: () => undefined };
        const of = { record, dataset, ...context, reporter: quiet, split: 'validation' } as const;
        const { items: some } = await itemsToMeasure(folder, of);
        return { items: some, logits: await predict(some, 'calibrating') };
      },
    });
    await saveTargets(join(folder, 'model'), { ...description, targets: known });
    const evaluations = evaluateAll(items, {
      ...{ logits, targets: known, split, dataset },
      ...{ slices, minCell },
    });
    signal?.throwIfAborted();
    const path = join(folder, 'predictions.parquet');
    await writeTargetPredictions(path, { items, logits, targets: known, split });
    for (const each of evaluations) {
      const of = evaluations.length === 1 ? undefined : fileName(each.target);
      const sheet = of === undefined ? 'mistakes' : `mistakes-${of}`;
      await writeMistakes(folder, items, { mistakes: each.mistakes, sheet });
      if (figures !== false) await writeEvaluationFigures(folder, each, of);
    }
    const [alone] = evaluations;
    const evaluation: TargetsEvaluation | ClassifierEvaluation =
      targets.length === 1 && alone !== undefined
        ? { ...alone, images: facts }
        : {
            ...{ kind: 'targets', split, n: items.length, images: facts },
            targets: Object.fromEntries(evaluations.map((each) => [each.target, each])),
          };
    await writeJson(join(folder, 'evaluation.json'), evaluation);
    const named = evaluations.length === 1 ? [] : evaluations.map(({ target }) => fileName(target));
    const drawn = figures === false ? undefined : await evaluationGraphics(folder, named);
    const about = { record, dataset: dataset.record, graphics: drawn };
    const card =
      evaluation.kind === 'classifier'
        ? classifierCard({ ...about, evaluation })
        : targetsCard({ ...about, evaluation });
    await writeFileAtomic(join(folder, 'card.md'), card);
    const json =
      evaluation.kind === 'classifier'
        ? classifierCardJson({ ...about, evaluation })
        : targetsCardJson({ ...about, evaluation });
    await writeJson(join(folder, 'card.json'), json);
    return evaluation;
  } finally {
    dispose();
  }
}

/** Returns a target's name as a part of a file's. */
const fileName = (target: string): string => target.replace(/[^A-Za-z0-9_.-]+/g, '-');

function evaluateAll(
  items: readonly TaskItem[],
  told: {
    /** By target, a list of numbers an image. */
    readonly logits: readonly (readonly (readonly number[])[])[];
    readonly targets: readonly TargetDescription[];
    readonly split: string;
    readonly dataset: Dataset;
  } & SliceOptions,
): readonly ClassifierEvaluation[] {
  const { logits, targets, split } = told;
  return targets.flatMap((description, h) => {
    const predictions = {
      ids: items.map(({ id }) => id),
      clusters: items.map(({ cluster }) => cluster),
      ...{ items, logits: logits[h] ?? [] },
    };
    const evaluation = evaluateHead(predictions, h, { description, split });
    if (evaluation === undefined) return [];
    // Of a number, how many fall into the right bin says little of a group.
    const frames =
      description.scale === undefined
        ? slicesOfHead(items, { ...told, h, description })
        : undefined;
    return { ...evaluation, ...(frames === undefined ? {} : { slices: frames }) };
  });
}

/** Returns accuracy by groups on the images that have a head's label. */
function slicesOfHead(
  items: readonly TaskItem[],
  head: {
    readonly h: number;
    readonly description: TargetDescription;
    readonly logits: readonly (readonly (readonly number[])[])[];
    readonly dataset: Dataset;
  } & SliceOptions,
): SlicesRecord | undefined {
  const { h, description, logits, dataset, ...options } = head;
  const { classes, target } = description;
  const own = items.flatMap((item, i) => ((item.labels[h] ?? -1) < 0 ? [] : [{ item, i }]));
  return labelSlices(
    {
      ...{ classes, labels: own.map(({ item }) => item.labels[h] ?? -1) },
      predicted: own.map(({ i }) => argMax(logits[h]?.[i] ?? [])),
      clusters: own.map(({ item }) => item.cluster),
    },
    { dataset, images: own.map(({ item }) => item.id), target },
    options,
  );
}

/** The images to measure: those of the run's part that have a label of at least one target. */
async function itemsToMeasure(
  folder: string,
  context: Pick<EvaluationContext, 'reporter'> & {
    readonly split: SplitName;
    readonly record: RunRecord<ClassifierRunOptions>;
    readonly dataset: Dataset;
    readonly targets: readonly TargetDescription[];
    readonly size: number;
  },
): Promise<{ readonly items: readonly TaskItem[]; readonly facts: EvaluatedImages }> {
  const { record, dataset, split, reporter, targets, size } = context;
  if (!targets.some(({ target }) => dataset.labels.includes(target))) {
    throw new DataError(
      `${dataset.folder}: must have a label column of one of the run's targets (${targets.map(({ target }) => target).join(', ')}), but has ${dataset.labels.join(', ')}. Name a data folder that has one: --data.`,
      { path: dataset.folder },
    );
  }
  const items = new Map(taskItems(dataset, targets).map((item) => [item.id, item]));
  const chosen = await chooseOwnImages({
    ...{ record, dataset, split, size, reporter },
    parts: await knownClassifierParts(folder, record, dataset),
    known: new Set(items.keys()),
    labelledIn: (now) => taskItems(now, targets, { split }).map(({ id }) => id),
  });
  return { items: chosen.stored.flatMap(({ id }) => items.get(id) ?? []), facts: chosen.facts };
}
