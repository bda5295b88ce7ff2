/** Running averages of weights. Source: Polyak and Juditsky 1992; with exponential weights as in timm's `ModelEmaV2`. */
import * as tf from '@tensorflow/tfjs';
import { arraysOf, assignArrays, type NamedVariables } from '../model-variables.js';

/** Returns averages that begin with the values of the variables; the caller disposes them. */
export function createAverages(variables: NamedVariables): NamedVariables {
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [
      name,
      // A clone would share its values with the variable.
      tf.tidy(() => tf.variable(tf.mul(variable, 1), false)),
    ]),
  );
}

/**
 * Returns how far averages move towards the weights after `step` updates: a step that is large at first,
 * 1 - min(decay, (1 + step) / (10 + step)). Source: TensorFlow's `ExponentialMovingAverage` with `num_updates`.
 */
export const averageRateOf = (decay: number, step: number): number =>
  1 - Math.min(decay, (1 + step) / (10 + step));

/** Moves averages towards the variables of their names; part of a compiled step. */
export function moveAverages(
  averages: NamedVariables,
  variables: NamedVariables,
  rate: tf.Tensor,
): void {
  for (const [name, average] of Object.entries(averages)) {
    const variable = variables[name];
    if (variable === undefined) throw new Error(`averages: no variable has the name ${name}`);
    tf.tidy(() => {
      average.assign(tf.add(average, tf.mul(tf.sub(variable, average), rate)));
    });
  }
}

/** Weights with their running averages, where these are kept. */
interface Averaged {
  readonly variables: NamedVariables;
  readonly averages: NamedVariables | undefined;
}

/** Does `work` with the variables set to their averages, and sets them back. */
export async function whileAveraged<T>(
  { variables, averages }: Averaged,
  work: () => Promise<T>,
): Promise<T> {
  if (averages === undefined) return await work();
  const kept = await arraysOf(variables);
  assignArrays(variables, await arraysOf(averages));
  try {
    return await work();
  } finally {
    assignArrays(variables, kept);
  }
}
