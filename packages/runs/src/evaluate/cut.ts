/** Measures a translation of one direction. */
import { join } from 'node:path';
import type { CutEvaluation } from '@janus/core';
import { loadModel } from '@janus/models';
import { readCutRun } from '../cut/options.js';
import { writeFakes } from '../cyclegan/samples.js';
import { measureDirection } from './measure-direction.js';
import { measureDistances } from './measure-distances.js';
import {
  facesIn,
  judgedFacts,
  openMeasuring,
  through,
  writeEvaluation,
  type TranslationContext,
} from './translation-measuring.js';

/**
 * Measures the direction of a CUT as those of a CycleGAN are measured, but for the way back, and draws the course paper's
 * Figure 6.
 *
 * @param context `judge` is the folder of a classifier run that knows the domains' values
 */
export async function evaluateCutRun(
  folder: string,
  context: TranslationContext,
): Promise<CutEvaluation> {
  const { split, reporter, signal, features = 'vgg16', weights } = context;
  const record = await readCutRun(folder);
  const { imageSize: size } = record.options;
  const measuring = await openMeasuring(folder, record, { ...context, ways: 1 });
  const { x, y, realX: from, realY: to, judge, precision, common } = measuring;
  const G = await loadModel(join(folder, 'model', 'G'));
  try {
    const forward = through(G, { size, precision, signal });
    const measured = await measureDirection({ ...common, forward, from, to });
    const face = await facesIn({ domain: x, from, fakes: measured.fakes, reporter, signal });
    const [distances] = await measureDistances(
      {
        ...{ size, split, reporter, signal, features },
        ...(weights === undefined ? {} : { weights }),
      },
      [{ from, to, measured }],
    );
    signal?.throwIfAborted();
    await writeFakes(join(folder, 'samples', 'figure6.png'), measured.figure);
    const evaluation: CutEvaluation = {
      kind: 'cut',
      domains: { x: x.title, y: y.title },
      ...{ split, features },
      xToY: { ...measured.result, ...distances, ...face, ...judgedFacts(x, judge) },
      judge: context.judge ?? 'none',
    };
    await writeEvaluation(folder, { record, evaluation, sheets: ['figure6'] });
    return evaluation;
  } finally {
    for (const opened of [G, measuring]) opened.dispose();
  }
}
