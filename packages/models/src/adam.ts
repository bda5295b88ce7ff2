import * as tf from '@tensorflow/tfjs';
import { CheckpointError, OptionsError, type NamedArray } from '@janus/core';
import { applyAdam } from '@janus/engine';
import type { NamedVariables } from './model-variables.js';

/** Options of {@link createAdam}. */
export interface AdamOptions {
  /** Step size, 0 or more; {@link Adam.advance} and {@link Adam.apply} can override it for one update. */
  readonly learningRate: number;
  /** Decay of the running mean of the gradients, in [0, 1); default 0.9, the paper's. GANs use 0.5. */
  readonly beta1?: number;
  /** Decay of the running mean of the squared gradients, in [0, 1); default 0.999, the paper's. */
  readonly beta2?: number;
  /** Added to the square root in the denominator, above 0; default 1e-8, the paper's (tfjs has 1e-7). */
  readonly epsilon?: number;
  /**
   * Share of each kernel (a variable of two dimensions or more) that an update takes away, times the
   * learning rate, 0 or more; default 0. Source: Loshchilov and Hutter 2019, arXiv 1711.05101 (AdamW), in
   * PyTorch's form.
   */
  readonly weightDecay?: number;
}

/** The paper's settings (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1). */
export const ADAM_DEFAULTS: Required<Omit<AdamOptions, 'learningRate'>> = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
};

/** An optimizer whose whole state can be saved and restored. */
export interface Adam {
  /** Returns the number of updates so far. */
  stepCount(): number;
  /**
   * Counts an update and returns its bias-corrected numbers. {@link Adam.update} takes them as tensors,
   * because whatever changes between steps must be an input of a compiled step.
   *
   * @param learningRate of this update only; default that of {@link createAdam}
   */
  advance(learningRate?: number): AdamCorrection<number>;
  /** Creates the slots of `variables`; call it before compiling a step that updates them. */
  prepare(variables: NamedVariables): void;
  /**
   * Updates `variables` in place. A variable without a gradient keeps its value and its slots.
   *
   * @param gradients float32, under the names and with the shapes of `variables`; the caller disposes them
   * @param correction the numbers of {@link Adam.advance} as float32 scalars; the caller disposes them
   * @throws OptionsError when a gradient has no variable of its name
   */
  update(
    gradients: Readonly<Record<string, tf.Tensor>>,
    variables: NamedVariables,
    correction: AdamCorrection<tf.Tensor>,
  ): void;
  /**
   * Counts an update and updates `variables` in place: {@link Adam.advance} and {@link Adam.update} in one
   * call, for steps that are not compiled.
   *
   * @param gradients float32, under the names and with the shapes of `variables`; the caller disposes them
   * @param learningRate of this update only; default that of {@link createAdam}
   * @throws OptionsError when a gradient has no variable of its name
   */
  apply(
    gradients: Readonly<Record<string, tf.Tensor>>,
    variables: NamedVariables,
    learningRate?: number,
  ): void;
  /**
   * Returns copies of the whole state: `step` (int32 scalar), and for every variable that has slots
   * `m/<name>` and `v/<name>` (float32, in the variable's shape).
   */
  slots(): Promise<NamedArray[]>;
  /**
   * Replaces the whole state with what {@link Adam.slots} returned.
   *
   * @throws CheckpointError when `step` is missing, or a variable does not have two slots of one shape
   */
  restore(arrays: readonly NamedArray[]): void;
  /** Disposes the slots. */
  dispose(): void;
}

/** The numbers of an update that differ from step to step. */
export interface AdamCorrection<Value> {
  /** Step size: learningRate sqrt(1 - beta2^t) / (1 - beta1^t). */
  readonly alphaT: Value;
  /** Added to the square root of `v`: epsilon sqrt(1 - beta2^t). */
  readonly epsilonHat: Value;
  /** What weight decay leaves of a kernel: 1 - learningRate weightDecay. */
  readonly keep: Value;
}

/** Returns a correction as float32 scalars; the caller disposes them. */
export function correctionTensors({
  alphaT,
  epsilonHat,
  keep,
}: AdamCorrection<number>): AdamCorrection<tf.Scalar> {
  return {
    alphaT: tf.scalar(alphaT),
    epsilonHat: tf.scalar(epsilonHat),
    keep: tf.scalar(keep),
  };
}

interface Slots {
  readonly m: tf.Variable;
  readonly v: tf.Variable;
}

/**
 * Returns an Adam optimizer that keeps its slots by variable name, never by position, so that freezing
 * a layer or rebuilding a network cannot give one variable the history of another. The caller disposes
 * it.
 *
 * @throws OptionsError when the learning rate, a beta or epsilon is out of range
 * Source: Kingma and Ba 2015, arXiv 1412.6980, algorithm 1 with the bias correction folded into the
 * step size (end of section 2; epsilon is scaled as well, so the result equals algorithm 1).
 */
export function createAdam(options: AdamOptions): Adam {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = { ...ADAM_DEFAULTS, ...options };
  const inUnit = (value: number): boolean => value >= 0 && value < 1;
  if (!(learningRate >= 0) || !inUnit(beta1) || !inUnit(beta2) || !(epsilon > 0)) {
    throw new OptionsError(
      `createAdam: learningRate must be 0 or more, betas from 0 to below 1 and epsilon above 0, but got ${learningRate}, ${beta1}, ${beta2}, ${epsilon}. The paper's values are 0.001, 0.9, 0.999 and 1e-8.`,
    );
  }
  if (!(weightDecay >= 0 && learningRate * weightDecay < 1)) {
    throw new OptionsError(
      `createAdam: weightDecay must be 0 or more, and below 1 / learningRate, but got ${weightDecay}. 0.01 is usual.`,
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
    return {
      alphaT: (rate * root) / (1 - beta1 ** step),
      epsilonHat: epsilon * root,
      keep: 1 - rate * weightDecay,
    };
  };

  const update: Adam['update'] = (gradients, variables, { alphaT, epsilonHat, keep }) => {
    for (const [name, gradient] of Object.entries(gradients)) {
      const variable = variables[name];
      if (variable === undefined) {
        throw new OptionsError(
          `Adam.update: every gradient must have a variable of the same name, but got none for ${name}. Pass the variables for which the gradients were computed.`,
        );
      }
      if (weightDecay > 0 && variable.rank >= 2) {
        tf.tidy(() => {
          variable.assign(tf.mul(variable, keep));
        });
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
        update(gradients, variables, correctionTensors(advance(rate)));
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
          'Adam.restore: the arrays must include `step`, but got none. Pass what Adam.slots() returned.',
        );
      }
      const pairs = arrays
        .filter(({ name }) => name.startsWith('m/'))
        .map((m) => {
          const name = m.name.slice(2);
          const v = byName.get(`v/${name}`);
          if (v?.shape.join() !== m.shape.join()) {
            throw new CheckpointError(
              `Adam.restore: ${name} must have slots m and v of the same shape, but got ${v === undefined ? 'm alone' : `[${m.shape.join()}] and [${v.shape.join()}]`}. Resume from an earlier checkpoint.`,
            );
          }
          return [name, m, v] as const;
        });
      step = steps;
      const old = new Map(slots);
      slots.clear();
      for (const [name, m, v] of pairs) {
        const known = old.get(name);
        // Compiled steps hold on to the slot variables, so one of the right shape is assigned, not replaced.
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
