import * as tf from '@tensorflow/tfjs';
import { CheckpointError, type NamedArray } from '@janus/core';

/** Variables by a name that depends on the network alone: `conv1/kernel`, `G/conv1/kernel`. */
export type NamedVariables = Readonly<Record<string, tf.Variable>>;

/** Which variables {@link variablesOf} lists. */
export interface VariablesOfOptions {
  /** Put before each name, with a slash; default none. */
  readonly prefix?: string;
  /** Leaves out those of frozen layers; default true. */
  readonly trainableOnly?: boolean;
}

/**
 * Returns a network's variables by stable names. (tfjs numbers the names of a second network in
 * the same process, so that its own are not stable.) The variables stay the network's.
 */
export function variablesOf(
  model: tf.LayersModel,
  options: VariablesOfOptions = {},
): Record<string, tf.Variable> {
  const { prefix, trainableOnly = true } = options;
  const weights = trainableOnly ? model.trainableWeights : model.weights;
  return Object.fromEntries(
    weights.map((weight) => [
      prefix === undefined ? weight.originalName : `${prefix}/${weight.originalName}`,
      weight.read() as tf.Variable,
    ]),
  );
}

/**
 * Frees the weights of networks that may share layers. (tfjs counts how often a layer was applied, and frees it only when as
 * many networks are disposed; joining and cutting networks apply layers that no network is kept of.)
 */
export function disposeWeights(...models: readonly tf.LayersModel[]): void {
  const weights = new Set(models.flatMap((model) => model.weights));
  for (const weight of weights) weight.dispose();
}

/** A scalar and how it changes with each variable; the caller disposes all of them. */
export interface ScalarGradients {
  readonly value: tf.Scalar;
  readonly gradients: Record<string, tf.Tensor>;
}

/**
 * Returns the value of `f` and its gradients by variable name. A variable that `f` does not depend
 * on has none.
 */
export function gradientsOf(f: () => tf.Scalar, variables: NamedVariables): ScalarGradients {
  const { value, grads } = tf.variableGrads(f, Object.values(variables));
  const gradients: Record<string, tf.Tensor> = {};
  for (const [name, variable] of Object.entries(variables)) {
    const gradient = grads[variable.name];
    if (gradient !== undefined) gradients[name] = gradient;
  }
  return { value, gradients };
}

/** Returns copies of the variables' values, in the order of their names' listing. */
export async function arraysOf(variables: NamedVariables): Promise<NamedArray[]> {
  const arrays: NamedArray[] = [];
  for (const [name, variable] of Object.entries(variables)) {
    arrays.push({
      name,
      shape: variable.shape,
      data: Float32Array.from((await variable.data()) as Float32Array),
    });
  }
  return arrays;
}

/**
 * Sets variables to the arrays of their names; arrays of other names are passed over.
 *
 * @throws CheckpointError when a variable has no array, or one of another shape
 */
export function assignArrays(variables: NamedVariables, arrays: readonly NamedArray[]): void {
  const byName = new Map(arrays.map((array) => [array.name, array]));
  for (const [name, variable] of Object.entries(variables)) {
    const array = byName.get(name);
    if (array?.shape.join() !== variable.shape.join()) {
      throw new CheckpointError(
        `assignArrays: ${name} must be [${variable.shape.join()}], but got ${array === undefined ? 'none' : `[${array.shape.join()}]`}. Was it saved from another network?`,
      );
    }
    tf.tidy(() => {
      variable.assign(tf.tensor(array.data, variable.shape, 'float32'));
    });
  }
}
