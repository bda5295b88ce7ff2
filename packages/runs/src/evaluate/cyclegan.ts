import { join } from 'node:path';
import {
  OptionsError,
  wilsonInterval,
  writeFileAtomic,
  writeJson,
  type CycleGanEvaluation,
  type DirectionEvaluation,
  type Interval,
  type KernelDistance,
  type Reporter,
} from '@janus/core';
import type { Precision } from '@janus/engine';
import { resizeImages } from '@janus/images';
import {
  argMax,
  computeFeatures,
  featureRows,
  loadClassifier,
  loadModel,
  registerLayers,
  translate,
  type SquareImages,
  type TrainedClassifier,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { readClassifierRun } from '../classifier/options.js';
import { knownClassifierParts } from '../classifier/parts.js';
import type { Domain } from '../cyclegan/domains.js';
import { readCycleGanRun } from '../cyclegan/options.js';
import { writeFakes } from '../cyclegan/samples.js';
import { decodeItems } from '../item-images.js';
import { countAmong, trainedHashes } from '../parts.js';
import { precisionOfRun } from '../precision.js';
import { domainsToMeasure, type DomainsContext, type MeasuredDomain } from './cyclegan-domains.js';
import { distanceBetween, openDistanceNetwork } from './kernel-distance.js';
import { cycleGanCard } from './model-card.js';
import { cycleGanCardJson } from './model-card-json.js';

/** Columns of Figure 6. */
const SHOWN = 10;

/** What an evaluation of a CycleGAN needs beside its folder. */
interface CycleGanContext extends DomainsContext {
  readonly judge?: string;
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
  const { split, reporter, judge } = context;
  const record = await readCycleGanRun(folder);
  const { imageSize: size } = record.options;
  registerLayers();
  const { x, y } = await domainsToMeasure(folder, record, context);
  const classifier = judge === undefined ? undefined : await openJudge(judge, [x, y], reporter);
  const G = await loadModel(join(folder, 'model', 'G'));
  const F = await loadModel(join(folder, 'model', 'F'));
  try {
    const precision = precisionOfRun(record.options, reporter);
    const common = {
      ...{ size, precision, reporter },
      ...(classifier === undefined ? {} : { judge: classifier }),
    };
    const decode = async ({ items, folder: of, title }: Domain): Promise<DomainImages> => ({
      ...(await decodeItems(items, { size, folder: of, reporter })),
      title,
    });
    const realX = await decode(x);
    const realY = await decode(y);
    const xToY = await measure({ ...common, from: realX, to: realY, forward: G, backward: F });
    const yToX = await measure({ ...common, from: realY, to: realX, forward: F, backward: G });
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
    for (const model of [G, F, classifier?.model]) model?.dispose();
  }
}

/** A classifier that judges fakes, and what it computes in. */
interface Judge extends TrainedClassifier {
  readonly precision: Precision;
  /** Content hashes of the images that it was trained on; undefined where its run does not say. */
  readonly trained: ReadonlySet<string> | undefined;
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

async function openJudge(
  folder: string,
  domains: readonly Domain[],
  reporter: Reporter,
): Promise<Judge> {
  const record = await readClassifierRun(folder);
  const judge = await loadClassifier(join(folder, 'model'));
  const { classes } = judge.description;
  const unknown = domains.find(({ title }) => !classes.includes(title));
  if (unknown !== undefined) {
    judge.model.dispose();
    throw new OptionsError(
      `--judge: must know the domains' values, but ${folder} knows ${classes.join(', ')} and not ${unknown.title}. Train one with --target on that column.`,
    );
  }
  const parts = await knownClassifierParts(folder, record);
  if (parts === undefined) {
    reporter.log(
      `${folder}: does not say on which images it was trained, and its data is not there as it was: whether it judges some of them is not known.`,
    );
  }
  return {
    ...judge,
    precision: precisionOfRun(record.options, reporter),
    trained: parts === undefined ? undefined : trainedHashes(parts),
  };
}

/** A domain's images with their title. */
interface DomainImages extends SquareImages {
  readonly title: string;
}

/** What a direction makes, and how it fared. */
interface Measured {
  readonly result: DirectionEvaluation;
  readonly fakes: Uint8Array;
  readonly figure: Parameters<typeof writeFakes>[1];
}

interface Direction {
  readonly from: DomainImages;
  readonly to: DomainImages;
  readonly forward: tf.LayersModel;
  readonly backward: tf.LayersModel;
  readonly size: number;
  /** What the generators compute in. */
  readonly precision: Precision;
  readonly reporter: Reporter;
  readonly judge?: Judge;
}

async function measure(direction: Direction): Promise<Measured> {
  const { from, to, forward, backward, size, precision, reporter, judge } = direction;
  const { pixels, count } = from;
  const through = (model: tf.LayersModel, images: Uint8Array): Promise<Uint8Array> =>
    translate(model, { images, height: size, width: size }, { precision });
  const fakes = await through(forward, pixels);
  const cycled = await through(backward, fakes);
  const opinions = async (images: Uint8Array, of: string): Promise<readonly string[]> =>
    judge === undefined
      ? []
      : await judgeOf(
          judge,
          { pixels: images, count, size },
          { reporter, label: `judging, ${of}` },
        );
  const ofFakes = await opinions(fakes, `fakes of ${to.title}`);
  const ofOriginals = await opinions(pixels, `images of ${from.title}`);
  const share = (values: readonly string[]): Interval =>
    wilsonInterval(values.filter((value) => value === to.title).length, values.length);
  const shown = Math.min(SHOWN, count) * size * size * 3;
  return {
    fakes,
    result: {
      n: count,
      ...(judge === undefined
        ? {}
        : { judgedAsTarget: share(ofFakes), originalsJudgedAsTarget: share(ofOriginals) }),
      cycleL1: meanDifference(cycled, pixels),
      changeL1: meanDifference(fakes, pixels),
    },
    figure: {
      size,
      originals: pixels.slice(0, shown),
      fakes: fakes.slice(0, shown),
      title: `${from.title} to ${to.title}`,
      ...(judge === undefined ? {} : { captions: ofFakes.slice(0, Math.min(SHOWN, count)) }),
    },
  };
}

/** Measures how far each direction's fakes lie from the real images that they imitate. */
async function measureDistances(
  { size, reporter }: { readonly size: number; readonly reporter: Reporter },
  [realX, realY]: readonly [DomainImages, DomainImages],
  { xToY, yToX }: Record<'xToY' | 'yToX', Measured>,
): Promise<Record<'xToY' | 'yToX', { readonly kid?: KernelDistance }>> {
  const network = await openDistanceNetwork(size, reporter);
  if (network === undefined) return { xToY: {}, yToX: {} };
  try {
    const ofX = await network.features(realX.pixels, realX.count, `images of ${realX.title}`);
    const ofY = await network.features(realY.pixels, realY.count, `images of ${realY.title}`);
    const fakeY = await network.features(xToY.fakes, realX.count, `fakes of ${realY.title}`);
    const fakeX = await network.features(yToX.fakes, realY.count, `fakes of ${realX.title}`);
    const distanceOfY = distanceBetween(network, { fakes: fakeY, sources: ofX, targets: ofY });
    const distanceOfX = distanceBetween(network, { fakes: fakeX, sources: ofY, targets: ofX });
    return {
      xToY: distanceOfY === undefined ? {} : { kid: distanceOfY },
      yToX: distanceOfX === undefined ? {} : { kid: distanceOfX },
    };
  } finally {
    network.dispose();
  }
}

/** Returns the class that the judge sees in each image, scaled to the size it was trained on. */
async function judgeOf(
  judge: Judge,
  images: SquareImages,
  { reporter, label }: { readonly reporter: Reporter; readonly label: string },
): Promise<readonly string[]> {
  const { imageSize, classes, preprocessing } = judge.description;
  const pixels = await resizeImages(images, imageSize);
  const features = await computeFeatures(
    judge.model,
    { pixels, count: images.count, size: imageSize },
    { preprocessing, precision: judge.precision, report: reporter.progress, label },
  );
  return featureRows(features).map((logits) => classes[argMax(logits)] ?? '');
}

/** Mean absolute difference in signed pixels: 0 to 2. */
function meanDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length / 127.5;
}
