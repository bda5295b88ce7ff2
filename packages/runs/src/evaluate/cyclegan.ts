import { join } from 'node:path';
import {
  writeFileAtomic,
  writeJson,
  type CycleGanEvaluation,
  type DirectionEvaluation,
  type Reporter,
} from '@janus/core';
import type { EngineName } from '@janus/engine';
import { loadModel, registerLayers, type Features } from '@janus/models';
import type { Domain } from '../cyclegan/domains.js';
import { readCycleGanRun } from '../cyclegan/options.js';
import { writeFakes } from '../cyclegan/samples.js';
import { decodeItems } from '../item-images.js';
import { countAmong } from '../parts.js';
import { precisionOfRun } from '../precision.js';
import { domainsToMeasure, type DomainsContext, type MeasuredDomain } from './cyclegan-domains.js';
import { openTellers } from './drift.js';
import { openJudge, type Judge } from './judge.js';
import {
  measureDirection,
  type DomainImages,
  type MeasuredDirection,
} from './measure-direction.js';
import { cycleGanCard } from './model-card.js';
import { cycleGanCardJson } from './model-card-json.js';
import { distancesBetween, openDistanceNetwork } from './set-distances.js';
import { changedBetween, twinsOf } from './twins.js';

/** What an evaluation of a CycleGAN needs beside its folder. */
interface CycleGanContext extends DomainsContext {
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
  const { split, reporter, judge, drift = [] } = context;
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
      ...{ size, precision, reporter, tellers, changed: changedBetween(x, y) },
      ...(classifier === undefined ? {} : { judge: classifier }),
    };
    const realX = await imagesOf(x, { to: y, size, reporter });
    const realY = await imagesOf(y, { to: x, size, reporter });
    const ways = { forward: G, backward: F };
    const xToY = await measureDirection({ ...common, ...ways, from: realX, to: realY });
    const back = { forward: F, backward: G };
    const yToX = await measureDirection({ ...common, ...back, from: realY, to: realX });
    const distances = await measureDistances({ size, reporter }, [realX, realY], { xToY, yToX });
    const samples = join(folder, 'samples');
    await writeFakes(join(samples, 'figure6.png'), xToY.figure);
    await writeFakes(join(samples, 'figure6-back.png'), yToX.figure);
    const evaluation: CycleGanEvaluation = {
      kind: 'cyclegan',
      domains: { x: x.title, y: y.title },
      split,
      xToY: { ...xToY.result, ...distances.xToY, ...judgedFacts(x, classifier) },
      yToX: { ...yToX.result, ...distances.yToX, ...judgedFacts(y, classifier) },
      judge: judge ?? 'none',
    };
    await writeJson(join(folder, 'evaluation.json'), evaluation);
    await writeFileAtomic(join(folder, 'card.md'), cycleGanCard({ record, evaluation }));
    await writeJson(join(folder, 'card.json'), cycleGanCardJson({ record, evaluation }));
    return evaluation;
  } finally {
    for (const model of [G, F, classifier?.model, ...tellers]) model?.dispose();
  }
}

/** Returns what is known of a domain's images, and how many of them the judge was trained on. */
function judgedFacts(
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
async function imagesOf(
  domain: Domain,
  options: { readonly to: Domain; readonly size: number; readonly reporter: Reporter },
): Promise<DomainImages> {
  const { to, size, reporter } = options;
  const { items, folder, title } = domain;
  const images = await decodeItems(items, { size, folder, reporter });
  return { ...images, title, twins: await twinsOf(domain, { to, images, reporter }) };
}

/** What the network that neither generators nor judge depend on tells of a direction. */
type SeenDistances = Pick<DirectionEvaluation, 'kid' | 'frechet' | 'neighbourhoods' | 'cycle'>;

/** Measures how far each direction's fakes lie from the real images that they imitate. */
async function measureDistances(
  { size, reporter }: { readonly size: number; readonly reporter: Reporter },
  [realX, realY]: readonly [DomainImages, DomainImages],
  { xToY, yToX }: Record<'xToY' | 'yToX', MeasuredDirection>,
): Promise<Record<'xToY' | 'yToX', SeenDistances>> {
  const network = await openDistanceNetwork(size, reporter);
  if (network === undefined) return { xToY: {}, yToX: {} };
  const seen = async (
    { result, fakes, cycled }: MeasuredDirection,
    [from, to]: readonly [DomainImages, DomainImages],
    [sources, targets]: readonly [Features, Features],
  ): Promise<SeenDistances> => {
    const of = await network.features(fakes, from.count, `fakes of ${to.title}`);
    const perceptual = await network.perceptual(cycled, from.pixels, from.count);
    const distances = distancesBetween(network, { fakes: of, sources, targets });
    return { ...distances, cycle: { ...result.cycle, perceptual } };
  };
  try {
    const ofX = await network.features(realX.pixels, realX.count, `images of ${realX.title}`);
    const ofY = await network.features(realY.pixels, realY.count, `images of ${realY.title}`);
    return {
      xToY: await seen(xToY, [realX, realY], [ofX, ofY]),
      yToX: await seen(yToX, [realY, realX], [ofY, ofX]),
    };
  } finally {
    network.dispose();
  }
}
