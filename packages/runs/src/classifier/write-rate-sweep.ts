/** What a sweep over learning rates found, as files. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '@janus/core';
import { writeFigure } from '../figure-files.js';
import type { FoundLearningRate } from './find-learning-rate.js';

/**
 * Writes `lr-find.json`, all of what a sweep found, and its figure, `lr-find.svg` and `lr-find.png`, to a folder; makes the
 * folder, replaces files that are there, and returns the three.
 */
export async function writeRateSweep(
  result: FoundLearningRate,
  folder: string,
): Promise<readonly string[]> {
  // Loads Plotly's bundle: only when figures are asked for.
  const { rateSweepFigure } = await import('@janus/figures');
  const { phase, rows, suggestion } = result;
  const figure = rateSweepFigure(rows, {
    title: `Learning rates of the phase ${phase}`,
    ...(suggestion === null ? {} : { suggestion }),
  });
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'lr-find.json');
  await writeJson(file, result);
  return [file, ...(await writeFigure(figure, join(folder, 'lr-find')))];
}
