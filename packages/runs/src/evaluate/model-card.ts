import {
  evaluatedImagesText,
  intervalText,
  numberFiguresText,
  percentText,
  type ClassifierEvaluation,
  type CycleGanEvaluation,
  type RunRecord,
  type SlicesRecord,
} from '@janus/core';
import type { DatasetRecord } from '@janus/data';
import type { ClassifierRunOptions } from '../classifier/options.js';
import { backboneText } from './backbone-text.js';
import type { CycleGanRunOptions } from '../cyclegan/options.js';
import {
  classifierConsiderations,
  sliceName,
  TRANSLATION_CONSIDERATIONS,
  type CardConsiderations,
} from './card-considerations.js';

/** Returns what a model is for, what not, and its limits, as sections. */
export function considerationsText({ uses, nonUses, limits }: CardConsiderations): string {
  const list = (texts: readonly string[]): string => texts.map((each) => `- ${each}`).join('\n');
  return `## For\n\n${list(uses)}\n\n## Limits\n\n${list(limits)}\n\n## Not for\n\n${list(nonUses)}\n`;
}

/** Returns accuracy by group as tables; nothing where it was not measured. */
function slicesText(slices: SlicesRecord | undefined): string {
  if (slices === undefined) return '';
  const rows = slices.frames.flatMap(({ columns, cells }) =>
    cells.map(
      ({ values, n, accuracy }) =>
        `| ${sliceName(columns, values)} | ${n} | ${accuracy === undefined ? `fewer than ${slices.minCell} images` : intervalText(accuracy)} |`,
    ),
  );
  return `\n## Groups\n\n| group | n | accuracy |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

/** Returns options as a table; paths are left out. */
export function optionsTable(options: object): string {
  const rows = Object.entries(options)
    .filter(([name]) => !['data', 'x', 'y', 'weights'].includes(name))
    .map(([name, value]) => `| ${name} | ${String(value)} |`);
  return `| option | value |\n| --- | --- |\n${rows.join('\n')}\n`;
}

/** Returns the model card of a classifier: figures with n and interval, slices, limits, non-uses. */
export function classifierCard(card: {
  readonly record: RunRecord<ClassifierRunOptions>;
  readonly evaluation: ClassifierEvaluation;
  readonly dataset: DatasetRecord;
}): string {
  const { record, evaluation, dataset } = card;
  const { accuracy, balancedAccuracy, perClass, n, split, target, intervalMethod } = evaluation;
  const number = numberFiguresText(evaluation);
  const rows = Object.entries(perClass).map(
    ([name, { n: count, recall, precision }]) =>
      `| ${name} | ${count} | ${intervalText(recall)} | ${precision === undefined ? 'never predicted' : percentText(precision)} |`,
  );
  return `# ${target}: classifier

Tells **${target}** (${evaluation.classes.join(', ')}), as labelled in: ${dataset.source}. Licence of the data: ${dataset.licence}.

## Figures

On the ${split} split, n = ${n}: accuracy ${intervalText(accuracy)}, balanced accuracy ${intervalText(balancedAccuracy)}. Intervals: ${intervalMethod}.
Expected calibration error ${evaluation.calibrationError.toFixed(3)} (15 bins).${number === undefined ? '' : ` As a number: ${number}.`}${evaluation.images === undefined ? '' : `\nImages: ${evaluatedImagesText(evaluation.images, n)}.`}

| class | n | recall | precision |
| --- | --- | --- | --- |
${rows.join('\n')}
${slicesText(evaluation.slices)}
## Made with

${backboneText(record.options)}

${optionsTable(record.options)}
Engine ${record.engine}, seed ${record.seed}, data ${record.dataHash.slice(0, 12)}.

${considerationsText(classifierConsiderations(evaluation, dataset))}`;
}

/** Returns the model card of a translation. */
export function cycleGanCard(card: {
  readonly record: RunRecord<CycleGanRunOptions>;
  readonly evaluation: CycleGanEvaluation;
}): string {
  const { record, evaluation } = card;
  const { domains, xToY, yToX, split, judge } = evaluation;
  const row = (title: string, result: CycleGanEvaluation['xToY']): string =>
    `| ${title} | ${result.n} | ${result.judgedAsTarget === undefined ? 'not judged' : intervalText(result.judgedAsTarget)} | ${result.originalsJudgedAsTarget === undefined ? 'not judged' : intervalText(result.originalsJudgedAsTarget)} | ${result.cycleL1.toFixed(3)} | ${result.kid === undefined ? 'not measured' : `${result.kid.value.toPrecision(3)} (originals ${result.kid.originals.toPrecision(3)})`} |`;
  const { kid } = xToY;
  const imagesOf = (title: string, { images, n, judgeTrainedOn }: typeof xToY): string =>
    images === undefined
      ? ''
      : `\nImages of ${title}: ${evaluatedImagesText(images, n)}${judgeTrainedOn === undefined ? '' : `; the judge was trained on ${judgeTrainedOn} of ${n}`}.\n`;
  return `# ${domains.x} and ${domains.y}: CycleGAN

Translates images between **${domains.x}** and **${domains.y}**. A translation is a fake and must be called one wherever it is shown.

## Figures

On the ${split} split. Judge: ${judge === 'none' ? 'none' : 'an independent classifier'}; intervals: Wilson, 95 %.

| direction | n | fakes judged as target | originals judged as target | cycle L1 (0 to 2) | kernel distance |
| --- | --- | --- | --- | --- | --- |
${row(`${domains.x} to ${domains.y}`, xToY)}
${row(`${domains.y} to ${domains.x}`, yToX)}
${imagesOf(domains.x, xToY)}${imagesOf(domains.y, yToX)}${kid === undefined ? '' : `\nKernel distance, first direction: ${kid.protocol}.\n`}
## Made with

${optionsTable(record.options)}
Engine ${record.engine}, seed ${record.seed}.

${considerationsText(TRANSLATION_CONSIDERATIONS)}`;
}
