import * as tf from '@tensorflow/tfjs';
import { CheckpointError, OptionsError, type NamedArray } from '@janus/core';
import { arraysOf, assignArrays, type NamedVariables } from './model-variables.js';
import type { Optimizer } from './optimizer-contract.js';

/** Options of {@link createSgd}. */
export interface SgdOptions {
  /** Step size, 0 or more. */
  readonly learningRate: number;
  /** Share of the last update's direction that stays, in [0, 1); default 0.9, the usual one. */
  readonly momentum?: number;
  /**
   * Share of each kernel (a variable of two dimensions or more) that an update takes away, times the learning
   * rate, 0 or more; default 0. As of Adam it does not pass through the momentum. Source: Loshchilov and Hutter
   * 2019, arXiv 1711.05101, algorithm 1 (SGDW).
   */
  readonly weightDecay?: number;
}

/**
 * Returns gradient descent with momentum, PyTorch's form: v <- momentum v + g, x <- x - rate v. It keeps its slots by
 * variable name. The caller disposes it.
 *
 * @throws OptionsError when a number is out of range
 * Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".
 */
export function createSgd(options: SgdOptions): Optimizer {
  const { learningRate, momentum = 0.9, weightDecay = 0 } = options;
  if (!(learningRate >= 0) || !(momentum >= 0 && momentum < 1)) {
    throw new OptionsError(
      `createSgd: learningRate must be 0 or more and momentum from 0 to below 1, but got ${learningRate} and ${momentum}. 0.01 and 0.9 are usual.`,
    );
  }
  if (!(weightDecay >= 0 && learningRate * weightDecay < 1)) {
    throw new OptionsError(
      `createSgd: weightDecay must be 0 or more, and below 1 / learningRate, but got ${weightDecay}. 0.01 is usual.`,
    );
  }
  let step = 0;
  const slots = new Map<string, tf.Variable>();
  const slotOf = (name: string, variable: tf.Variable): tf.Variable => {
    const known = slots.get(name);
    if (known !== undefined) return known;
    const made = tf.tidy(() => tf.variable(tf.zeros(variable.shape, 'float32'), false));
    slots.set(name, made);
    return made;
  };
  return {
    kind: 'sgd',
    advance: (rate = learningRate) => {
      step++;
      return { rate, keep: 1 - rate * weightDecay };
    },
    prepare: (variables) => {
      for (const [name, variable] of Object.entries(variables)) slotOf(name, variable);
    },
    update: (gradients, variables, { rate, keep }) => {
      if (rate === undefined || keep === undefined) throw new Error('sgd: numbers are missing');
      for (const [name, gradient] of Object.entries(gradients)) {
        const variable = variables[name];
        if (variable === undefined) throw new Error(`sgd: no variable has the name ${name}`);
        const slot = slotOf(name, variable);
        tf.tidy(() => {
          if (weightDecay > 0 && variable.rank >= 2) variable.assign(tf.mul(variable, keep));
          slot.assign(tf.add(tf.mul(slot, momentum), gradient));
          variable.assign(tf.sub(variable, tf.mul(slot, rate)));
        });
      }
    },
    slots: async () => {
      const own: NamedVariables = Object.fromEntries(slots);
      const count: NamedArray = { name: 'step', shape: [], data: Int32Array.of(step) };
      return [count, ...(await arraysOf(own))];
    },
    restore: (arrays) => {
      const steps = arrays.find(({ name }) => name === 'step')?.data[0];
      if (steps === undefined) {
        throw new CheckpointError(
          'sgd: the arrays must include `step`, but got none. Was the checkpoint made with another optimizer?',
        );
      }
      assignArrays(Object.fromEntries(slots), arrays);
      step = steps;
    },
    dispose: () => {
      for (const slot of slots.values()) slot.dispose();
      slots.clear();
    },
  };
}
