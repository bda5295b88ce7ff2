import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { applyAdam } from './adam-update.js';
import { compile } from './compile.js';
import type { CompiledStep, CompileOptions } from './compile-eagerly.js';
import { installedAddon } from './install/installed.js';
import { useEngine } from './use-engine.js';

/** Relative to 1 + |value|: float32 sums of up to a few hundred terms in another order. */
export const FLOAT32_REDUCTION = 1e-5;

/** 20 updates, each of which amplifies the rounding of the one before; see FLOAT32_REDUCTION. */
export const FLOAT32_TRAINING = 1e-4;

/** Relative to the largest value: bfloat16 has 8 significant bits, and sums are kept in float32. */
export const BFLOAT16_ROUNDING: number = 2 ** -8;

export type Inputs = Readonly<Record<string, tf.Tensor>>;
export type Step = (inputs: Inputs) => Inputs;

export function normal(shape: readonly number[], ...name: readonly (string | number)[]): tf.Tensor {
  const stream = streamOf(7, 'compile test', ...name);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal()),
    [...shape],
  );
}

/** Makes a variable that is alone with its numbers. */
export function makeVariable(initial: tf.Tensor): tf.Variable {
  const made = tf.variable(initial);
  initial.dispose();
  return made;
}

export function valuesOf(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

/** Reads a step's outputs and disposes them. */
export function takeValues(outputs: Inputs): Record<string, number[]> {
  const values = Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, valuesOf(tensor)]),
  );
  tf.dispose(outputs);
  return values;
}

/** Runs a step with inputs that are disposed at once, and reads its outputs. */
export async function valuesFrom(
  step: CompiledStep<Inputs, Inputs>,
  inputs: Inputs,
): Promise<Record<string, number[]>> {
  const outputs = await step.run(inputs);
  tf.dispose(inputs);
  return takeValues(outputs);
}

/** What `valuesFrom` is without compiling. */
export function eagerValuesFrom(step: Step, inputs: Inputs): Record<string, number[]> {
  const outputs = tf.tidy(() => step(inputs) as tf.NamedTensorMap);
  tf.dispose(inputs);
  return takeValues(outputs);
}

/** Largest difference relative to 1 + |value|. */
export function difference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return expected.reduce((worst, value, i) => {
    const each = Math.abs((actual[i] ?? NaN) - value) / (1 + Math.abs(value));
    return Number.isNaN(each) ? Infinity : Math.max(worst, each);
  }, 0);
}

/** A small network of a convolution and a dense layer, with what an optimizer keeps of it. */
export interface Network {
  readonly weights: readonly tf.Variable[];
  readonly m: readonly tf.Variable[];
  readonly v: readonly tf.Variable[];
  readonly all: readonly tf.Variable[];
}

export const SIDE = 8;
export const CLASSES = 3;

export function makeNetwork(): Network {
  const scaled = (shape: readonly number[], name: string): tf.Tensor =>
    tf.tidy(() => tf.mul(normal(shape, name), 0.2));
  const weights = [
    makeVariable(scaled([3, 3, 1, 4], 'kernel')),
    makeVariable(tf.zeros([4])),
    makeVariable(scaled([(SIDE / 2) ** 2 * 4, CLASSES], 'dense')),
    makeVariable(tf.zeros([CLASSES])),
  ];
  const slots = (): tf.Variable[] => weights.map(({ shape }) => makeVariable(tf.zeros(shape)));
  const [m, v] = [slots(), slots()];
  return { weights, m, v, all: [...weights, ...m, ...v] };
}

export function lossOf({ weights }: Network, { x, labels }: Inputs): tf.Scalar {
  const [kernel, bias, dense, denseBias] = weights as unknown as readonly [
    tf.Tensor4D,
    tf.Tensor1D,
    tf.Tensor2D,
    tf.Tensor1D,
  ];
  const convolved = tf.relu(tf.add(tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same'), bias));
  const pooled = tf.maxPool(convolved as tf.Tensor4D, 2, 2, 'valid');
  const flat = tf.reshape(pooled, [x!.shape[0], -1]);
  const logits = tf.add(tf.matMul(flat as tf.Tensor2D, dense), denseBias);
  return tf.losses.softmaxCrossEntropy(tf.oneHot(labels as tf.Tensor1D, CLASSES), logits);
}

export function gradientsOf(
  network: Network,
  inputs: Inputs,
): { readonly loss: tf.Scalar; readonly gradients: readonly tf.Tensor[] } {
  const { value, grads } = tf.variableGrads(
    () => lossOf(network, inputs),
    network.weights as tf.Variable[],
  );
  return { loss: value, gradients: network.weights.map(({ name }) => grads[name]!) };
}

export const BETA1 = 0.9;
export const BETA2 = 0.999;

export function adamStep(network: Network): Step {
  return ({ alphaT, epsilonHat, ...inputs }) => {
    const { loss, gradients } = gradientsOf(network, inputs);
    network.weights.forEach((variable, i) => {
      const slots = { m: network.m[i]!, v: network.v[i]! };
      const gradient = gradients[i]!;
      applyAdam({
        variable,
        ...slots,
        gradient,
        alphaT: alphaT!,
        epsilonHat: epsilonHat!,
        beta1: BETA1,
        beta2: BETA2,
      });
    });
    return { loss };
  };
}

export function descentStep(network: Network): Step {
  return ({ rate, ...inputs }) => {
    const { loss, gradients } = gradientsOf(network, inputs);
    network.weights.forEach((variable, i) => {
      variable.assign(tf.sub(variable, tf.mul(gradients[i]!, rate!)));
    });
    return { loss };
  };
}

export function batchOf(step: number, count = 6): Inputs {
  const stream = streamOf(7, 'labels', step);
  return {
    x: normal([count, SIDE, SIDE, 1], 'batch', step),
    labels: tf.tensor1d(
      Array.from({ length: count }, () => stream.integer(CLASSES)),
      'int32',
    ),
  };
}

/** Adam's step size with the bias correction folded in, as `models/adam.ts` has it. */
export function adamBatchOf(step: number, count?: number): Inputs {
  const correction = Math.sqrt(1 - BETA2 ** (step + 1));
  return {
    ...batchOf(step, count),
    alphaT: tf.scalar((0.01 * correction) / (1 - BETA1 ** (step + 1))),
    epsilonHat: tf.scalar(1e-7 * correction),
  };
}

export function descentBatchOf(step: number, count?: number): Inputs {
  return {
    ...batchOf(step, count),
    rate: tf.scalar(0.1),
  };
}

/** Compiles a step that is disposed after its test. */
export type Compile = (step: Step, options?: CompileOptions) => CompiledStep<Inputs, Inputs>;

/** Describes what a compiled step does on the native engine, where that is installed; no test leaves a tensor. */
export function describeCompiled(name: string, tests: (made: Compile) => void): void {
  const absent = installedAddon() === undefined;
  const because = absent ? ' (skipped: the native engine is not installed)' : '';
  describe.skipIf(absent)(`compile on the native engine: ${name}${because}`, () => {
    let before = 0;
    let variables: string[] = [];
    const compiled: { dispose(): void }[] = [];

    beforeEach(async () => {
      await useEngine({ engine: 'tensorflow' });
      before = tf.memory().numTensors;
      variables = Object.keys(tf.engine().registeredVariables);
    });
    afterEach(() => {
      for (const step of compiled.splice(0)) step.dispose();
      for (const [name, variable] of Object.entries(tf.engine().registeredVariables)) {
        if (!variables.includes(name)) variable.dispose();
      }
      expect(tf.memory().numTensors).toBe(before);
    });
    tests((step, options) => {
      const result = compile<Inputs, Inputs>(step, options);
      compiled.push(result);
      return result;
    });
  });
}
