/** Optimizers by name, and rates that differ from variable to variable. */
import * as tf from '@tensorflow/tfjs';
import { createAdam, type AdamCorrection, type AdamOptions } from './adam.js';
import type { Optimizer, OptimizerName, UpdateNumbers } from './optimizer-contract.js';
import { createSgd } from './sgd.js';

/** Options of {@link createOptimizer}. */
export interface OptimizerOptions extends Pick<AdamOptions, 'learningRate' | 'weightDecay'> {
  /** Default `adam`. */
  readonly optimizer?: OptimizerName;
  /** Returns the factor of a variable's rate; default 1 for all. */
  readonly factorOf?: (variable: string) => number;
}

/**
 * Returns an optimizer; the caller disposes it.
 *
 * @throws OptionsError when the learning rate or the decay is out of range
 */
export function createOptimizer(options: OptimizerOptions): Optimizer {
  const { optimizer = 'adam', factorOf } = options;
  const plain = optimizer === 'adam' ? adam(options) : createSgd(options);
  return factorOf === undefined ? plain : withFactors(plain, factorOf);
}

function adam(options: AdamOptions): Optimizer {
  const plain = createAdam(options);
  return {
    kind: 'adam',
    advance: (rate) => ({ ...plain.advance(rate) }),
    prepare: (variables) => {
      plain.prepare(variables);
    },
    update: (gradients, variables, numbers) => {
      plain.update(gradients, variables, numbers as unknown as AdamCorrection<tf.Tensor>);
    },
    slots: () => plain.slots(),
    restore: (arrays) => {
      plain.restore(arrays);
    },
    dispose: () => {
      plain.dispose();
    },
  };
}

/** Numbers that the learning rate is a factor of; `keep` is 1 less one. */
const PROPORTIONAL = ['alphaT', 'rate'];

/** Returns the numbers of an update whose rate has a factor; inside `tidy`. */
function scaled(numbers: UpdateNumbers<tf.Tensor>, factor: number): UpdateNumbers<tf.Tensor> {
  if (factor === 1) return numbers;
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => {
      if (PROPORTIONAL.includes(name)) return [name, tf.mul(value, factor)];
      if (name === 'keep') return [name, tf.sub(1, tf.mul(tf.sub(1, value), factor))];
      return [name, value];
    }),
  );
}

/** Returns the same optimizer with a factor on the rate of each variable, its weight decay included. */
function withFactors(plain: Optimizer, factorOf: (variable: string) => number): Optimizer {
  return {
    ...plain,
    update: (gradients, variables, numbers) => {
      const groups = new Map<number, Record<string, tf.Tensor>>();
      for (const [name, gradient] of Object.entries(gradients)) {
        const factor = factorOf(name);
        groups.set(factor, { ...groups.get(factor), [name]: gradient });
      }
      for (const [factor, group] of groups) {
        tf.tidy(() => {
          plain.update(group, variables, scaled(numbers, factor));
        });
      }
    },
  };
}

/**
 * Returns the rate factors of a network's variables: 1 for its head, `decay` for its last block, `decay` squared for
 * the one below, and so on. Source: discriminative learning rates, Howard and Ruder 2018, arXiv 1801.06146, section 3.2.
 *
 * @param backbone names of the backbone's variables in the order of its layers, such as `block5_conv1/kernel`; all others
 * are the head's
 * @param decay above 0 to 1
 */
export function blockFactors(
  backbone: readonly string[],
  decay: number,
): (variable: string) => number {
  const blockOf = (name: string): string => name.split('/')[0]?.split('_')[0] ?? '';
  const blocks = [...new Set(backbone.map(blockOf))].reverse();
  const known = new Set(backbone);
  return (variable) => (known.has(variable) ? decay ** (blocks.indexOf(blockOf(variable)) + 1) : 1);
}

/** Returns an update's numbers as float32 scalars; the caller disposes them. */
export function numberTensors(numbers: UpdateNumbers<number>): Record<string, tf.Scalar> {
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, tf.scalar(value)]),
  );
}
