/** What a training will do, told before it starts. */
import { countText } from '@janus/core';

/** A part of a training with its own schedule. */
export interface PlannedPhase {
  /** `head`, `fine-tune`, `from-scratch` or `cyclegan`. */
  readonly name: string;
  /** Epochs at the full learning rate. */
  readonly constantEpochs: number;
  /** Epochs after them, over which the rate falls towards 0. */
  readonly fallingEpochs: number;
  /** Updates in an epoch. */
  readonly stepsPerEpoch: number;
}

/** What {@link trainingPlan} takes. */
export interface TrainingPlanOptions {
  /** The images in words: `6 images of a and 8 of b`. */
  readonly images: string;
  /** In their order. */
  readonly phases: readonly PlannedPhase[];
  /** Updates after which the training ends, whatever the epochs say; 0 (default): no limit. */
  readonly maxUpdates?: number;
}

/** What a training will do. */
export interface TrainingPlan extends Omit<TrainingPlanOptions, 'maxUpdates'> {
  /** Updates in all, those before a resume included. */
  readonly updates: number;
  /** All of it in a line. */
  readonly text: string;
}

/** Returns what a training will do; both trainings report its text before anything else. */
export function trainingPlan(options: TrainingPlanOptions): TrainingPlan {
  const { images, phases, maxUpdates = 0 } = options;
  const all = phases.reduce((sum, phase) => sum + epochsOf(phase) * phase.stepsPerEpoch, 0);
  const isCut = maxUpdates > 0 && maxUpdates < all;
  const updates = isCut ? maxUpdates : all;
  const schedule = phases.map((phase) => phaseText(phase, phases.length > 1)).join('; ');
  const count = isCut
    ? `ends after ${updatesText(updates)} of these ${countText(all)}`
    : `${updatesText(updates)} in all`;
  return { images, phases, updates, text: `Training on ${images}: ${schedule}; ${count}` };
}

const epochsOf = ({ constantEpochs, fallingEpochs }: PlannedPhase): number =>
  constantEpochs + fallingEpochs;

const updatesText = (updates: number): string =>
  updates === 1 ? '1 update' : `${countText(updates)} updates`;

function phaseText(phase: PlannedPhase, isNamed: boolean): string {
  const { name, constantEpochs, fallingEpochs } = phase;
  const epochs = constantEpochs === 1 ? '1 epoch' : `${countText(constantEpochs)} epochs`;
  const falling = `, then ${countText(fallingEpochs)} at a falling one`;
  return `${isNamed ? `${name}, ` : ''}${epochs} at the full learning rate${fallingEpochs > 0 ? falling : ''}`;
}
