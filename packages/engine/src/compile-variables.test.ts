import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { applyAdam } from './adam-update.js';
import { useEngine } from './use-engine.js';
import {
  describeCompiled,
  FLOAT32_REDUCTION,
  type Inputs,
  type Step,
  makeVariable,
  valuesOf,
  takeValues,
  valuesFrom,
  eagerValuesFrom,
  difference,
  BETA1,
  BETA2,
} from './compile.fixture.js';

describeCompiled('a variable', (made) => {
  const addStep =
    (variable: tf.Variable): Step =>
    ({ x }) => {
      variable.assign(tf.add(variable, x!));
      return { sum: tf.sum(variable) };
    };
  const one = (): Inputs => ({ x: tf.scalar(1) });

  it('that one step writes is read by another', async () => {
    const shared = makeVariable(tf.zeros([2]));
    const writer = made(addStep(shared));
    const reader = made(() => ({ doubled: tf.mul(shared, 2) }));
    expect(await valuesFrom(reader, {})).toEqual({ doubled: [0, 0] });
    await valuesFrom(writer, one());
    expect(await valuesFrom(reader, {})).toEqual({ doubled: [2, 2] });
    const other = made(addStep(shared));
    await valuesFrom(other, one());
    await valuesFrom(writer, one());
    expect(await valuesFrom(reader, {})).toEqual({ doubled: [6, 6] });
    expect(valuesOf(shared)).toEqual([3, 3]);
  });

  it('is one for steps in the common session and in sessions of their own', async () => {
    const shared = makeVariable(tf.zeros([2]));
    const writer = made(addStep(shared));
    const reader = made(() => ({ doubled: tf.mul(shared, 2) }), { ownSession: true });
    const other = made(addStep(shared), { ownSession: true });
    for (let i = 0; i < 3; i++) {
      await valuesFrom(writer, one());
      expect(await valuesFrom(reader, {})).toEqual({ doubled: [4 * i + 2, 4 * i + 2] });
      await valuesFrom(other, one());
      expect(await valuesFrom(reader, {})).toEqual({ doubled: [4 * i + 4, 4 * i + 4] });
    }
    other.dispose();
    await valuesFrom(writer, one());
    expect(valuesOf(shared)).toEqual([7, 7]);
  });

  it('shows outside what steps made of it, and steps see what is assigned outside', async () => {
    const variable = makeVariable(tf.zeros([2]));
    const step = made(addStep(variable));
    await valuesFrom(step, one());
    expect(valuesOf(variable)).toEqual([1, 1]);
    expect(Array.from(await variable.data())).toEqual([1, 1]);
    expect(tf.tidy(() => valuesOf(tf.mul(variable, 3)))).toEqual([3, 3]);
    await valuesFrom(step, one());
    expect(tf.tidy(() => valuesOf(tf.mul(variable, 3)))).toEqual([6, 6]);
    const five = tf.tensor1d([5, 6]);
    variable.assign(five);
    five.dispose();
    expect(await valuesFrom(step, one())).toEqual({ sum: [13] });
    expect(valuesOf(variable)).toEqual([6, 7]);
  });

  it('changes no clone that was taken before a step, whether it was read before or not', async () => {
    const variable = makeVariable(tf.zeros([2]));
    const step = made(addStep(variable));
    const clones: tf.Tensor[] = [variable.clone()];
    for (let i = 0; i < 2; i++) {
      await valuesFrom(step, one());
      clones.push(variable.clone());
    }
    await valuesFrom(step, one());
    clones.push(tf.reshape(variable, [1, 2]));
    expect(valuesOf(clones[3]!)).toEqual([3, 3]);
    await valuesFrom(step, one());
    expect(clones.map(valuesOf)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(valuesOf(variable)).toEqual([4, 4]);
    tf.dispose(clones);
  });

  it('is not taken for another that was made from it, or for a clone', async () => {
    const variable = makeVariable(tf.ones([2]));
    const average = tf.variable(variable);
    const clone = variable.clone();
    const step = made(({ x }) => {
      average.assign(tf.add(tf.mul(average, 0.5), tf.mul(variable, 0.5)));
      variable.assign(tf.add(variable, x!));
      return { average, variable };
    });
    const values: unknown[] = [];
    for (let i = 0; i < 3; i++) values.push(await valuesFrom(step, one()));
    expect(values).toEqual([
      { average: [1, 1], variable: [2, 2] },
      { average: [1.5, 1.5], variable: [3, 3] },
      { average: [2.25, 2.25], variable: [4, 4] },
    ]);
    const captures = made(() => ({ sum: tf.add(variable, clone) }));
    await expect(captures.run({})).rejects.toThrow(/uses a tensor \[2\] made outside/);
    expect(valuesOf(clone)).toEqual([1, 1]);
    clone.dispose();
  });

  it('can be disposed between steps, and steps that use it say so', async () => {
    const [gone, kept] = [makeVariable(tf.scalar(0)), makeVariable(tf.scalar(0))];
    const first = made(addStep(gone));
    const second = made(addStep(kept));
    await valuesFrom(first, one());
    await valuesFrom(second, one());
    const { numTensors } = tf.memory();
    gone.dispose();
    expect(tf.memory().numTensors).toBe(numTensors - 1);
    expect(await valuesFrom(second, one())).toEqual({ sum: [2] });
    const x = tf.scalar(1);
    await expect(first.run({ x })).rejects.toThrow(/disposed/);
    x.dispose();
    tf.dispose([kept]);
  });

  it('that is disposed while a step runs stays disposed', async () => {
    const variable = makeVariable(tf.zeros([2]));
    const step = made(addStep(variable));
    const x = tf.scalar(1);
    const running = step.run({ x });
    x.dispose();
    variable.dispose();
    await running.then(takeValues, (error: unknown) => {
      expect(String(error)).toMatch(/disposed/);
    });
    expect(variable.isDisposed).toBe(true);
  });

  it('goes through another engine and back', async () => {
    const variable = makeVariable(tf.zeros([2]));
    const step = made(addStep(variable));
    await valuesFrom(step, one());
    await useEngine({ engine: 'js' });
    expect(tf.tidy(() => valuesOf(tf.mul(variable, 3)))).toEqual([3, 3]);
    await useEngine({ engine: 'tensorflow' });
    expect(await valuesFrom(step, one())).toEqual({ sum: [4] });
    expect(valuesOf(variable)).toEqual([2, 2]);
  });

  it('that a step changes several times has the changes in their order', async () => {
    const AT = { alphaT: 0.5, epsilonHat: 1e-3 };
    const several =
      (variable: tf.Variable, m: tf.Variable, v: tf.Variable): Step =>
      ({ gradient, alphaT, epsilonHat }) => {
        const adam = (): void => {
          applyAdam({
            variable,
            m,
            v,
            gradient: gradient!,
            alphaT: alphaT!,
            epsilonHat: epsilonHat!,
            beta1: BETA1,
            beta2: BETA2,
          });
        };
        variable.assign(tf.add(variable, 10));
        const early = tf.mul(variable, 1);
        variable.assign(tf.mul(variable, 2));
        adam();
        const middle = tf.mul(variable, 1);
        adam();
        m.assign(tf.mul(m, 3));
        variable.assign(tf.neg(variable));
        return { early, middle, late: tf.mul(variable, 1) };
      };
    const inputs = (): Inputs => ({
      gradient: tf.tensor1d([1, -2]),
      alphaT: tf.scalar(AT.alphaT),
      epsilonHat: tf.scalar(AT.epsilonHat),
    });
    const three = (): [tf.Variable, tf.Variable, tf.Variable] => [
      makeVariable(tf.ones([2])),
      makeVariable(tf.zeros([2])),
      makeVariable(tf.zeros([2])),
    ];
    const [ours, theirs] = [three(), three()];
    const step = made(several(...ours));
    for (let i = 0; i < 3; i++) {
      const actual = await valuesFrom(step, inputs());
      const expected = eagerValuesFrom(several(...theirs), inputs());
      for (const [name, values] of Object.entries(expected)) {
        expect(difference(actual[name]!, values)).toBeLessThan(FLOAT32_REDUCTION);
      }
      ours.forEach((variable, at) => {
        expect(difference(valuesOf(variable), valuesOf(theirs[at]!))).toBeLessThan(
          FLOAT32_REDUCTION,
        );
      });
    }
  });
});
