import {
  directionsOf,
  translationTitle,
  type TranslationEvaluation,
  evaluatedImagesText,
  intervalText,
  isBootstrapped,
  measureNotes,
  measureRows,
  reconstructionRows,
  numberFiguresText,
  percentText,
  translationVerdict,
  type ClassifierEvaluation,
  type NamedDirection,
  type RunRecord,
  type SlicesRecord,
} from '@janus/core';
import type { DatasetRecord } from '@janus/data';
import type { ClassifierRunOptions } from '../classifier/options.js';
import { backboneText } from './backbone-text.js';
import {
  classifierConsiderations,
  sliceName,
  TRANSLATION_CONSIDERATIONS,
  type CardConsiderations,
} from './card-considerations.js';

/** Returns what a model is for, what not, and its limits, as sections. */
export function considerationsText(given: CardConsiderations): string {
  const { uses, limits, tradeoffs, nonUses } = given;
  const sections = { For: uses, Limits: limits, 'Trade-offs': tradeoffs, 'Not for': nonUses };
  return Object.entries(sections)
    .map(([title, texts]) => `## ${title}\n\n${texts.map((each) => `- ${each}\n`).join('')}`)
    .join('\n');
}

/** Returns accuracy by group as tables; nothing where it was not measured. */
export function slicesText(slices: SlicesRecord | undefined): string {
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

${considerationsText(classifierConsiderations(evaluation, dataset, record.options))}`;
}

/** What cards call the kinds of translation, and how they begin. */
const TRANSLATION_MODELS: Readonly<
  Record<TranslationEvaluation['kind'], { readonly title: string; readonly what: string }>
> = {
  cyclegan: { title: 'CycleGAN', what: 'Translates images between' },
  cut: { title: 'CUT', what: 'Translates images from' },
  stargan: { title: 'StarGAN', what: 'Sets attributes of images:' },
  icgan: { title: 'IcGAN', what: 'Makes images again with attributes set:' },
};

/** Returns the model card of a translation. */
export function translationCard(card: {
  readonly record: RunRecord<object>;
  readonly evaluation: TranslationEvaluation;
}): string {
  const { record, evaluation } = card;
  const { split, judge } = evaluation;
  const { title, what } = TRANSLATION_MODELS[evaluation.kind];
  const name = translationTitle(evaluation);
  const directions = directionsOf(evaluation);
  const imagesOf = ({ from, result: { images, n, judgeTrainedOn } }: NamedDirection): string =>
    images === undefined
      ? ''
      : `\nImages of ${from}: ${evaluatedImagesText(images, n)}${judgeTrainedOn === undefined ? '' : `; the judge was trained on ${judgeTrainedOn} of ${n}`}.\n`;
  const bold = evaluation.kind === 'cyclegan' ? name.replace(' and ', '** and **') : name;
  return `# ${name}: ${title}

${what} **${bold}**. A translation is a fake and must be called one wherever it is shown.

## Figures

On the ${split} split. Judge: ${judge === 'none' ? 'none' : 'an independent classifier'}; intervals: ${directions.some(({ result }) => isBootstrapped(result)) ? 'bootstrap over people of judged shares where one has several images, else Wilson' : 'Wilson'}, 95 %.

${directions.map((direction) => directionText(direction, evaluation)).join('\n')}
${[...new Set(directions.map(imagesOf))].join('')}${reconstructionsText(evaluation)}
## Made with

${optionsTable(record.options)}
Engine ${record.engine}, seed ${record.seed}.

${considerationsText(TRANSLATION_CONSIDERATIONS)}`;
}

/** Returns how faces are made again without a change, of a run that does. */
function reconstructionsText(evaluation: TranslationEvaluation): string {
  if (!('changes' in evaluation) || evaluation.reconstructions === undefined) return '';
  const { reconstructions } = evaluation;
  const [titles, ...rows] = reconstructionRows(reconstructions).map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
  return `
### Made again without a change, n = ${reconstructions.n}

${titles ?? ''}
| --- | --- | --- |
${rows.join('\n')}
`;
}

/** Returns a direction's measures as a table, and what they mean. */
function directionText(
  { from, to, result: direction }: NamedDirection,
  { features }: TranslationEvaluation,
): string {
  const rows = measureRows(direction, { to, features }).map(
    ({ measure, fakes = '', originals = '', twins = '' }) =>
      `| ${measure.replaceAll('|', '\\|')} | ${fakes} | ${originals} | ${twins} |`,
  );
  return `### ${from} to ${to}, n = ${direction.n}

${translationVerdict(direction, { to })}

| measure | fakes | originals | twins |
| --- | --- | --- | --- |
${rows.join('\n')}

${measureNotes(direction).join(' ')}
`;
}
