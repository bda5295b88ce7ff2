import { join } from 'node:path';
import {
  writeFileAtomic,
  writeJson,
  type CycleGanEvaluation,
  type DirectionEvaluation,
  type Reporter,
} from '@janus/core';
import type { EngineName, Precision } from '@janus/engine';
import { loadModel, registerLayers, translate } from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import type { Domain } from '../cyclegan/domains.js';
import { readCycleGanRun } from '../cyclegan/options.js';
import { writeFakes } from '../cyclegan/samples.js';
import { decodeItems } from '../item-images.js';
import { countAmong } from '../parts.js';
import { precisionOfRun } from '../precision.js';
import { domainsToMeasure, type DomainsContext, type MeasuredDomain } from './cyclegan-domains.js';
import { openTellers } from './drift.js';
import { openJudge, type Judge } from './judge.js';
import { measureDirection, type DomainImages, type Translate } from './measure-direction.js';
import { measureFaces, type FaceDirection } from './measure-faces.js';
import type { DistanceChoice } from './distance-networks.js';
import { translationCard } from './model-card.js';
import { translationCardJson } from './model-card-json.js';
import { measureDistances } from './measure-distances.js';
import { changedBetween, twinsOf } from './twins.js';

/** What an evaluation of a CycleGAN needs beside its folder. */
export interface CycleGanContext extends DomainsContext, DistanceChoice {
  readonly judge?: string;
  /** Folders of classifier runs that tell what else changed. */
  readonly drift?: readonly string[];
  /** The engine that is in use. */
  readonly engine?: EngineName | 'auto';
}

/**
 * Measures both directions of a translation and draws the course paper's Figure 6.
 *
 * @param context `judge` is the folder of a classifier run that knows the domains' values
 */
export async function evaluateCycleGanRun(
  folder: string,
  context: CycleGanContext,
): Promise<CycleGanEvaluation> {
  const { split, reporter, judge, drift = [], features = 'vgg16', weights } = context;
  const record = await readCycleGanRun(folder);
  const { imageSize: size } = record.options;
  registerLayers();
  const { x, y } = await domainsToMeasure(folder, record, context);
  const classifier = judge === undefined ? undefined : await openJudge(judge, [x, y], reporter);
  const tellers = await openTellers(drift, context.engine);
  const G = await loadModel(join(folder, 'model', 'G'));
  const F = await loadModel(join(folder, 'model', 'F'));
  try {
    const precision = precisionOfRun(record.options, reporter);
    const common = {
      ...{ size, reporter, tellers, changed: changedBetween(x, y) },
      ...(classifier === undefined ? {} : { judge: classifier }),
    };
    const realX = await imagesOf(x, { to: y, size, reporter });
    const realY = await imagesOf(y, { to: x, size, reporter });
    const [forward, backward] = [through(G, { size, precision }), through(F, { size, precision })];
    const ways = { forward, backward };
    const xToY = await measureDirection({ ...common, ...ways, from: realX, to: realY });
    const back = { forward: backward, backward: forward };
    const yToX = await measureDirection({ ...common, ...back, from: realY, to: realX });
    const faces = {
      xToY: await facesIn({ domain: x, from: realX, fakes: xToY.fakes, reporter }),
      yToX: await facesIn({ domain: y, from: realY, fakes: yToX.fakes, reporter }),
    };
    const [distancesX, distancesY] = await measureDistances(
      { ...{ size, split, reporter, features }, ...(weights === undefined ? {} : { weights }) },
      [
        { from: realX, to: realY, measured: xToY },
        { from: realY, to: realX, measured: yToX },
      ],
    );
    const samples = join(folder, 'samples');
    await writeFakes(join(samples, 'figure6.png'), xToY.figure);
    await writeFakes(join(samples, 'figure6-back.png'), yToX.figure);
    const evaluation: CycleGanEvaluation = {
      kind: 'cyclegan',
      domains: { x: x.title, y: y.title },
      ...{ split, features },
      xToY: { ...xToY.result, ...distancesX, ...faces.xToY, ...judgedFacts(x, classifier) },
      yToX: { ...yToX.result, ...distancesY, ...faces.yToX, ...judgedFacts(y, classifier) },
      judge: judge ?? 'none',
    };
    await writeJson(join(folder, 'evaluation.json'), evaluation);
    await writeFileAtomic(join(folder, 'card.md'), translationCard({ record, evaluation }));
    await writeJson(join(folder, 'card.json'), translationCardJson({ record, evaluation }));
    return evaluation;
  } finally {
    for (const opened of [G, F, classifier, ...tellers]) opened?.dispose();
  }
}

/** Returns what takes images through a generator. */
export const through =
  (
    model: tf.LayersModel,
    { size, precision }: { readonly size: number; readonly precision: Precision },
  ): Translate =>
  (images) =>
    translate(model, { images, height: size, width: size }, { precision });

/** Returns what is known of a domain's images, and how many of them the judge was trained on. */
export function judgedFacts(
  { items, facts }: MeasuredDomain,
  judge: Judge | undefined,
): Pick<DirectionEvaluation, 'images' | 'judgeTrainedOn'> {
  const hashes = items.map(({ sha256 }) => sha256);
  return {
    images: facts,
    ...(judge?.trained === undefined ? {} : { judgeTrainedOn: countAmong(hashes, judge.trained) }),
  };
}

/** Decodes a domain's images, and draws their twins where they are generated faces. */
export async function imagesOf(
  domain: Domain,
  options: { readonly to: Domain; readonly size: number; readonly reporter: Reporter },
): Promise<DomainImages> {
  const { to, size, reporter } = options;
  const { items, folder, title } = domain;
  const images = await decodeItems(items, { size, folder, reporter });
  return { ...images, title, twins: await twinsOf(domain, { to, images, reporter }) };
}

export async function facesIn(
  direction: FaceDirection,
): Promise<Pick<DirectionEvaluation, 'face'>> {
  const face = await measureFaces(direction);
  return face === undefined ? {} : { face };
}
