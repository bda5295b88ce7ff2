/** Measures a translation of one direction. */
import { join } from 'node:path';
import { writeFileAtomic, writeJson, type CutEvaluation } from '@janus/core';
import { loadModel, registerLayers } from '@janus/models';
import { readCutRun } from '../cut/options.js';
import { writeFakes } from '../cyclegan/samples.js';
import { precisionOfRun } from '../precision.js';
import { domainsToMeasure } from './cyclegan-domains.js';
import { facesIn, imagesOf, judgedFacts, through, type CycleGanContext } from './cyclegan.js';
import { openTellers } from './drift.js';
import { openJudge } from './judge.js';
import { measureDirection } from './measure-direction.js';
import { measureDistances } from './measure-distances.js';
import { translationCard } from './model-card.js';
import { translationCardJson } from './model-card-json.js';
import { changedBetween } from './twins.js';

/**
 * Measures the direction of a CUT as those of a CycleGAN are measured, but for the way back, and draws the course paper's
 * Figure 6.
 *
 * @param context `judge` is the folder of a classifier run that knows the domains' values
 */
export async function evaluateCutRun(
  folder: string,
  context: CycleGanContext,
): Promise<CutEvaluation> {
  const { split, reporter, judge, drift = [], features = 'vgg16', weights } = context;
  const record = await readCutRun(folder);
  const { imageSize: size } = record.options;
  registerLayers();
  const { x, y } = await domainsToMeasure(folder, record, context);
  const classifier = judge === undefined ? undefined : await openJudge(judge, [x, y], reporter);
  const tellers = await openTellers(drift, context.engine);
  const G = await loadModel(join(folder, 'model', 'G'));
  try {
    const precision = precisionOfRun(record.options, reporter);
    const from = await imagesOf(x, { to: y, size, reporter });
    const to = await imagesOf(y, { to: x, size, reporter });
    const measured = await measureDirection({
      ...{ from, to, size, reporter, tellers, changed: changedBetween(x, y) },
      forward: through(G, { size, precision }),
      ...(classifier === undefined ? {} : { judge: classifier }),
    });
    const face = await facesIn({ domain: x, from, fakes: measured.fakes, reporter });
    const [distances] = await measureDistances(
      { ...{ size, split, reporter, features }, ...(weights === undefined ? {} : { weights }) },
      [{ from, to, measured }],
    );
    await writeFakes(join(folder, 'samples', 'figure6.png'), measured.figure);
    const evaluation: CutEvaluation = {
      kind: 'cut',
      domains: { x: x.title, y: y.title },
      ...{ split, features },
      xToY: { ...measured.result, ...distances, ...face, ...judgedFacts(x, classifier) },
      judge: judge ?? 'none',
    };
    await writeJson(join(folder, 'evaluation.json'), evaluation);
    await writeFileAtomic(join(folder, 'card.md'), translationCard({ record, evaluation }));
    await writeJson(join(folder, 'card.json'), translationCardJson({ record, evaluation }));
    return evaluation;
  } finally {
    for (const opened of [G, classifier, ...tellers]) opened?.dispose();
  }
}
