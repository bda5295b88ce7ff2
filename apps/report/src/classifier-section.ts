import {
  type ClassifierEvaluation,
  countText,
  evaluatedImagesText,
  html,
  type Html,
  type Interval,
  type Mistake,
  percentText,
  rangeText,
  wilsonInterval,
} from '@janus/core';
import { accuracyIntervals, confusionFigure, learningCurves } from '@janus/figures';
import { table } from './html.js';
import { measureBlocks, measureFigures } from './evaluation-figures.js';
import { figureBlock, imageBlock, type CaptionedFigure, type Section } from './page-parts.js';
import { paperRowsFor } from './paper-rows.js';
import type { ClassifierRun } from './read-runs.js';
import { optionText, valueText } from './run-text.js';
import { targetsSection } from './targets-section.js';

/** Mistakes that the page names; the sheet shows them. */
const MAX_MISTAKES = 12;

/** Returns what a run is in a few words: `vgg16, 1x1024, frozen`. */
export function runWords(run: ClassifierRun): string {
  const { backbone, head, unfreeze } = run.record.options;
  const words = [backbone, head].filter((each) => typeof each === 'string');
  if (typeof unfreeze === 'string')
    words.push(unfreeze === 'none' ? 'frozen' : `${unfreeze} trained`);
  return words.length === 0 ? run.name : words.join(', ');
}

function rateCell(rate: Interval, n: number): Html {
  return html`${percentText(rate.value)}<br /><span class="muted small">${rangeText(rate)}, n = ${countText(n)}</span>`;
}

function classTable(evaluation: ClassifierEvaluation): Html {
  const { classes, confusion, perClass } = evaluation;
  return table<string>(
    [
      { title: 'Class', cell: (name) => name },
      {
        title: 'Recall',
        cell: (name) => {
          const result = perClass[name];
          return result === undefined ? 'none in the split' : rateCell(result.recall, result.n);
        },
        numeric: true,
      },
      {
        title: 'Precision (Wilson)',
        cell: (name) => {
          const at = classes.indexOf(name);
          const called = confusion.reduce((sum, row) => sum + (row[at] ?? 0), 0);
          if (called === 0) return 'never predicted';
          return rateCell(wilsonInterval(confusion[at]?.[at] ?? 0, called), called);
        },
        numeric: true,
      },
    ],
    classes,
  );
}

function mistakesTable(mistakes: readonly Mistake[], wrong: number): Html {
  return html`<details><summary>The surest of ${countText(wrong)} mistakes</summary>${table<Mistake>(
    [
      { title: 'Image', cell: (mistake) => html`<code>${mistake.id}</code>` },
      { title: 'Labelled', cell: (mistake) => mistake.label },
      { title: 'Predicted', cell: (mistake) => mistake.predicted },
      { title: 'Confidence', cell: (mistake) => percentText(mistake.confidence), numeric: true },
    ],
    mistakes.slice(0, MAX_MISTAKES),
  )}</details>`;
}

function evaluatedFigures(run: ClassifierRun, evaluation: ClassifierEvaluation): CaptionedFigure[] {
  const paper = paperRowsFor(evaluation.target);
  const chance = evaluation.majority;
  return [
    {
      id: `${run.id}-confusion`,
      figure: confusionFigure(evaluation.confusion, evaluation.classes, {
        target: evaluation.target,
      }),
      width: 560,
      caption: `Each row is a true class of the ${evaluation.split} split; the diagonal is its recall.`,
    },
    {
      id: `${run.id}-accuracy`,
      figure: accuracyIntervals(
        [
          {
            label: `This run: ${runWords(run)}`,
            ...evaluation.accuracy,
            n: evaluation.n,
          },
          ...paper.rows,
        ],
        {
          title: 'Beside the paper',
          reference: { value: chance, label: `most frequent class ${percentText(chance)}` },
        },
      ),
      caption: paper.sameTarget
        ? `Rows of the paper’s Table ${paper.table}. Its data are not ours, so this is an orientation and not a contest. The paper gives no intervals: Wilson’s are added where its splits tell n.`
        : `The paper asked another question (gender, Table ${paper.table}) of other images: an orientation only. The paper gives no intervals: Wilson’s are added where its splits tell n.`,
    },
  ];
}

/** Returns one classifier: curves, confusion, classes, the paper's rows, mistakes. */
export async function classifierSection(run: ClassifierRun): Promise<Section> {
  const { evaluation, targets } = run;
  if (targets !== undefined) return targetsSection(run, targets);
  const curves: CaptionedFigure[] =
    run.metrics.length === 0
      ? []
      : [
          {
            id: `${run.id}-learning`,
            figure: learningCurves(run.metrics),
            caption:
              'Loss and accuracy while training. A validation curve that turns away from the training curve shows overfitting.',
          },
        ];
  const evaluated = evaluation === undefined ? [] : evaluatedFigures(run, evaluation);
  const measured = evaluation === undefined ? [] : measureFigures(run.id, evaluation);
  const sheet = run.samples.get('mistakes');
  const wrong =
    evaluation === undefined ? 0 : Math.round(evaluation.n * (1 - evaluation.accuracy.value));
  const body = html`
<p class="lead">${runWords(run)}; ${optionText(run.record)}</p>
${
  evaluation === undefined
    ? html`<p class="note">Not evaluated yet: <code>janus evaluate ${run.name}</code> adds accuracy, confusion matrix and mistakes.</p>`
    : html`<p>On the <b>${evaluation.split}</b> split the classifier tells <b>${evaluation.target}</b> right for
<b>${percentText(evaluation.accuracy.value)}</b> of ${countText(evaluation.n)} images (95 % interval ${rangeText(evaluation.accuracy)}).
Balanced over the classes: ${percentText(evaluation.balancedAccuracy.value)} (${rangeText(evaluation.balancedAccuracy)}, n = ${countText(evaluation.n)}).
Its confidence is off by ${percentText(evaluation.calibrationError)} on average (expected calibration error, n = ${countText(evaluation.n)}).
<span class="muted">Intervals: ${evaluation.intervalMethod}.${evaluation.images === undefined ? '' : ` Images: ${evaluatedImagesText(evaluation.images, evaluation.n)}.`}</span></p>`
}
${curves.map(figureBlock)}
${
  evaluation === undefined
    ? ''
    : html`<div class="columns">${evaluated.slice(0, 1).map(figureBlock)}<div>${classTable(evaluation)}</div></div>${evaluated.slice(1).map(figureBlock)}${measureBlocks(measured)}`
}
${
  sheet === undefined
    ? ''
    : await imageBlock(sheet, {
        alt: 'Contact sheet of misclassified images',
        caption:
          'Images that were taken for another class. Look for wrong labels, poor light, and faces that the data set rarely shows.',
      })
}
${evaluation === undefined || evaluation.mistakes.length === 0 ? '' : mistakesTable(evaluation.mistakes, wrong)}`;
  return {
    id: run.id,
    title: `Classifier: ${evaluation?.target ?? valueText(run.record.options['target'] ?? run.name)}`,
    body,
    figures: [...curves, ...evaluated, ...measured],
  };
}
