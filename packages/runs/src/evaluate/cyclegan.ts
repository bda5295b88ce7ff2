import { join } from 'node:path';
import type { CycleGanEvaluation } from '@janus/core';
import { loadModel } from '@janus/models';
import { readCycleGanRun } from '../cyclegan/options.js';
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
 * Measures both directions of a translation and draws the course paper's Figure 6.
 *
 * @param context `judge` is the folder of a classifier run that knows the domains' values
 */
export async function evaluateCycleGanRun(
  folder: string,
  context: TranslationContext,
): Promise<CycleGanEvaluation> {
  const { split, reporter, signal, features = 'vgg16', weights } = context;
  const record = await readCycleGanRun(folder);
  const { imageSize: size, imageWidth: width = size } = record.options;
  const sides = { size, width };
  const measuring = await openMeasuring(folder, record, context);
  const { x, y, realX, realY, judge, precision, common } = measuring;
  const G = await loadModel(join(folder, 'model', 'G'));
  const F = await loadModel(join(folder, 'model', 'F'));
  try {
    const forward = through(G, { ...sides, precision, signal });
    const backward = through(F, { ...sides, precision, signal });
    const ways = { forward, backward };
    const xToY = await measureDirection({ ...common, ...ways, from: realX, to: realY });
    const back = { forward: backward, backward: forward };
    const yToX = await measureDirection({ ...common, ...back, from: realY, to: realX });
    const faces = {
      xToY: await facesIn({ domain: x, from: realX, fakes: xToY.fakes, reporter, signal }),
      yToX: await facesIn({ domain: y, from: realY, fakes: yToX.fakes, reporter, signal }),
    };
    const [distancesX, distancesY] = await measureDistances(
      {
        ...{ ...sides, split, reporter, signal, features },
        ...(weights === undefined ? {} : { weights }),
      },
      [
        { from: realX, to: realY, measured: xToY },
        { from: realY, to: realX, measured: yToX },
      ],
    );
    signal?.throwIfAborted();
    const samples = join(folder, 'samples');
    await writeFakes(join(samples, 'figure6.png'), xToY.figure);
    await writeFakes(join(samples, 'figure6-back.png'), yToX.figure);
    const evaluation: CycleGanEvaluation = {
      kind: 'cyclegan',
      domains: { x: x.title, y: y.title },
      ...{ split, features },
      xToY: { ...xToY.result, ...distancesX, ...faces.xToY, ...judgedFacts(x, judge) },
      yToX: { ...yToX.result, ...distancesY, ...faces.yToX, ...judgedFacts(y, judge) },
      judge: context.judge ?? 'none',
    };
    await writeEvaluation(folder, {
      ...{ record, evaluation, sheets: ['figure6', 'figure6-back'] },
    });
    return evaluation;
  } finally {
    for (const opened of [G, F, measuring]) opened.dispose();
  }
}
