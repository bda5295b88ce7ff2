import * as tf from '@tensorflow/tfjs';
import { EnvironmentError } from '@janus/core';
import { describe, expect, it } from 'vitest';
import { bfloat16Instructions, checkBfloat16 } from './bfloat16.js';
import {
  describeCompiled,
  BFLOAT16_ROUNDING,
  type Inputs,
  type Step,
  normal,
  makeVariable,
  valuesOf,
  valuesFrom,
  eagerValuesFrom,
  makeNetwork,
  descentStep,
  descentBatchOf,
} from './compile.fixture.js';

describeCompiled('bfloat16', (made) => {
  const lacks = bfloat16Instructions().length === 0;
  const reason = lacks ? ' (skipped: the processor has no bfloat16 instructions)' : '';
  describe.skipIf(lacks)(`bfloat16${reason}`, () => {
    /** Relative to the largest value, which is what a sum's rounding is relative to. */
    const roundingOf = (actual: readonly number[], expected: readonly number[]): number => {
      const largest = Math.max(...expected.map(Math.abs));
      return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!))) / largest;
    };

    it('convolves as float32 does up to its rounding', async () => {
      const kernel = makeVariable(normal([3, 3, 8, 8], 'bfloat16 kernel'));
      const step: Step = ({ x }) => ({
        y: tf.conv2d(x as tf.Tensor4D, kernel as unknown as tf.Tensor4D, 1, 'same'),
      });
      const input = (): Inputs => ({ x: normal([2, 8, 8, 8], 'bfloat16 x') });
      const reduced = await valuesFrom(made(step, { precision: 'bfloat16' }), input());
      const exact = await valuesFrom(made(step), input());
      const rounding = roundingOf(reduced['y']!, exact['y']!);
      expect(rounding).toBeLessThan(BFLOAT16_ROUNDING);
      expect(rounding).toBeGreaterThan(BFLOAT16_ROUNDING / 100); // it was not float32
    });

    it('leaves variables float32: a small change is not lost', async () => {
      const network = makeNetwork();
      const step = made(descentStep(network), { precision: 'bfloat16' });
      const theirs = makeNetwork();
      for (let i = 0; i < 3; i++) {
        const small = (): Inputs => {
          const { rate, ...batch } = descentBatchOf(i);
          rate!.dispose();
          return { ...batch, rate: tf.scalar(1e-3) };
        };
        const [loss] = (await valuesFrom(step, small()))['loss']!;
        const [expected] = eagerValuesFrom(descentStep(theirs), small())['loss']!;
        expect(Math.abs(loss! - expected!) / expected!).toBeLessThan(BFLOAT16_ROUNDING);
      }
      const initial = makeNetwork();
      network.weights.forEach((variable, i) => {
        expect(variable.dtype).toBe('float32');
        const start = valuesOf(initial.weights[i]!);
        const moved = valuesOf(variable).map((value, j) => value - start[j]!);
        const expected = valuesOf(theirs.weights[i]!).map((value, j) => value - start[j]!);
        // In bfloat16, changes of a thousandth of a weight would be nothing, or far too large.
        expect(roundingOf(moved, expected)).toBeLessThan(16 * BFLOAT16_ROUNDING);
      });
    });
  });
});

describe('checkBfloat16', () => {
  it('takes a processor with one of the instruction sets, and names all to others', () => {
    expect(() => {
      checkBfloat16(['amx_bf16']);
    }).not.toThrow();
    expect(() => {
      checkBfloat16([]);
    }).toThrow(EnvironmentError);
    expect(() => {
      checkBfloat16([]);
    }).toThrow(/one of avx512_bf16, amx_bf16, avx_ne_convert/);
  });
});
