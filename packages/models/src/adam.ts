import * as tf from '@tensorflow/tfjs';
import { CheckpointError, OptionsError, type NamedArray } from '@janus/core';
import { applyAdam } from '@janus/engine';
import type { NamedVariables } from './model-variables.js';

/** Options of {@link createAdam}. */
export interface AdamOptions {
  /** Step size; {@link Adam.apply} may be given another one. */
  readonly learningRate: number;
  /** Memory of the mean gradient; default 0.9. The GAN papers take 0.5. */
  readonly beta1?: number;
  /** Memory of the mean squared gradient; default 0.999. */
  readonly beta2?: number;
  /** Added to the root; default 1e-8, the paper's (tfjs has 1e-7). */
  readonly epsilon?: number;
}

/** The paper's settings (section 2). */
export const ADAM_DEFAULTS: Required<Omit<AdamOptions, 'learningRate'>> = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

/** An optimizer whose whole state can be saved and set back. */
export interface Adam {
  /** Updates done so far. */
  stepCount(): number;
  /**
   * Counts an update and returns its numbers, which {@link Adam.update} takes as tensors: what
   * changes from step to step is an input of a compiled step.
   *
   * @param learningRate of this update alone; default the one of {@link createAdam}
   */
  advance(learningRate?: number): AdamCorrection<number>;
  /** Makes the slots of variables, before a step that uses them is compiled. */
  prepare(variables: NamedVariables): void;
  /**
   * Updates `variables` in place. A variable without a gradient keeps its value and its slots.
   *
   * @param gradients by the names of `variables`; the caller disposes them
   * @param correction float32 scalars of what {@link Adam.advance} returned
   */
  update(
    gradients: Readonly<Record<string, tf.Tensor>>,
    variables: NamedVariables,
    correction: AdamCorrection<tf.Tensor>,
  ): void;
  /**
   * Does both: counts an update and updates `variables` in place. Not for compiled steps.
   *
   * @param gradients by the names of `variables`; the caller disposes them
   * @param learningRate of this update alone; default the one of {@link createAdam}
   */
  apply(
    gradients: Readonly<Record<string, tf.Tensor>>,
    variables: NamedVariables,
    learningRate?: number,
  ): void;
  /** Returns copies: `step` (int32), and `m/<name>` and `v/<name>` of every variable updated so far. */
  slots(): Promise<NamedArray[]>;
  /**
   * Replaces the whole state by what {@link Adam.slots} returned.
   *
   * @throws CheckpointError when `step` is missing, or a variable has only one of its two slots
   */
  restore(arrays: readonly NamedArray[]): void;
  /** Frees the slots. */
  dispose(): void;
}

/** The two numbers of an update in which Adam's bias correction is. */
export interface AdamCorrection<Value> {
  /** Step size, corrected. */
  readonly alphaT: Value;
  /** Added to the root of `v`: epsilon, corrected. */
  readonly epsilonHat: Value;
}

interface Slots {
  readonly m: tf.Variable;
  readonly v: tf.Variable;
}

/**
 * Returns an Adam optimizer that keeps its slots by variable name, never by position: freezing a
 * layer or rebuilding a network cannot hand one variable's history to another.
 *
 * @throws OptionsError when a rate, beta or epsilon is out of range
 * Source: Kingma and Ba 2015, arXiv 1412.6980, algorithm 1 with the bias correction folded into the
 * step size (end of section 2; epsilon scaled along, so that the result is algorithm 1's).
 */
export function createAdam(options: AdamOptions): Adam {
  const { learningRate, beta1, beta2, epsilon } = { ...ADAM_DEFAULTS, ...options };
  const inUnit = (value: number): boolean => value >= 0 && value < 1;
  if (!(learningRate >= 0) || !inUnit(beta1) || !inUnit(beta2) || !(epsilon > 0)) {
    throw new OptionsError(
      `createAdam: learningRate must be 0 or more, betas from 0 to below 1 and epsilon above 0, but got ${learningRate}, ${beta1}, ${beta2}, ${epsilon}. The paper takes 0.001, 0.9, 0.999, 1e-8.`,
    );
  }
  let step = 0;
  const slots = new Map<string, Slots>();

  const slotsOf = (name: string, variable: tf.Variable): Slots => {
    const known = slots.get(name);
    if (known !== undefined) return known;
    const zeros = (): tf.Variable =>
      tf.tidy(() => tf.variable(tf.zeros(variable.shape, 'float32'), false));
    const made = { m: zeros(), v: zeros() };
    slots.set(name, made);
    return made;
  };

  const clear = (): void => {
    for (const { m, v } of slots.values()) {
      m.dispose();
      v.dispose();
    }
    slots.clear();
  };

  const advance: Adam['advance'] = (rate = learningRate) => {
    step++;
    const root = Math.sqrt(1 - beta2 ** step);
    return { alphaT: (rate * root) / (1 - beta1 ** step), epsilonHat: epsilon * root };
  };

  const update: Adam['update'] = (gradients, variables, { alphaT, epsilonHat }) => {
    for (const [name, gradient] of Object.entries(gradients)) {
      const variable = variables[name];
      if (variable === undefined) {
        throw new OptionsError(
          `Adam.update: every gradient needs the variable of its name, but got none for ${name}. Pass the variables that the gradients were taken of.`,
        );
      }
      applyAdam({
        variable,
        ...slotsOf(name, variable),
        gradient,
        alphaT,
        epsilonHat,
        beta1,
        beta2,
      });
    }
  };

  return {
    stepCount: () => step,
    advance,
    update,
    prepare: (variables) => {
      for (const [name, variable] of Object.entries(variables)) slotsOf(name, variable);
    },
    apply: (gradients, variables, rate = learningRate) => {
      tf.tidy(() => {
        const { alphaT, epsilonHat } = advance(rate);
        update(gradients, variables, {
          alphaT: tf.scalar(alphaT),
          epsilonHat: tf.scalar(epsilonHat),
        });
      });
    },
    slots: async () => {
      const arrays: NamedArray[] = [{ name: 'step', shape: [], data: Int32Array.of(step) }];
      for (const [name, pair] of slots) {
        for (const key of ['m', 'v'] as const) {
          const data = Float32Array.from((await pair[key].data()) as Float32Array);
          arrays.push({ name: `${key}/${name}`, shape: pair[key].shape, data });
        }
      }
      return arrays;
    },
    restore: (arrays) => {
      const byName = new Map(arrays.map((array) => [array.name, array]));
      const steps = byName.get('step')?.data[0];
      if (steps === undefined) {
        throw new CheckpointError(
          'Adam.restore: the slots must hold `step`, but got none. Pass what Adam.slots() returned.',
        );
      }
      const pairs = arrays
        .filter(({ name }) => name.startsWith('m/'))
        .map((m) => {
          const name = m.name.slice(2);
          const v = byName.get(`v/${name}`);
          if (v?.shape.join() !== m.shape.join()) {
            throw new CheckpointError(
              `Adam.restore: ${name} must have slots m and v of one shape, but got ${v === undefined ? 'm alone' : 'two'}. Use an earlier checkpoint.`,
            );
          }
          return [name, m, v] as const;
        });
      step = steps;
      const old = new Map(slots);
      slots.clear();
      for (const [name, m, v] of pairs) {
        const known = old.get(name);
        // A variable of the same shape stays: compiled steps know it.
        const kept = known?.m.shape.join() === m.shape.join() ? known : undefined;
        if (kept !== undefined) old.delete(name);
        tf.tidy(() => {
          const [first, second] = [m, v].map(({ data, shape }) =>
            tf.tensor(data, [...shape], 'float32'),
          ) as [tf.Tensor, tf.Tensor];
          kept?.m.assign(first);
          kept?.v.assign(second);
          slots.set(name, kept ?? { m: tf.variable(first, false), v: tf.variable(second, false) });
        });
      }
      for (const { m, v } of old.values()) tf.dispose([m, v]);
    },
    dispose: clear,
  };
}
