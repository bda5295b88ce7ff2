import * as tf from '@tensorflow/tfjs';
import { streamOf, type RandomStream } from '@janus/core';
import { useEngine } from '../use-engine.js';

/** Relative to 1 + |value|: float32 sums of up to a few hundred terms in another order. */
export const FLOAT32_REDUCTION = 1e-4;

export interface Input {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
  readonly dtype: 'float32' | 'int32';
}

/** The tensors of a case's inputs, of any rank and number. */
export type Operands = readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];

export type Computation = (inputs: Operands) => tf.Tensor;

export function normal(shape: readonly number[], stream: RandomStream): Input {
  const size = shape.reduce((product, each) => product * each, 1);
  return {
    shape,
    values: Float32Array.from({ length: size }, () => stream.normal()),
    dtype: 'float32',
  };
}

export function integers(shape: readonly number[], stream: RandomStream): Input {
  const size = shape.reduce((product, each) => product * each, 1);
  return {
    shape,
    values: Int32Array.from({ length: size }, () => pick(stream, 5)),
    dtype: 'int32',
  };
}

export function pick(stream: RandomStream, count: number): number {
  return stream.integer(count);
}

/** Returns the value and, for float results, the gradient of each input for a fixed `dy`. */
export function numbersOf(
  computation: Computation,
  inputs: readonly Input[],
  gradients: boolean,
): number[][] {
  return tf.tidy(() => {
    const tensors = inputs.map(({ shape, values, dtype }) => tf.tensor(values, [...shape], dtype));
    const compute = (each: unknown): tf.Tensor => computation(each as Operands);
    const y = compute(tensors);
    const results = [y];
    if (gradients) {
      const dy = tf.tensor(normal(y.shape, streamOf(2, 'dy')).values, y.shape);
      results.push(...tf.grads((...each: tf.Tensor[]) => compute(each))(tensors, dy));
    }
    return results.map((result) => Array.from(result.dataSync()));
  });
}

export function worstDifference(
  actual: readonly number[][],
  expected: readonly number[][],
): number {
  let worst = actual.length === expected.length ? 0 : Infinity;
  expected.forEach((numbers, i) => {
    if (actual[i]?.length !== numbers.length) worst = Infinity;
    numbers.forEach((value, j) => {
      const difference = Math.abs((actual[i]?.[j] ?? NaN) - value) / (1 + Math.abs(value));
      worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
    });
  });
  return worst;
}

export interface Case {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly computation: Computation;
  readonly gradients?: boolean;
}

/** Computes all cases on one engine, then on the other: switching between them is slow. */
export async function differences(cases: readonly Case[]): Promise<Record<string, number>> {
  const compute = (): number[][][] =>
    cases.map(({ inputs, computation, gradients = true }) =>
      numbersOf(computation, inputs, gradients),
    );
  await useEngine({ engine: 'js' });
  const expected = compute();
  await useEngine({ engine: 'wasm' });
  const actual = compute();
  const wrong: Record<string, number> = {};
  cases.forEach(({ name }, i) => {
    const worst = worstDifference(actual[i] ?? [], expected[i] ?? []);
    if (worst > FLOAT32_REDUCTION) wrong[name] = worst;
  });
  return wrong;
}
