/** An evaluation as lines for a person. */
import {
  evaluatedImagesText,
  type EvaluatedImages,
  type Evaluation,
  type TargetsEvaluation,
} from '@janus/core';
import { classifierLines } from './classifier-lines.js';
import { translationLines } from './translation-lines.js';

/** Returns the lines that `janus evaluate` prints. */
export function evaluationLines(evaluation: Evaluation): readonly string[] {
  switch (evaluation.kind) {
    case 'classifier':
      return classifierLines(evaluation);
    case 'targets':
      return targetsLines(evaluation);
    case 'cyclegan':
    case 'cut':
    case 'stargan':
    case 'icgan':
      return translationLines(evaluation);
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
