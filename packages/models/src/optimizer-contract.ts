/** What a training loop asks of an optimizer. */
import type * as tf from '@tensorflow/tfjs';
import type { NamedArray } from '@janus/core';
import type { NamedVariables } from './model-variables.js';

/** Which optimizer: AdamW, or gradient descent with momentum 0.9. */
export type OptimizerName = 'adam' | 'sgd';

/** The names of all optimizers. */
export const OPTIMIZERS: readonly OptimizerName[] = ['adam', 'sgd'];

/** The numbers of an update that differ from step to step, by name. */
export type UpdateNumbers<Value> = Readonly<Record<string, Value>>;

/** An optimizer whose whole state can be saved and restored. */
export interface Optimizer {
  readonly kind: OptimizerName;
  /**
   * Counts an update and returns its numbers; {@link Optimizer.update} takes them as tensors, because whatever
   * changes between steps must be an input of a compiled step.
   */
  readonly advance: (learningRate?: number) => UpdateNumbers<number>;
  /** Creates the slots of `variables`; call it before compiling a step that updates them. */
  readonly prepare: (variables: NamedVariables) => void;
  /**
   * Updates `variables` in place. A variable without a gradient keeps its value and its slots.
   *
   * @param gradients float32, under the names and with the shapes of `variables`; the caller disposes them
   * @param numbers those of {@link Optimizer.advance} as float32 scalars; the caller disposes them
   */
  readonly update: (
    gradients: Readonly<Record<string, tf.Tensor>>,
    variables: NamedVariables,
    numbers: UpdateNumbers<tf.Tensor>,
  ) => void;
  /** Returns copies of the whole state. */
  readonly slots: () => Promise<readonly NamedArray[]>;
  /**
   * Replaces the whole state with what {@link Optimizer.slots} returned.
   *
   * @throws CheckpointError when an array is missing or of another shape
   */
  readonly restore: (arrays: readonly NamedArray[]) => void;
  readonly dispose: () => void;
}
