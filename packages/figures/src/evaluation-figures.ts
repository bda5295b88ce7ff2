/** Chooses the figures of an evaluation from what it holds. */
import type { ClassifierEvaluation, SliceFrame } from '@janus/core';
import { confusionFigure } from './confusion.js';
import type { Figure } from './figure.js';
import { precisionRecallFigure, rocFigure } from './ranking.js';
import { reliabilityDiagram } from './reliability.js';
import { robustnessFigure } from './robustness.js';
import { slicesFigure } from './slices.js';

/** The figures that an evaluation may have, in the order of {@link evaluationFigures}; also names of files. */
export const EVALUATION_FIGURES = [
  'confusion',
  'roc',
  'precision-recall',
  'reliability',
  'slices',
  'slices-pairs',
  'robustness',
] as const;

/** What a figure of an evaluation is about. */
export type EvaluationFigureName = (typeof EVALUATION_FIGURES)[number];

/** One figure of {@link evaluationFigures}. */
export interface EvaluationFigure {
  readonly name: EvaluationFigureName;
  readonly figure: Figure;
  /** Pixels; square figures are narrower than the renderer's default. */
  readonly width: number;
}

/** Pixels of figures whose axes are alike, and of the others. */
const [SQUARE, WIDE] = [560, 760];

/** Groups of pairs that are drawn: a page. */
const MOST_PAIRS = 36;

/**
 * Draws all that an evaluation of a classifier holds: confusion, ROC and precision-recall curves, reliability, groups of single
 * columns and of pairs, and robustness. What it lacks, because it is of an earlier version or was not asked for, is left out, and so
 * are columns none of whose groups is large enough.
 */
export function evaluationFigures(evaluation: ClassifierEvaluation): readonly EvaluationFigure[] {
  const { confusion, classes, target, perClass, accuracy, n } = evaluation;
  const { ranking, calibration, slices, robustness } = evaluation;
  const figures: EvaluationFigure[] = [];
  const add = (name: EvaluationFigureName, width: number, figure: Figure): void => {
    figures.push({ name, figure, width });
  };
  add('confusion', SQUARE, confusionFigure(confusion, classes, { target }));
  if (ranking !== undefined && Object.keys(ranking.perClass).length > 0) {
    const counts = Object.fromEntries(
      Object.entries(perClass).map(([name, each]) => [name, each.n]),
    );
    add('roc', SQUARE, rocFigure(ranking, { counts }));
    add('precision-recall', SQUARE, precisionRecallFigure(ranking, { counts }));
  }
  if (calibration !== undefined) add('reliability', SQUARE, reliabilityDiagram(calibration));
  const groups = (columns: 'one' | 'several'): readonly SliceFrame[] =>
    slices?.frames.filter(
      (frame) =>
        frame.cells.some((cell) => cell.accuracy !== undefined) &&
        (frame.columns.length === 1) === (columns === 'one'),
    ) ?? [];
  const look = { overall: accuracy, n, minCell: slices?.minCell ?? 0 };
  if (groups('one').length > 0) add('slices', WIDE, slicesFigure(groups('one'), look));
  if (groups('several').length > 0) {
    const pairs = { title: 'Accuracy by pairs of groups', most: MOST_PAIRS };
    add('slices-pairs', WIDE, slicesFigure(groups('several'), { ...look, ...pairs }));
  }
  if (robustness !== undefined && robustness.rows.length > 0) {
    add('robustness', WIDE, robustnessFigure(robustness));
  }
  return figures;
}
