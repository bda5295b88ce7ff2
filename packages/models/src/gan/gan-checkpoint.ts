/** What every adversarial training keeps to be resumed: weights, optimizers, and where it stands. */
import type * as tf from '@tensorflow/tfjs';
import { CheckpointError, type BatchCursor, type NamedArray } from '@janus/core';
import type { Adam } from '../adam.js';
import type { Checkpoint, JsonValue } from '../checkpoint.js';
import { arraysOf, assignArrays, variablesOf } from '../model-variables.js';
import type { GanProgress } from './gan-steps.js';

/** A training whose whole state a checkpoint keeps, but for what is its kind's own. */
export interface GanState {
  /** By the name under which a checkpoint keeps them; running averages among them. */
  readonly networks: Readonly<Record<string, tf.LayersModel>>;
  readonly optimizers: Readonly<Record<string, Adam>>;
  readonly progress: GanProgress;
  /** Describes the networks, so that no other's weights are set. */
  readonly architecture: string;
  /** Names the function that restores it in errors: `restoreCycleGan`. */
  readonly restoredBy: string;
}

/** What a checkpoint holds beside arrays. */
interface SavedState {
  readonly cursor: BatchCursor;
  readonly sums: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  /** Absent from checkpoints of versions without schedules that need it. */
  readonly earlierLosses?: readonly number[];
}

/** Returns the arrays of one part, by names without its prefix. */
export const withoutPrefix = (prefix: string, arrays: readonly NamedArray[]): NamedArray[] =>
  arrays
    .filter(({ name }) => name.startsWith(`${prefix}/`))
    .map((array) => ({ ...array, name: array.name.slice(prefix.length + 1) }));

/** All weights of a network by the names that a checkpoint has them under, those that no gradient moves among them. */
export const weightsOf = (name: string, model: tf.LayersModel): Record<string, tf.Variable> =>
  variablesOf(model, { prefix: name, trainableOnly: false });

/**
 * Returns everything that the next step depends on, as copies.
 *
 * @param own what the kind of training keeps beside it; default nothing
 */
export async function checkpointOfGan(
  { networks, optimizers, progress, architecture }: GanState,
  own: { readonly arrays?: readonly NamedArray[]; readonly state?: Record<string, JsonValue> } = {},
): Promise<Checkpoint> {
  const arrays: NamedArray[] = [];
  for (const [name, model] of Object.entries(networks)) {
    arrays.push(...(await arraysOf(weightsOf(name, model))));
  }
  for (const [name, adam] of Object.entries(optimizers)) {
    const slots = await adam.slots();
    arrays.push(...slots.map((slot) => ({ ...slot, name: `adam-${name}/${slot.name}` })));
  }
  const { cursor, sums, counts, earlierLosses } = progress;
  return {
    step: progress.step,
    arrays: [...arrays, ...(own.arrays ?? [])],
    architecture,
    state: {
      ...{ cursor: { ...cursor }, sums: { ...sums }, counts: { ...counts } },
      ...{ earlierLosses: [...earlierLosses], ...own.state },
    },
  };
}

/**
 * Sets a training to where a checkpoint was taken; its next steps are then the same, bit for bit, as those of the
 * training that was saved.
 *
 * @param wanted names of what the state must hold beside the place of the training; default none
 * @returns the checkpoint's state
 * @throws CheckpointError when the checkpoint is of another architecture, or lacks a part
 */
export function restoreGan(
  { networks, optimizers, progress, architecture, restoredBy }: GanState,
  { arrays, step, state, architecture: saved }: Checkpoint,
  wanted: readonly string[] = [],
): unknown {
  if (saved !== architecture) {
    throw new CheckpointError(
      `${restoredBy}: must be of ${architecture}, but got ${saved}. Resume with the options of its run.`,
    );
  }
  const {
    cursor,
    sums,
    counts,
    earlierLosses = [],
  } = checkState(state, ['cursor', 'sums', 'counts', ...wanted], restoredBy);
  for (const [name, model] of Object.entries(networks)) {
    assignArrays(weightsOf(name, model), arrays);
  }
  for (const [name, adam] of Object.entries(optimizers)) {
    adam.restore(withoutPrefix(`adam-${name}`, arrays));
  }
  Object.assign(progress, {
    step,
    cursor: { ...cursor },
    sums: { ...sums },
    counts: { ...counts },
    earlierLosses: [...earlierLosses],
  } satisfies GanProgress);
  return state;
}

function checkState(state: JsonValue, wanted: readonly string[], restoredBy: string): SavedState {
  const missing = wanted.filter(
    (key) => typeof state !== 'object' || state === null || !(key in state),
  );
  if (missing.length > 0) {
    throw new CheckpointError(
      `${restoredBy}: the state must hold ${wanted.join(', ')}, but lacks ${missing.join(', ')}. Resume with the version of Janus that wrote it.`,
    );
  }
  return state as unknown as SavedState;
}
