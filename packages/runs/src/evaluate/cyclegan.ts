import { join } from 'node:path';
import {
  OptionsError,
  percent,
  readRun,
  wilsonInterval,
  writeFileAtomic,
  writeJson,
  type Interval,
  type Reporter,
} from '@janus/core';
import type { Precision } from '@janus/engine';
import { resizeImages } from '@janus/images';
import {
  argMax,
  computeFeatures,
  loadClassifier,
  loadModel,
  registerLayers,
  translate,
  type SquareImages,
  type TrainedClassifier,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { cycleGanCard } from './model-card.js';
import { writeFakes } from '../cyclegan/train.js';
import { openDomain, type Domain } from '../cyclegan/domains.js';
import type { EvaluateContext } from './classifier.js';
import { distanceBetween, openFeatureNetwork, type KernelDistance } from './kernel-distance.js';
import { decodeItems } from '../classifier/inputs.js';
import { precisionOfRun } from '../precision.js';

/** How one direction fared on the test split. */
interface DirectionResult {
  readonly n: number;
  /** How often an independent classifier says that a fake has the other value; Wilson, 95 %. */
  readonly judgedAsTarget?: Interval;
  /** The same of the originals: what the judge's own errors would give. */
  readonly originalsJudgedAsTarget?: Interval;
  /** Mean absolute difference of the cycled image, 0 to 2 (signed pixels). */
  readonly cycleL1: number;
  /** Mean absolute difference that the translation makes, 0 to 2. */
  readonly changeL1: number;
  /** From the fakes to real images of the other value; missing where VGG-16's weights are. */
  readonly kid?: KernelDistance;
}

/** What `janus evaluate` says of a CycleGAN. */
export interface CycleGanEvaluation {
  readonly kind: 'cyclegan';
  readonly domains: { readonly x: string; readonly y: string };
  readonly split: string;
  readonly xToY: DirectionResult;
  readonly yToX: DirectionResult;
  /** The run that judged; `none` where none was named. */
  readonly judge: string;
}

/** Columns of Figure 6. */
const SHOWN = 10;

/** Measures both directions of a translation and draws the paper's Figure 6. */
export async function evaluateCycleGanRun(
  context: EvaluateContext & { readonly judge?: string },
): Promise<{ readonly evaluation: CycleGanEvaluation; readonly lines: readonly string[] }> {
  const { folder, record, split, reporter, judge } = context;
  registerLayers();
  const size = Number(record.options['imageSize']);
  const x = await openDomain(String(record.options['x']), split);
  const y = await openDomain(String(record.options['y']), split);
  const G = await loadModel(join(folder, 'model', 'G'));
  const F = await loadModel(join(folder, 'model', 'F'));
  const classifier = judge === undefined ? undefined : await openJudge(judge, [x, y], reporter);
  const common = { size, reporter, ...(classifier === undefined ? {} : { judge: classifier }) };
  const decode = async (domain: Domain): Promise<DomainImages> => ({
    ...(await decodeItems(domain.items, {
      ...{ size, reporter },
      ...(domain.folder === undefined ? {} : { folder: domain.folder }),
    })),
    title: domain.title,
  });
  const realX = await decode(x);
  const realY = await decode(y);
  const there = await measure({ ...common, from: realX, to: realY, forward: G, back: F });
  const back = await measure({ ...common, from: realY, to: realX, forward: F, back: G });
  const distances = await measureDistances({ size, reporter }, [realX, realY], [there, back]);
  const samples = join(folder, 'samples');
  await writeFakes(join(samples, 'figure6.png'), there.figure);
  await writeFakes(join(samples, 'figure6-back.png'), back.figure);
  for (const model of [G, F, classifier?.model]) model?.dispose();
  const evaluation: CycleGanEvaluation = {
    kind: 'cyclegan',
    domains: { x: x.title, y: y.title },
    split,
    xToY: { ...there.result, ...distances.xToY },
    yToX: { ...back.result, ...distances.yToX },
    judge: judge ?? 'none',
  };
  await writeJson(join(folder, 'evaluation.json'), evaluation);
  await writeFileAtomic(join(folder, 'card.md'), cycleGanCard({ record, evaluation }));
  return {
    evaluation,
    lines: [
      ...linesOf(`${x.title} to ${y.title}`, evaluation.xToY),
      ...linesOf(`${y.title} to ${x.title}`, evaluation.yToX),
      ...(judge === undefined
        ? ['Name a classifier run with --judge to learn how often the fakes have the other value.']
        : []),
    ],
  };
}

function linesOf(title: string, result: DirectionResult): readonly string[] {
  const { n, judgedAsTarget, originalsJudgedAsTarget, cycleL1, changeL1, kid } = result;
  return [
    `${title}, n = ${n}: cycle error ${cycleL1.toFixed(3)}, change ${changeL1.toFixed(3)}`,
    ...(judgedAsTarget === undefined || originalsJudgedAsTarget === undefined
      ? []
      : [
          `  judged as the other value: fakes ${percent(judgedAsTarget)}, originals ${percent(originalsJudgedAsTarget)}`,
        ]),
    ...(kid === undefined
      ? []
      : [
          `  kernel distance to the real ones: fakes ${kid.value.toPrecision(3)}, originals ${kid.originals.toPrecision(3)}`,
          `  (${kid.protocol})`,
        ]),
  ];
}

/** A classifier, and what its run says that it computes in. */
interface Judge extends TrainedClassifier {
  readonly precision: Precision;
}

async function openJudge(
  folder: string,
  [x, y]: readonly [Domain, Domain],
  reporter: Reporter,
): Promise<Judge> {
  const record = await readRun(folder);
  if (record.kind !== 'classifier') {
    throw new OptionsError(
      `--judge: must be a classifier run, but ${folder} is a ${record.kind} run. Name a folder that \`janus train classifier\` made.`,
    );
  }
  const judge = await loadClassifier(join(folder, 'model'));
  for (const { title } of [x, y]) {
    if (!judge.description.classes.includes(title)) {
      throw new OptionsError(
        `--judge: must know the domains' values, but ${folder} tells ${judge.description.classes.join(' from ')} and not ${title}. Train one with --target on that column.`,
      );
    }
  }
  return { ...judge, precision: precisionOfRun(record, reporter) };
}

/** A domain's images with their title. */
interface DomainImages extends SquareImages {
  readonly title: string;
}

/** What a direction makes, and how it fared. */
interface Measured {
  readonly result: DirectionResult;
  readonly fakes: Uint8Array;
  readonly figure: Parameters<typeof writeFakes>[1];
}

interface Direction {
  readonly from: DomainImages;
  readonly to: DomainImages;
  readonly forward: tf.LayersModel;
  readonly back: tf.LayersModel;
  readonly size: number;
  readonly reporter: Reporter;
  readonly judge?: Judge;
}

async function measure(direction: Direction): Promise<Measured> {
  const { from, to, forward, back, size, reporter, judge } = direction;
  const { pixels, count } = from;
  const fakes = await translate(forward, { images: pixels, height: size, width: size });
  const cycled = await translate(back, { images: fakes, height: size, width: size });
  const opinions = async (images: Uint8Array): Promise<readonly string[]> =>
    judge === undefined ? [] : await judgeOf(judge, { pixels: images, count, size }, reporter);
  const ofFakes = await opinions(fakes);
  const ofOriginals = await opinions(pixels);
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
  [there, back]: readonly [Measured, Measured],
): Promise<Record<'xToY' | 'yToX', { readonly kid?: KernelDistance }>> {
  const network = await openFeatureNetwork(size, reporter);
  if (network === undefined) return { xToY: {}, yToX: {} };
  try {
    const ofX = await network.features(realX.pixels, realX.count);
    const ofY = await network.features(realY.pixels, realY.count);
    const fakeY = await network.features(there.fakes, realX.count);
    const fakeX = await network.features(back.fakes, realY.count);
    const xToY = distanceBetween(network, { fakes: fakeY, sources: ofX, targets: ofY });
    const yToX = distanceBetween(network, { fakes: fakeX, sources: ofY, targets: ofX });
    return {
      xToY: xToY === undefined ? {} : { kid: xToY },
      yToX: yToX === undefined ? {} : { kid: yToX },
    };
  } finally {
    network.dispose();
  }
}

/** Returns the class that the judge sees in each image, scaled to the size it was trained on. */
async function judgeOf(
  judge: Judge,
  images: SquareImages,
  reporter: Reporter,
): Promise<readonly string[]> {
  const { imageSize, classes, preprocessing } = judge.description;
  const pixels = await resizeImages(images, imageSize);
  const { data } = await computeFeatures(
    judge.model,
    { pixels, count: images.count, size: imageSize },
    { preprocessing, precision: judge.precision, report: reporter.progress, label: 'judging' },
  );
  return Array.from({ length: images.count }, (_, i) => {
    const logits = Array.from(data.subarray(i * classes.length, (i + 1) * classes.length));
    return classes[argMax(logits)] ?? '';
  });
}

/** Mean absolute difference in signed pixels: 0 to 2. */
function meanDifference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length / 127.5;
}
