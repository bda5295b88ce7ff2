/** The figures of an evaluation as files beside it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClassifierEvaluation } from '@janus/core';
import { EVALUATION_FIGURES, evaluationFigures } from '@janus/figures';
import { FIGURES_FOLDER, writeFigure } from '../figure-files.js';

/**
 * Writes the figures of an evaluation as SVG and PNG into `figures/` of a run: `roc.png`, or `roc-<of>.png`. Those of an earlier
 * evaluation that this one has no numbers for are removed.
 *
 * @param of what tells them from those of the run's own images or only target: another data set, a target; default nothing
 * @returns the files
 */
export async function writeEvaluationFigures(
  run: string,
  evaluation: ClassifierEvaluation,
  of?: string,
): Promise<readonly string[]> {
  const pathOf = (name: string): string =>
    join(run, FIGURES_FOLDER, of === undefined ? name : `${name}-${of}`);
  const figures = evaluationFigures(evaluation);
  const files: string[] = [];
  for (const name of EVALUATION_FIGURES) {
    const found = figures.find((figure) => figure.name === name);
    if (found === undefined) {
      for (const ending of ['svg', 'png']) await rm(`${pathOf(name)}.${ending}`, { force: true });
    } else {
      const { figure, width } = found;
      files.push(...(await writeFigure(figure, pathOf(name), { width })));
    }
  }
  return files;
}
