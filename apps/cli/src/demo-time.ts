/** How long the demo will take, from a short measurement of the machine. */
import type { MeasuredSpeed } from '@janus/engine';
import {
  classifierSeconds,
  cycleGanSeconds,
  CYCLEGAN_RUN_ATTRIBUTE,
  type ClassifierPreset,
} from '@janus/runs';

/** Updates of the CycleGAN below which it shows too little. */
const FEWEST_STEPS = 500;

/**
 * Returns how many updates of the CycleGAN take about `seconds` here, from 500 to `most`. Start the engine first.
 *
 * @param speed as `measureSpeed` of the engine returns it
 */
export function stepsWithin(seconds: number, most: number, speed: MeasuredSpeed): number {
  const all = cycleGanSeconds(CYCLEGAN_RUN_ATTRIBUTE, { updates: most, speed });
  const fitting = Math.floor((most * seconds) / all / 50) * 50;
  return Math.min(most, Math.max(FEWEST_STEPS, fitting));
}

/** How much the demo does. */
export interface DemoWork {
  readonly faces: number;
  readonly classifier: ClassifierPreset;
  /** Updates of the CycleGAN. */
  readonly steps: number;
}

/** Drawing, cropping and cleaning a face, in seconds. */
const FACE_SECONDS = 0.011;
/** How often a face passes through the classifier, against once: those of the test split once for each measure. */
const PASSES = 1.6;
/** Starting, sheets, evaluations and the report, in seconds. */
const REST_SECONDS = 40;

/**
 * Returns about how many seconds the demo takes after its downloads, if nothing else runs. Start the engine
 * first.
 *
 * @param speed as `measureSpeed` of the engine returns it
 */
export function demoSeconds({ faces, classifier, steps }: DemoWork, speed: MeasuredSpeed): number {
  const counts = { train: 0.85 * faces, validation: 0.15 * faces };
  return (
    faces * FACE_SECONDS +
    PASSES * classifierSeconds({ options: classifier, counts, classes: 2, speed }) +
    cycleGanSeconds(CYCLEGAN_RUN_ATTRIBUTE, { updates: steps, speed }) +
    REST_SECONDS
  );
}
