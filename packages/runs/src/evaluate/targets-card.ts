import {
  evaluatedImagesText,
  intervalText,
  numberFiguresText,
  percentText,
  type ClassifierEvaluation,
  type RunRecord,
  type TargetsEvaluation,
} from '@janus/core';
import type { DatasetRecord } from '@janus/data';
import type { ClassifierRunOptions } from '../classifier/options.js';
import { classifierConsiderations, type CardConsiderations } from './card-considerations.js';
import { considerationsText, optionsTable, slicesText } from './model-card.js';

/** Returns the model card of a classifier of several targets: the figures of each with n and interval, limits, non-uses. */
export function targetsCard(card: {
  readonly record: RunRecord<ClassifierRunOptions>;
  readonly evaluation: TargetsEvaluation;
  readonly dataset: DatasetRecord;
}): string {
  const { record, evaluation, dataset } = card;
  const { split, n, images } = evaluation;
  const targets = Object.values(evaluation.targets);
  const names = targets.map(({ target }) => target).join(', ');
  return `# ${names}: classifier

Tells **${names}** from one image, as labelled in: ${dataset.source}. Licence of the data: ${dataset.licence}.

## Figures

On the ${split} split, each on the images that have its label, of ${n}.${images === undefined ? '' : `\nImages: ${evaluatedImagesText(images, n)}.`}

| target | n | accuracy | always naming the commonest class | balanced accuracy | calibration error | number |
| --- | --- | --- | --- | --- | --- | --- |
${targets.map(rowOf).join('\n')}

${targets.map(classesOf).join('\n')}
## Made with

${optionsTable(record.options)}
Engine ${record.engine}, seed ${record.seed}, data ${record.dataHash.slice(0, 12)}.

${considerationsText(targetsConsiderations(targets, dataset, record.options))}`;
}

/** Returns what holds for any of the targets, each said once. */
export function targetsConsiderations(
  targets: readonly ClassifierEvaluation[],
  dataset: DatasetRecord,
  options: ClassifierRunOptions,
): CardConsiderations {
  const all = targets.map((each) => classifierConsiderations(each, dataset, options));
  const once = (of: Exclude<keyof CardConsiderations, 'risks'>): readonly string[] => [
    ...new Set(all.flatMap((each) => each[of])),
  ];
  return {
    ...{ users: once('users'), uses: once('uses'), nonUses: once('nonUses') },
    ...{ limits: once('limits'), tradeoffs: once('tradeoffs') },
    risks: all[0]?.risks ?? [],
  };
}

function rowOf(evaluation: ClassifierEvaluation): string {
  const { target, n, accuracy, majority, balancedAccuracy, calibrationError } = evaluation;
  const number = numberFiguresText(evaluation);
  return `| ${target} | ${n} | ${intervalText(accuracy)} | ${percentText(majority)} | ${intervalText(balancedAccuracy)} | ${calibrationError.toFixed(3)} | ${number ?? ''} |`;
}

function classesOf({ target, perClass, intervalMethod, slices }: ClassifierEvaluation): string {
  const rows = Object.entries(perClass).map(
    ([name, { n, recall, precision }]) =>
      `| ${name} | ${n} | ${intervalText(recall)} | ${precision === undefined ? 'never predicted' : percentText(precision)} |`,
  );
  return `### ${target}

| class | n | recall | precision |
| --- | --- | --- | --- |
${rows.join('\n')}

Intervals: ${intervalMethod}.
${slicesText(slices)}`;
}
