/** A classifier of several targets on the page. */
import {
  countText,
  evaluatedImagesText,
  html,
  numberFiguresText,
  percentText,
  rangeText,
  type ClassifierEvaluation,
  type TargetsEvaluation,
} from '@janus/core';
import { learningCurves } from '@janus/figures';
import { table } from './html.js';
import { figureBlock, type CaptionedFigure, type Section } from './page-parts.js';
import type { ClassifierRun } from './read-runs.js';
import { optionText } from './run-text.js';

/** Returns a classifier of several targets: curves, and the figures of each target with n and interval. */
export function targetsSection(run: ClassifierRun, evaluation: TargetsEvaluation): Section {
  const { split, n, images } = evaluation;
  const targets = Object.values(evaluation.targets);
  const curves: readonly CaptionedFigure[] =
    run.metrics.length === 0
      ? []
      : [
          {
            id: `${run.id}-learning`,
            figure: learningCurves(run.metrics),
            caption:
              'Loss, summed over the targets, and accuracy, over all labels, while training.',
          },
        ];
  const body = html`
<p class="lead">${optionText(run.record)}</p>
<p>On the <b>${split}</b> split (${countText(n)} images), each target on the images that have its label.
<span class="muted">${images === undefined ? '' : `Images: ${evaluatedImagesText(images, n)}.`}</span></p>
${table<ClassifierEvaluation>(
  [
    { title: 'Target', cell: ({ target }) => target },
    { title: 'n', cell: (each) => countText(each.n), numeric: true },
    {
      title: 'Accuracy (95 % interval)',
      cell: ({ accuracy }) => `${percentText(accuracy.value)} (${rangeText(accuracy)})`,
      numeric: true,
    },
    {
      title: 'Commonest class alone',
      cell: ({ majority }) => percentText(majority),
      numeric: true,
    },
    {
      title: 'Balanced (95 % interval)',
      cell: ({ balancedAccuracy: each }) => `${percentText(each.value)} (${rangeText(each)})`,
      numeric: true,
    },
    { title: 'Number', cell: (each) => numberFiguresText(each) ?? '' },
  ],
  targets,
)}
${curves.map(figureBlock)}`;
  return {
    id: run.id,
    title: `Classifier: ${targets.map(({ target }) => target).join(', ')}`,
    body,
    figures: [...curves],
  };
}
