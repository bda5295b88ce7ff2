/** An evaluation as lines for a person. */
import {
  evaluatedImagesText,
  intervalText,
  percentText,
  wilsonInterval,
  type CycleGanEvaluation,
  type DirectionEvaluation,
  type EvaluatedImages,
  type Evaluation,
  type KernelDistance,
  type NeighbourhoodMeasures,
  type TargetsEvaluation,
} from '@janus/core';
import { classifierLines } from './classifier-lines.js';

/** Returns the lines that `janus evaluate` prints. */
export function evaluationLines(evaluation: Evaluation): readonly string[] {
  switch (evaluation.kind) {
    case 'classifier':
      return classifierLines(evaluation);
    case 'targets':
      return targetsLines(evaluation);
    case 'cyclegan':
      return cycleGanLines(evaluation);
  }
}

/** The lines of each target, under its name. */
function targetsLines({ targets, images, n }: TargetsEvaluation): readonly string[] {
  return [
    ...Object.entries(targets).flatMap(([target, evaluation]) => [
      target,
      ...classifierLines(evaluation).map((line) => `  ${line}`),
    ]),
    ...imagesLine(images, n),
  ];
}

function imagesLine(images: EvaluatedImages | undefined, n: number): readonly string[] {
  return images === undefined ? [] : [`  images: ${evaluatedImagesText(images, n)}`];
}

function cycleGanLines(evaluation: CycleGanEvaluation): readonly string[] {
  const { domains, xToY, yToX, judge } = evaluation;
  return [
    ...directionLines(`${domains.x} to ${domains.y}`, xToY),
    ...directionLines(`${domains.y} to ${domains.x}`, yToX),
    ...(judge === 'none'
      ? ['Name a classifier run with --judge to measure how often the fakes have the other value.']
      : []),
  ];
}

function directionLines(title: string, result: DirectionEvaluation): readonly string[] {
  const { n, judgedAsTarget, originalsJudgedAsTarget, cycleL1, changeL1, kid, images } = result;
  return [
    `${title}, n = ${n}: cycle error ${cycleL1.toFixed(3)}, change ${changeL1.toFixed(3)}`,
    ...(judgedAsTarget === undefined || originalsJudgedAsTarget === undefined
      ? []
      : [
          `  judged as the other value: fakes ${intervalText(judgedAsTarget)}, originals ${intervalText(originalsJudgedAsTarget)}`,
          ...judgeLine(result),
        ]),
    ...twinLines(result),
    ...driftLines(result),
    ...(kid === undefined
      ? []
      : [
          `  kernel distance to the real ones: fakes ${kid.value.toPrecision(3)}${endsText(kid)}, originals ${kid.originals.toPrecision(3)}`,
          `  (${kid.protocol})`,
        ]),
    ...setLines(result),
    ...imagesLine(images, n),
  ];
}

const endsText = ({ low, high }: KernelDistance): string =>
  low === undefined || high === undefined ? '' : ` [${low.toPrecision(3)}, ${high.toPrecision(3)}]`;

/** Which other attributes changed, each with what the classifiers' own noise gives. */
function driftLines({ drift, twins, n }: DirectionEvaluation): readonly string[] {
  return Object.entries(drift ?? {}).map(([attribute, share]) => {
    const fakes = intervalText(wilsonInterval(Math.round(share * n), n));
    const noise = twins?.drift?.[attribute];
    const ofTwins = noise === undefined ? '' : `, twins ${percentText(noise)}`;
    return `  ${attribute} told to be another value: fakes ${fakes}${ofTwins}`;
  });
}

/** The measures over the same features as the kernel distance, and what the cycle keeps. */
function setLines({ frechet, neighbourhoods, cycle }: DirectionEvaluation): readonly string[] {
  const among = ({ precision, recall, density, coverage }: NeighbourhoodMeasures): string =>
    [precision, recall, density, coverage].map((value) => value.toFixed(2)).join(', ');
  const kept = [
    ...(cycle?.psnr === undefined ? [] : [`PSNR ${cycle.psnr.toFixed(1)} dB`]),
    ...(cycle?.ssim === undefined ? [] : [`SSIM ${cycle.ssim.toFixed(3)}`]),
    ...(cycle?.perceptual === undefined
      ? []
      : [`perceptual distance (VGG-16) ${cycle.perceptual.toFixed(3)}`]),
  ];
  return [
    ...(frechet === undefined
      ? []
      : [
          `  Fréchet distance, same features: fakes ${frechet.value.toPrecision(3)}, originals ${frechet.originals.toPrecision(3)}`,
        ]),
    ...(neighbourhoods === undefined
      ? []
      : [
          `  precision, recall, density, coverage: fakes ${among(neighbourhoods.fakes)}; originals ${among(neighbourhoods.originals)}`,
        ]),
    ...(kept.length === 0 ? [] : [`  cycle against the original: ${kept.join(', ')}`]),
  ];
}

function twinLines({ twinError, twins }: DirectionEvaluation): readonly string[] {
  if (twinError === undefined) return [];
  const { n, features, pixels, ranges } = twinError;
  const text = (
    value: number,
    { low, high }: { readonly low: number; readonly high: number },
  ): string => `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  const inFeatures =
    features === undefined || ranges.features === undefined
      ? ''
      : `features ${text(features, ranges.features)}, `;
  return [
    `  twin error (0: perfect, 1: no better than no change), n = ${n}: ${inFeatures}pixels ${text(pixels, ranges.pixels)}`,
    ...(twins?.judgedAsTarget === undefined
      ? []
      : [
          `  judged as the other value: the twins themselves ${intervalText(twins.judgedAsTarget)}`,
        ]),
  ];
}

function judgeLine({ n, judgeTrainedOn }: DirectionEvaluation): readonly string[] {
  return judgeTrainedOn === undefined
    ? []
    : [`  the judge was trained on ${judgeTrainedOn} of these ${n} originals`];
}
