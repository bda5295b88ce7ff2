/** What a training will do, told before it starts. */
import { aboutText, countText } from '@janus/core';

/** A part of a training with its own schedule: epochs, or fits that need none. */
export type PlannedPhase = PlannedEpochs | PlannedFits;

/** A linear model, fitted for several penalties. */
export interface PlannedFits {
  readonly name: string;
  /** Penalties that are fitted in any case. */
  readonly fits: number;
}

/** Epochs of updates. */
export interface PlannedEpochs {
  /** `head`, `fine-tune`, `from-scratch` or `cyclegan`. */
  readonly name: string;
  /** Epochs at the full learning rate. */
  readonly constantEpochs: number;
  /** Epochs after them, over which the rate falls towards 0. */
  readonly fallingEpochs: number;
  /** How the rate goes instead, where it is neither constant nor falling after a number of epochs. */
  readonly schedule?: string | undefined;
  /** Updates in an epoch. */
  readonly stepsPerEpoch: number;
  /** Epochs in a row without a lower validation loss that end it; 0 (default): none do. */
  readonly patience?: number;
}

/** What {@link trainingPlan} takes. */
export interface TrainingPlanOptions {
  /** The images in words: `6 images of a and 8 of b`. */
  readonly images: string;
  /** In their order. */
  readonly phases: readonly PlannedPhase[];
  /** Updates after which the training ends, whatever the epochs say; 0 (default): no limit. */
  readonly maxUpdates?: number;
  /** About how long all of it takes here, from {@link secondsOfWork}; absent: nothing is said. */
  readonly seconds?: number;
  /** Whether features that were kept make it shorter; default false. */
  readonly mayBeKept?: boolean;
}

/** What a training will do. */
export interface TrainingPlan extends Omit<TrainingPlanOptions, 'maxUpdates' | 'mayBeKept'> {
  /** Updates in all, those before a resume included. */
  readonly updates: number;
  /** All of it in a line. */
  readonly text: string;
}

/** Returns what a training will do; both trainings report its text before anything else. */
export function trainingPlan(options: TrainingPlanOptions): TrainingPlan {
  const { images, phases, maxUpdates = 0, seconds } = options;
  const all = phases.reduce((sum, phase) => sum + updatesOf(phase), 0);
  const mayEnd = phases.some((phase) => !('fits' in phase) && (phase.patience ?? 0) > 0);
  const isCut = maxUpdates > 0 && maxUpdates < all;
  const updates = isCut ? maxUpdates : all;
  const schedule = phases.map((phase) => phaseText(phase, phases.length > 1)).join('; ');
  const count = isCut
    ? `ends after ${updatesText(updates)} of these ${countText(all)}`
    : `${mayEnd ? 'at most ' : ''}${updatesText(updates)} in all`;
  const end = updates === 0 ? '' : `; ${count}`;
  const time = timeText(options, mayEnd);
  return {
    ...{ images, phases, updates, text: `Training on ${images}: ${schedule}${end}${time}` },
    ...(seconds === undefined ? {} : { seconds }),
  };
}

function timeText({ seconds, mayBeKept = false }: TrainingPlanOptions, mayEnd: boolean): string {
  if (seconds === undefined) return '';
  const less = mayBeKept ? ', less where features are kept from an earlier run' : '';
  return `; ${aboutText(seconds)} here${mayEnd ? ' at most' : ''}${less}`;
}

const updatesOf = (phase: PlannedPhase): number =>
  'fits' in phase ? 0 : (phase.constantEpochs + phase.fallingEpochs) * phase.stepsPerEpoch;

const updatesText = (updates: number): string =>
  updates === 1 ? '1 update' : `${countText(updates)} updates`;

function phaseText(phase: PlannedPhase, isNamed: boolean): string {
  if ('fits' in phase)
    return `${phase.name}, a linear one, fitted with ${phase.fits} penalties, and weaker ones while they help`;
  const { name, constantEpochs, fallingEpochs, patience = 0, schedule } = phase;
  const rate = schedule === undefined ? 'at the full learning rate' : `on a ${schedule} schedule`;
  const epochsText = (count: number): string =>
    count === 1 ? '1 epoch' : `${countText(count)} epochs`;
  const [full, falling] = [`${epochsText(constantEpochs)} ${rate}`, countText(fallingEpochs)];
  const all =
    constantEpochs === 0 && fallingEpochs > 0
      ? `${epochsText(fallingEpochs)} at a falling learning rate`
      : `${full}${fallingEpochs > 0 ? `, then ${falling} at a falling one` : ''}`;
  const early = ` (fewer when ${patience} in a row bring no lower validation loss)`;
  return `${isNamed ? `${name}, ` : ''}${all}${patience > 0 ? early : ''}`;
}
