import * as tf from '@tensorflow/tfjs';
import { OptionsError, ShapeError } from '@janus/core';
import { expect, it } from 'vitest';
import { applyAdam } from './adam-update.js';
import {
  describeCompiled,
  type Inputs,
  type Step,
  makeVariable,
  valuesOf,
  valuesFrom,
  BETA2,
} from './compile.fixture.js';

/** The number of the line below the one that asks. */
function nextLine(): string {
  const [, , frame = ''] = (new Error().stack ?? '').split('\n');
  return `compile-errors.test.ts:${Number(/:(\d+):\d+\)?$/.exec(frame)?.[1]) + 1}:`;
}

describeCompiled('an error', (made) => {
  let line = '';

  /** Expects an error of the step that names `line`, and everything as before. */
  const refused = async (step: Step, rule: RegExp, inputs?: Inputs): Promise<void> => {
    line = 'no line was asked';
    const x = tf.ones([4]);
    const count = tf.memory().numTensors;
    const running = made(step).run({ x, ...inputs });
    await expect(running).rejects.toThrow(rule);
    await expect(running).rejects.toThrow(OptionsError);
    await expect(running).rejects.toThrow(line);
    expect(tf.memory().numTensors).toBe(count);
    // eslint-disable-next-line no-restricted-properties -- it was replaced meanwhile
    expect(Math.random()).toBeGreaterThanOrEqual(0);
    expect(tf.tidy(() => valuesOf(tf.add(x, 1)))).toEqual([2, 2, 2, 2]);
    x.dispose();
  };

  it('names the line that reads values', async () => {
    await refused(({ x }) => {
      line = nextLine();
      return { y: tf.mul(x!, x!.dataSync()[0] ?? 0) };
    }, /must not read its tensors' values/);
  });

  it('names the line that reads values of a variable', async () => {
    const variable = makeVariable(tf.scalar(1));
    await refused(({ x }) => {
      line = nextLine();
      return { y: tf.mul(x!, variable.dataSync()[0] ?? 0) };
    }, /must not read its tensors' values/);
    variable.dispose();
  });

  it('names the line that prints values', async () => {
    await refused(({ x }) => {
      line = nextLine();
      return { y: tf.mul(x!, x!.toString().length) };
    }, /must not read its tensors' values/);
  });

  it('reports an index that is out of range, when the step runs', async () => {
    const x = tf.ones([4]);
    const step = made(({ x: values, at }) => ({ y: tf.gather(values!, tf.cast(at!, 'int32')) }));
    for (const place of [4, -1]) {
      const at = tf.tensor1d([0, place], 'int32');
      await expect(step.run({ x, at })).rejects.toThrow(/is not in \[0, 4\)/);
      expect(() => tf.gather(x, at)).toThrow(/is not in \[0, 3\]/);
      at.dispose();
    }
    x.dispose();
  });

  it('names the line that calls Math.random', async () => {
    await refused(({ x }) => {
      line = nextLine();
      return { y: tf.mul(x!, Math.random()) }; // eslint-disable-line no-restricted-properties -- the mistake
    }, /Math\.random/);
  });

  it('names the line that draws in JavaScript without a seed', async () => {
    await refused(({ x }) => {
      line = nextLine();
      return { y: tf.mul(x!, tf.randomUniform([4])) };
    }, /random numbers in a step must come from a seed that is an input/);
  });

  it('names the line that draws in JavaScript with a seed', async () => {
    await refused(({ x }) => {
      line = nextLine();
      return { y: tf.mul(x!, tf.randomUniform([4], 0, 1, 'float32', 5)) };
    }, /random numbers in a step must come from a seed that is an input/);
    await refused(({ x }) => {
      line = nextLine();
      return { y: tf.dropout(x!, 0.5, undefined, 5) };
    }, /random numbers in a step must come from a seed that is an input/);
  });

  it("names the line that draws from TensorFlow's own state", async () => {
    await refused(({ x }) => {
      line = nextLine();
      return { y: tf.multinomial(tf.reshape<tf.Rank.R2>(x!, [1, 4]), 3, 5) };
    }, /random numbers in a step must come from a seed that is an input/);
  });

  it('names the line that makes many numbers', async () => {
    await refused(({ x }) => {
      line = nextLine();
      const ramp = tf.tensor1d(Array.from({ length: 257 }, (_, i) => i));
      return { y: tf.add(tf.sum(ramp), x!) };
    }, /at most 256, but .* makes 257/);
  });

  it('does not occur for many equal numbers, or for few', async () => {
    const step = made(({ x }) => {
      const ramp = tf.tensor1d(Array.from({ length: 256 }, (_, i) => i));
      return { y: tf.add(tf.add(tf.sum(ramp), tf.sum(tf.ones([1000]))), x!) };
    });
    expect(await valuesFrom(step, { x: tf.scalar(1) })).toEqual({ y: [128 * 255 + 1000 + 1] });
  });

  it('names the line whose numbers differ from call to call', async () => {
    let calls = 0;
    await refused(({ x }) => {
      calls++;
      line = nextLine();
      return { y: tf.mul(x!, calls) };
    }, /must be the same at every call/);
  });

  it('names the line whose attributes differ from call to call', async () => {
    let calls = 0;
    await refused(({ x }) => {
      calls++;
      line = nextLine();
      return { y: tf.leakyRelu(x!, 0.1 * calls) };
    }, /must be the same at every call/);
  });

  it('reports operations that differ from call to call', async () => {
    let calls = 0;
    await refused(({ x }) => {
      calls++;
      const y = tf.square(x!);
      line = nextLine();
      return { y: calls > 1 ? tf.neg(y) : tf.exp(y) };
    }, /must be the same at every call/);
  });

  it('reports tensors that change places from call to call', async () => {
    let calls = 0;
    await refused(({ x }) => {
      calls++;
      const both = [tf.square(x!), tf.exp(x!)] as const;
      const other = both[calls % 2]!;
      line = nextLine();
      return { y: tf.sub(both[0], other) };
    }, /must be the same at every call/);
  });

  it('reports rates of Adam that differ from call to call', async () => {
    const [variable, m, v] = [0, 1, 2].map(() => makeVariable(tf.zeros([4])));
    const rates = { alphaT: tf.scalar(1), epsilonHat: tf.scalar(1) };
    let calls = 0;
    await refused(
      ({ x, alphaT, epsilonHat }) => {
        calls++;
        const slots = { variable: variable!, m: m!, v: v! };
        const beta1 = 0.5 + 0.1 * calls;
        line = nextLine();
        applyAdam({
          ...slots,
          gradient: x!,
          alphaT: alphaT!,
          epsilonHat: epsilonHat!,
          beta1,
          beta2: BETA2,
        });
        return { y: x! };
      },
      /must be the same at every call/,
      rates,
    );
    tf.dispose(rates);
  });

  it('names the line that uses a tensor from outside', async () => {
    const outside = tf.tensor1d([1, 2, 3, 4]);
    await refused(({ x }) => {
      line = nextLine();
      return { y: tf.mul(x!, outside) };
    }, /uses a tensor \[4\] made outside/);
    await refused(() => {
      line = 'compile-errors.test.ts:';
      return { y: outside };
    }, /uses a tensor \[4\] made outside/);
    outside.dispose();
  });

  it('names the line whose shape depends on values', async () => {
    const x = tf.tensor1d([1, 2, 1]);
    const running = made((inputs) => {
      line = nextLine();
      return { y: tf.unique(inputs['x']!).values };
    }).run({ x });
    await expect(running).rejects.toThrow(ShapeError);
    await expect(running).rejects.toThrow(/shapes must be known before a step runs/);
    await expect(running).rejects.toThrow(line);
    x.dispose();
  });

  it('names the line that assigns another shape', async () => {
    const variable = makeVariable(tf.zeros([2]));
    const x = tf.ones([3]);
    const running = made((inputs) => {
      line = nextLine();
      variable.assign(inputs['x']!);
      return { y: variable };
    }).run({ x });
    await expect(running).rejects.toThrow(ShapeError);
    await expect(running).rejects.toThrow(
      /variable .* is float32 \[2\], but .* assigns float32 \[3\]/,
    );
    await expect(running).rejects.toThrow(line);
    x.dispose();
  });

  it('reports a tensor that a step keeps, and its use outside', async () => {
    let kept = tf.tensor(0);
    kept.dispose();
    const x = tf.ones([4]);
    const running = made((inputs) => {
      kept = tf.keep(tf.add(inputs['x']!, 1));
      return { y: kept };
    }).run({ x });
    await expect(running).rejects.toThrow(/must leave no tensors behind, but leaves 1/);
    const returned =
      /must be among its outputs to be used outside, but .*compile-[a-z]+\.test\.ts:\d+/;
    expect(() => kept.dataSync()).toThrow(returned);
    expect(() => tf.add(kept, 1)).toThrow(returned);
    await expect(kept.data()).rejects.toThrow(/must be among its outputs/);
    tf.dispose([x, kept]);
  });

  it('reports a run after dispose()', async () => {
    const step = made(({ x }) => ({ y: tf.add(x!, 1) }));
    step.dispose();
    step.dispose();
    const x = tf.scalar(1);
    await expect(step.run({ x })).rejects.toThrow(/must not run after its dispose\(\)/);
    x.dispose();
  });

  it('of the step itself comes through, and leaves the engine as it was', async () => {
    const variable = makeVariable(tf.zeros([4]));
    const x = tf.ones([4]);
    const step = made((inputs) => {
      variable.assign(tf.add(variable, inputs['x']!));
      throw new RangeError('of the step');
    });
    await expect(step.run({ x })).rejects.toThrow(RangeError);
    expect(valuesOf(variable)).toEqual([0, 0, 0, 0]);
    variable.assign(x);
    expect(valuesOf(variable)).toEqual([1, 1, 1, 1]);
    x.dispose();
  });
});
