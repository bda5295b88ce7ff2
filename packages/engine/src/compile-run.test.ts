import * as tf from '@tensorflow/tfjs';
import { OptionsError } from '@janus/core';
import { expect, it } from 'vitest';
import { compile } from './compile.js';
import { useEngine } from './use-engine.js';
import {
  describeCompiled,
  type Inputs,
  type Step,
  makeVariable,
  valuesOf,
  takeValues,
  valuesFrom,
} from './compile.fixture.js';

describeCompiled('run', (made) => {
  it('does what was asked at once in the order of the calls', async () => {
    const variable = makeVariable(tf.ones([2]));
    const add = made(({ x }) => {
      variable.assign(tf.add(variable, x!));
      return { y: tf.add(variable, 0) };
    });
    const double = made(() => {
      variable.assign(tf.mul(variable, 2));
      return { y: tf.add(variable, 0) };
    });
    const running: Promise<Inputs>[] = [];
    const expected: number[][] = [];
    let value = 1;
    for (let i = 0; i < 10; i++) {
      const x = tf.scalar(i);
      running.push(add.run({ x }), double.run({}));
      x.dispose(); // its numbers were taken
      expected.push([value + i, value + i], [2 * (value + i), 2 * (value + i)]);
      value = 2 * (value + i);
    }
    const values = (await Promise.all(running)).map((outputs) => takeValues(outputs)['y']);
    expect(values).toEqual(expected);
    expect(valuesOf(variable)).toEqual([value, value]);
  });

  it('lets a variable be read only when no step runs', async () => {
    const variable = makeVariable(tf.ones([2]));
    const step = made(() => {
      variable.assign(tf.mul(variable, 2));
      return { y: tf.sum(variable) };
    });
    await valuesFrom(step, {});
    const running = step.run({});
    await Promise.resolve(); // it starts
    expect(() => variable.dataSync()).toThrow(OptionsError);
    expect(() => variable.dataSync()).toThrow(
      /while a compiled step runs, but .*compile-[a-z]+\.test\.ts:\d+/,
    );
    takeValues(await running);
    expect(valuesOf(variable)).toEqual([4, 4]);
  });

  it('ends before a dispose() that does not wait for it', async () => {
    const variable = makeVariable(tf.ones([64, 64]));
    for (const ownSession of [false, true]) {
      const step = made(
        () => {
          variable.assign(
            tf.div(
              tf.matMul(variable as unknown as tf.Tensor2D, variable as unknown as tf.Tensor2D),
              64,
            ),
          );
          return { y: tf.mean(variable) };
        },
        { ownSession },
      );
      await valuesFrom(step, {});
      const running = [step.run({}), step.run({})];
      step.dispose();
      for (const each of running) expect(takeValues(await each)).toEqual({ y: [1] });
    }
    expect(valuesOf(variable).every((value) => value === 1)).toBe(true);
  });

  it('returns inputs, variables and repeated tensors as tensors of their own', async () => {
    const variable = makeVariable(tf.ones([2]));
    const step: Step = ({ x }) => {
      const y = tf.add(x!, 1);
      return { x: x!, again: x!, variable, y, twice: y };
    };
    const expected = { x: [3, 4], again: [3, 4], variable: [1, 1], y: [4, 5], twice: [4, 5] };
    for (const engine of ['tensorflow', 'js'] as const) {
      await useEngine({ engine });
      const x = tf.tensor1d([3, 4]);
      expect(takeValues(await made(step).run({ x }))).toEqual(expected);
      expect(valuesOf(x)).toEqual([3, 4]);
      expect(valuesOf(variable)).toEqual([1, 1]);
      x.dispose();
    }
    await useEngine({ engine: 'tensorflow' });
  });

  it('refuses an eager step in bfloat16, which only graphs have', () => {
    const options = { execution: 'eager', precision: 'bfloat16' } as const;
    expect(() => compile(() => ({}), options)).toThrow(/an eager step must compute in float32/);
  });
});
