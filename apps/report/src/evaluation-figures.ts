/** The figures of a classifier's evaluation on the page, beside its confusion matrix. */
import { type ClassifierEvaluation, html, type Html } from '@janus/core';
import { evaluationFigures, type EvaluationFigureName } from '@janus/figures';
import { figureBlock, type CaptionedFigure } from './page-parts.js';

/** What the page says of each; those without a caption are not on it. */
const CAPTIONS: Readonly<Partial<Record<EvaluationFigureName, string>>> = {
  roc: 'Recall over the share of the other classes that is taken for the class, at every threshold.',
  'precision-recall':
    'How many of those named so are of the class, over the share of the class that is found.',
  reliability:
    'Below the diagonal the classifier is surer than it is right. Beneath: how many predictions have that confidence.',
  slices:
    'The largest difference between groups lies above 0 by chance alone: look at its p, which is corrected for the number of comparisons.',
  robustness: 'The same images made worse by known amounts, at the size that the network takes.',
};

/** Returns the figures of an evaluation that the page shows, each with its place in a run's files. */
export function measureFigures(
  id: string,
  evaluation: ClassifierEvaluation,
): readonly CaptionedFigure[] {
  return evaluationFigures(evaluation).flatMap(({ name, figure, width }) => {
    const caption = CAPTIONS[name];
    return caption === undefined ? [] : [{ id: `${id}-${name}`, figure, width, caption }];
  });
}

/** Returns the figures in the page's columns: the narrow ones two to a row. */
export function measureBlocks(figures: readonly CaptionedFigure[]): Html {
  const isNarrow = ({ width }: CaptionedFigure): boolean => width !== undefined && width < 700;
  return html`${figures.some(isNarrow) ? html`<div class="columns">${figures.filter(isNarrow).map(figureBlock)}</div>` : ''}${figures
    .filter((figure) => !isNarrow(figure))
    .map(figureBlock)}`;
}
