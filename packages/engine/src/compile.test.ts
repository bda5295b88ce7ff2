import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { OptionsError, ShapeError, streamOf } from '@janus/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyAdam } from './adam-update.js';
import { callerLine, isRandomCall } from './caller-line.js';
import { compile, type CompiledStep } from './compile.js';
import { installedAddon } from './native.js';
import { bfloat16Instructions, checkBfloat16 } from './processor.js';
import { reflectPad } from './reflect-pad.js';
import { useEngine } from './use-engine.js';

/** Relative to 1 + |value|: float32 sums of up to a few hundred terms in another order. */
const FLOAT32_REDUCTION = 1e-5;

/** 20 updates, each of which amplifies the rounding of the one before; see FLOAT32_REDUCTION. */
const FLOAT32_TRAINING = 1e-4;

/** Relative to the largest value: bfloat16 has 8 significant bits, and sums are kept in float32. */
const BFLOAT16_ROUNDING = 2 ** -8;

type Inputs = Readonly<Record<string, tf.Tensor>>;
type Step = (inputs: Inputs) => Inputs;

function normal(shape: readonly number[], ...name: readonly (string | number)[]): tf.Tensor {
  const stream = streamOf(7, 'compile test', ...name);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal()),
    [...shape],
  );
}

/** Makes a variable that is alone with its numbers. */
function makeVariable(initial: tf.Tensor): tf.Variable {
  const made = tf.variable(initial);
  initial.dispose();
  return made;
}

function valuesOf(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

/** Reads a step's outputs and disposes them. */
function takeValues(outputs: Inputs): Record<string, number[]> {
  const values = Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, valuesOf(tensor)]),
  );
  tf.dispose(outputs);
  return values;
}

/** Runs a step with inputs that are disposed at once, and reads its outputs. */
async function valuesFrom(
  step: CompiledStep<Inputs, Inputs>,
  inputs: Inputs,
): Promise<Record<string, number[]>> {
  const outputs = await step.run(inputs);
  tf.dispose(inputs);
  return takeValues(outputs);
}

/** What `valuesFrom` is without compiling. */
function eagerValuesFrom(step: Step, inputs: Inputs): Record<string, number[]> {
  const outputs = tf.tidy(() => step(inputs) as tf.NamedTensorMap);
  tf.dispose(inputs);
  return takeValues(outputs);
}

/** Largest difference relative to 1 + |value|. */
function difference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return expected.reduce((worst, value, i) => {
    const each = Math.abs((actual[i] ?? NaN) - value) / (1 + Math.abs(value));
    return Number.isNaN(each) ? Infinity : Math.max(worst, each);
  }, 0);
}

/** A small network of a convolution and a dense layer, with what an optimizer keeps of it. */
interface Network {
  readonly weights: readonly tf.Variable[];
  readonly m: readonly tf.Variable[];
  readonly v: readonly tf.Variable[];
  readonly all: readonly tf.Variable[];
}

const SIDE = 8;
const CLASSES = 3;

function makeNetwork(): Network {
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

function lossOf({ weights }: Network, { x, labels }: Inputs): tf.Scalar {
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

function gradientsOf(
  network: Network,
  inputs: Inputs,
): { readonly loss: tf.Scalar; readonly gradients: readonly tf.Tensor[] } {
  const { value, grads } = tf.variableGrads(
    () => lossOf(network, inputs),
    network.weights as tf.Variable[],
  );
  return { loss: value, gradients: network.weights.map(({ name }) => grads[name]!) };
}

const BETA1 = 0.9;
const BETA2 = 0.999;

function adamStep(network: Network): Step {
  return ({ size, floor, ...inputs }) => {
    const { loss, gradients } = gradientsOf(network, inputs);
    network.weights.forEach((variable, i) => {
      const slots = { m: network.m[i]!, v: network.v[i]! };
      const gradient = gradients[i]!;
      applyAdam({
        variable,
        ...slots,
        gradient,
        size: size!,
        floor: floor!,
        beta1: BETA1,
        beta2: BETA2,
      });
    });
    return { loss };
  };
}

function descentStep(network: Network): Step {
  return ({ rate, ...inputs }) => {
    const { loss, gradients } = gradientsOf(network, inputs);
    network.weights.forEach((variable, i) => {
      variable.assign(tf.sub(variable, tf.mul(gradients[i]!, rate!)));
    });
    return { loss };
  };
}

function batchOf(step: number, count = 6): Inputs {
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
function adamBatchOf(step: number, count?: number): Inputs {
  const correction = Math.sqrt(1 - BETA2 ** (step + 1));
  return {
    ...batchOf(step, count),
    size: tf.scalar((0.01 * correction) / (1 - BETA1 ** (step + 1))),
    floor: tf.scalar(1e-7 * correction),
  };
}

const descentBatchOf = (step: number, count?: number): Inputs => ({
  ...batchOf(step, count),
  rate: tf.scalar(0.1),
});

/** The number of the line below the one that asks. */
function nextLine(): string {
  const [, , frame = ''] = (new Error().stack ?? '').split('\n');
  return `compile.test.ts:${Number(/:(\d+):\d+\)?$/.exec(frame)?.[1]) + 1}:`;
}

const absent = installedAddon() === undefined;
const because = absent ? ' (skipped: the native engine is not installed)' : '';

describe.skipIf(absent)(`compile on the native engine${because}`, () => {
  let before = 0;
  let variables: string[] = [];
  const compiled: { dispose(): void }[] = [];
  const made = (step: Step, options?: Parameters<typeof compile>[1]) => {
    const result = compile<Inputs, Inputs>(step, options);
    compiled.push(result);
    return result;
  };

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

  describe('a training step', () => {
    const STEPS = 20;

    it('with Adam has the losses and the state of the same step uncompiled', async () => {
      const [ours, theirs] = [makeNetwork(), makeNetwork()];
      const step = made(adamStep(ours));
      const losses: number[] = [];
      const expected: number[] = [];
      for (let i = 0; i < STEPS; i++) {
        losses.push(...(await valuesFrom(step, adamBatchOf(i)))['loss']!);
        expected.push(...eagerValuesFrom(adamStep(theirs), adamBatchOf(i))['loss']!);
      }
      expect(expected.at(-1)).not.toBe(expected[0]);
      expect(difference(losses, expected)).toBeLessThan(FLOAT32_TRAINING);
      ours.all.forEach((variable, i) => {
        expect(difference(valuesOf(variable), valuesOf(theirs.all[i]!))).toBeLessThan(
          FLOAT32_TRAINING,
        );
      });
    });

    it('that assigns its variables makes the variables of the same step uncompiled, bit for bit', async () => {
      const [ours, theirs] = [makeNetwork(), makeNetwork()];
      const step = made(descentStep(ours));
      for (let i = 0; i < STEPS; i++) {
        const { loss } = await valuesFrom(step, descentBatchOf(i));
        const expected = eagerValuesFrom(descentStep(theirs), descentBatchOf(i));
        // TensorFlow may put the last product and quotient of a mean in another order.
        expect(difference(loss!, expected['loss']!)).toBeLessThan(FLOAT32_REDUCTION);
      }
      expect(ours.weights.map(valuesOf)).toEqual(theirs.weights.map(valuesOf));
    });

    it('is the same bit for bit when compiled verbatim, and one of its variables is read by others', async () => {
      const [ours, theirs] = [makeNetwork(), makeNetwork()];
      const step = made(adamStep(ours), { execution: 'verbatim' });
      const eager = made(adamStep(theirs), { execution: 'eager' });
      const rewritten = made(() => ({ bias: tf.mul(ours.weights[3]!, 1) }));
      for (let i = 0; i < STEPS; i++) {
        const actual = await valuesFrom(step, adamBatchOf(i));
        expect(actual).toEqual(await valuesFrom(eager, adamBatchOf(i)));
        expect((await valuesFrom(rewritten, {}))['bias']).toEqual(valuesOf(theirs.weights[3]!));
      }
      expect(ours.all.map(valuesOf)).toEqual(theirs.all.map(valuesOf));
      expect(step.signatures()).toBe(1);
      expect(eager.signatures()).toBe(0);
    });

    it('means the same on the js engine, where it is not compiled', async () => {
      const train = async (): Promise<number[]> => {
        const network = makeNetwork();
        const step = compile<Inputs, Inputs>(adamStep(network));
        const losses: number[] = [];
        for (let i = 0; i < 5; i++) {
          losses.push(...(await valuesFrom(step, adamBatchOf(i)))['loss']!);
        }
        losses.push(step.signatures());
        step.dispose();
        tf.dispose(network.all as tf.Variable[]);
        return losses;
      };
      const graphs = await train();
      await useEngine({ engine: 'js' });
      const functions = await train();
      await useEngine({ engine: 'tensorflow' });
      expect(graphs.pop()).toBe(1);
      expect(functions.pop()).toBe(0);
      expect(difference(graphs, functions)).toBeLessThan(FLOAT32_TRAINING);
    });

    it('has a graph for each shape of its inputs, and one set of variables', async () => {
      const [ours, theirs] = [makeNetwork(), makeNetwork()];
      const step = made(descentStep(ours));
      const counts: number[] = [];
      for (const [i, size] of [6, 2, 6, 2, 5].entries()) {
        await valuesFrom(step, descentBatchOf(i, size));
        eagerValuesFrom(descentStep(theirs), descentBatchOf(i, size));
        counts.push(step.signatures());
      }
      expect(counts).toEqual([1, 2, 2, 2, 3]);
      expect(ours.weights.map(valuesOf)).toEqual(theirs.weights.map(valuesOf));
    });

    it('goes on bit for bit after its variables were saved, disposed, made anew and set back', async () => {
      const train = async (network: Network, from: number, to: number): Promise<number[]> => {
        const step = compile<Inputs, Inputs>(adamStep(network));
        const losses: number[] = [];
        for (let i = from; i < to; i++) {
          losses.push(...(await valuesFrom(step, adamBatchOf(i)))['loss']!);
        }
        step.dispose();
        return losses;
      };
      const straight = makeNetwork();
      const expected = await train(straight, 0, 8);
      const first = makeNetwork();
      const losses = await train(first, 0, 3);
      const saved = first.all.map((variable) => variable.dataSync().slice());
      tf.dispose(first.all as tf.Variable[]);
      const second = makeNetwork();
      second.all.forEach((variable, i) => {
        const tensor = tf.tensor(saved[i]!, variable.shape);
        variable.assign(tensor);
        tensor.dispose();
      });
      losses.push(...(await train(second, 3, 8)));
      expect(losses).toEqual(expected);
      expect(second.all.map(valuesOf)).toEqual(straight.all.map(valuesOf));
    });

    it('goes on bit for bit when its variables are set back under it', async () => {
      const network = makeNetwork();
      const step = made(adamStep(network));
      const lossAt = async (i: number): Promise<number[]> =>
        (await valuesFrom(step, adamBatchOf(i)))['loss']!;
      await lossAt(0);
      const saved = network.all.map((variable) => variable.clone());
      const expected = [await lossAt(1), await lossAt(2)];
      network.all.forEach((variable, i) => {
        variable.assign(saved[i]!);
      });
      tf.dispose(saved);
      expect([await lossAt(1), await lossAt(2)]).toEqual(expected);
    });

    it('grows neither tensors nor memory, and leaves its variables usable', async () => {
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      const SIZE = 1 << 18; // 1 MiB in, 1 MiB out, 1 MiB of variable
      const weights = makeVariable(tf.zeros([SIZE]));
      const step = made(({ x }) => {
        weights.assign(tf.add(weights, x!));
        return { y: tf.mul(weights, 2) };
      });
      const x = tf.ones([SIZE]);
      const runs = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) tf.dispose(await step.run({ x }));
        // What a collection finds is freed in the turns of the event loop that follow it.
        for (let turn = 0; turn < 10; turn++) {
          collect();
          await new Promise((next) => setTimeout(next, 20));
        }
      };
      // The allocator's own memory grows over the first runs and then stays.
      await runs(200);
      const { numTensors } = tf.memory();
      const { rss } = process.memoryUsage();
      await runs(200);
      expect(tf.memory().numTensors).toBe(numTensors);
      // A quarter of what keeping one of its three tensors at each step would take.
      expect(process.memoryUsage().rss - rss).toBeLessThan(50 * 2 ** 20);
      step.dispose();
      expect(valuesOf(weights).every((value) => value === 400)).toBe(true);
      weights.assign(x);
      expect(weights.dataSync()[SIZE - 1]).toBe(1);
      x.dispose();
    });
  });

  describe('a variable', () => {
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
      const reader = made(() => ({ doubled: tf.mul(shared, 2) }), { alone: true });
      const other = made(addStep(shared), { alone: true });
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

    it('changes no clone that was taken before a step, be it read before or not', async () => {
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
      const AT = { size: 0.5, floor: 1e-3 };
      const several =
        (variable: tf.Variable, m: tf.Variable, v: tf.Variable): Step =>
        ({ gradient, size, floor }) => {
          const adam = (): void => {
            applyAdam({
              variable,
              m,
              v,
              gradient: gradient!,
              size: size!,
              floor: floor!,
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
        size: tf.scalar(AT.size),
        floor: tf.scalar(AT.floor),
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

  it('refuses an eager step in bfloat16, which only graphs have', () => {
    const options = { execution: 'eager', precision: 'bfloat16' } as const;
    expect(() => compile(() => ({}), options)).toThrow(/an eager step computes in float32/);
  });

  describe('run', () => {
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
        /while a compiled step runs, but .*compile\.test\.ts:\d+/,
      );
      takeValues(await running);
      expect(valuesOf(variable)).toEqual([4, 4]);
    });

    it('ends before a dispose() that does not wait for it', async () => {
      const variable = makeVariable(tf.ones([64, 64]));
      for (const alone of [false, true]) {
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
          { alone },
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
  });

  describe('an error', () => {
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
      }, /must not look at its tensors' values/);
    });

    it('names the line that reads values of a variable', async () => {
      const variable = makeVariable(tf.scalar(1));
      await refused(({ x }) => {
        line = nextLine();
        return { y: tf.mul(x!, variable.dataSync()[0] ?? 0) };
      }, /must not look at its tensors' values/);
      variable.dispose();
    });

    it('names the line that prints values', async () => {
      await refused(({ x }) => {
        line = nextLine();
        return { y: tf.mul(x!, x!.toString().length) };
      }, /must not look at its tensors' values/);
    });

    it('tells of an index that is out of range, when the step runs', async () => {
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

    it('is none for many numbers that are one number, or for few', async () => {
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

    it('tells of operations that differ from call to call', async () => {
      let calls = 0;
      await refused(({ x }) => {
        calls++;
        const y = tf.square(x!);
        line = nextLine();
        return { y: calls > 1 ? tf.neg(y) : tf.exp(y) };
      }, /must be the same at every call/);
    });

    it('tells of tensors that change places from call to call', async () => {
      let calls = 0;
      await refused(({ x }) => {
        calls++;
        const both = [tf.square(x!), tf.exp(x!)] as const;
        const other = both[calls % 2]!;
        line = nextLine();
        return { y: tf.sub(both[0], other) };
      }, /must be the same at every call/);
    });

    it('tells of rates of Adam that differ from call to call', async () => {
      const [variable, m, v] = [0, 1, 2].map(() => makeVariable(tf.zeros([4])));
      const rates = { size: tf.scalar(1), floor: tf.scalar(1) };
      let calls = 0;
      await refused(
        ({ x, size, floor }) => {
          calls++;
          const slots = { variable: variable!, m: m!, v: v! };
          const beta1 = 0.5 + 0.1 * calls;
          line = nextLine();
          applyAdam({ ...slots, gradient: x!, size: size!, floor: floor!, beta1, beta2: BETA2 });
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
        line = 'compile.test.ts:';
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
      await expect(running).rejects.toThrow(/is float32 \[2\], but .* assigns float32 \[3\]/);
      await expect(running).rejects.toThrow(line);
      x.dispose();
    });

    it('tells of a tensor that a step keeps, and of its use outside', async () => {
      let kept = tf.tensor(0);
      kept.dispose();
      const x = tf.ones([4]);
      const running = made((inputs) => {
        kept = tf.keep(tf.add(inputs['x']!, 1));
        return { y: kept };
      }).run({ x });
      await expect(running).rejects.toThrow(/must leave no tensors behind, but leaves 1/);
      const returned = /must be among its outputs to be used outside, but .*compile\.test\.ts:\d+/;
      expect(() => kept.dataSync()).toThrow(returned);
      expect(() => tf.add(kept, 1)).toThrow(returned);
      await expect(kept.data()).rejects.toThrow(/must be among its outputs/);
      tf.dispose([x, kept]);
    });

    it('tells of a run after dispose()', async () => {
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
      const input = (): Inputs => ({ x: normal([2, 8, 8, 8], 'bfloat16 picture') });
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

  describe('an operation', () => {
    interface Case {
      readonly name: string;
      readonly shapes: readonly (readonly number[])[];
      readonly compute: (...given: readonly tf.Tensor[]) => tf.Tensor | readonly tf.Tensor[];
      /** Default true; results of other types than float32 have none. */
      readonly gradients?: boolean;
    }
    const as4 = (x: tf.Tensor | undefined): tf.Tensor4D => x as tf.Tensor4D;
    const as1 = (x: tf.Tensor | undefined): tf.Tensor1D => x as tf.Tensor1D;
    const cases: readonly Case[] = [
      {
        name: 'concat',
        shapes: [
          [2, 3, 1],
          [2, 3, 4],
          [2, 3, 2],
        ],
        compute: (...given) => tf.concat([...given], 2),
      },
      {
        name: 'stack',
        shapes: [
          [2, 3],
          [2, 3],
          [2, 3],
        ],
        compute: (...given) => tf.stack([...given], 1),
      },
      {
        name: 'addN',
        shapes: [
          [2, 3],
          [2, 3],
          [2, 3],
        ],
        compute: (...given) => tf.addN([...given]),
      },
      {
        name: 'einsum',
        shapes: [
          [2, 3],
          [3, 4],
        ],
        compute: (...given) => tf.einsum('ij,jk->ki', ...given),
        gradients: false,
      },
      { name: 'split in equal parts', shapes: [[2, 6]], compute: (x) => tf.split(x, 3, 1) },
      {
        name: 'split in given parts',
        shapes: [[2, 6]],
        compute: (x) => tf.split(x, [1, 2, 3], 1),
      },
      { name: 'unstack', shapes: [[3, 2]], compute: (x) => tf.unstack(x, 0) },
      {
        name: 'where and maximum',
        shapes: [
          [3, 4],
          [3, 4],
        ],
        compute: (x, y) => tf.where(tf.greater(tf.range(0, 4), 1), tf.maximum(x, y), y),
      },
      {
        name: 'greater',
        shapes: [
          [3, 4],
          [3, 4],
        ],
        compute: (x, y) => tf.greater(x, y),
        gradients: false,
      },
      {
        name: 'logicalAnd and cast',
        shapes: [[3, 4]],
        compute: (x) => [
          tf.cast(tf.logicalAnd(tf.greater(x, -1), tf.less(x, 1)), 'int32'),
          tf.cast(tf.mul(x, 3), 'int32'),
          tf.cast(tf.cast(x, 'bool'), 'float32'),
        ],
        gradients: false,
      },
      {
        name: 'argMax and oneHot',
        shapes: [[5, 4]],
        compute: (x) => [tf.argMax(x, 1), tf.oneHot(as1(tf.argMax(x, 1)), 4)],
        gradients: false,
      },
      {
        name: 'gather',
        shapes: [[4, 3]],
        compute: (x) => {
          const at = tf.tensor1d([3, 0, 3], 'int32');
          return [tf.gather(x, at), tf.gather(x, tf.tensor2d([[2, 0]], [1, 2], 'int32'), 1)];
        },
      },
      {
        name: 'gather in batches',
        shapes: [[2, 5, 3]],
        compute: (x) => tf.gather(x, tf.tensor2d([4, 0, 4, 1], [2, 2], 'int32'), 1, 1),
      },
      {
        name: 'gather at places that are computed',
        shapes: [[5, 4]],
        compute: (x) => tf.gather(x, tf.argMax(x, 0)),
        gradients: false, // tfjs wants one of argMax, and refuses the int32 that it is
      },
      {
        name: 'unsortedSegmentSum',
        shapes: [[4, 3]],
        compute: (x) => tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, -1], 'int32'), 3),
      },
      {
        name: 'topk',
        shapes: [[5, 4]],
        compute: (x) => {
          const { values, indices } = tf.topk(x, 2);
          return [values, indices];
        },
        gradients: false,
      },
      { name: 'mirrorPad', shapes: [[2, 4, 5, 2]], compute: (x) => reflectPad(as4(x), 2) },
      {
        name: 'maxPool',
        shapes: [[2, 5, 6, 3]],
        compute: (x) => tf.maxPool(as4(x), 3, 2, 'same'),
      },
      {
        name: 'avgPool',
        shapes: [[2, 5, 6, 3]],
        compute: (x) => tf.avgPool(as4(x), 2, 2, 'valid'),
      },
      {
        name: 'batch matMul',
        shapes: [
          [3, 2, 4],
          [3, 5, 4],
        ],
        compute: (x, y) => tf.matMul(x, y, false, true),
      },
      {
        name: 'conv2d with a stride',
        shapes: [
          [2, 7, 6, 2],
          [3, 3, 2, 4],
        ],
        compute: (x, w) => tf.conv2d(as4(x), as4(w), 2, 'same'),
      },
      {
        name: 'depthwiseConv2d',
        shapes: [
          [2, 7, 6, 2],
          [3, 3, 2, 2],
        ],
        compute: (x, w) => tf.depthwiseConv2d(as4(x), as4(w), 1, 'same'),
      },
      {
        name: 'conv2dTranspose',
        shapes: [
          [2, 3, 4, 3],
          [3, 3, 2, 3],
        ],
        compute: (x, w) => tf.conv2dTranspose(as4(x), as4(w), [2, 6, 8, 2], 2, 'same'),
      },
      {
        name: 'conv2d with bias and relu',
        shapes: [[2, 6, 6, 2], [3, 3, 2, 4], [4]],
        compute: (x, w, b) => tf.relu(tf.add(tf.conv2d(as4(x), as4(w), 1, 'same'), b)),
      },
      {
        name: 'reshape to equal sides',
        shapes: [[2, 8]],
        compute: (x) => tf.reshape(tf.tile(tf.reshape(x, [4, 4]), [2, 2]), [8, 8]),
      },
      {
        name: 'transpose and slice',
        shapes: [[2, 3, 4]],
        compute: (x) => tf.slice(tf.transpose(x, [2, 0, 1]), [1, 0, 1], [2, 2, 2]),
      },
      {
        name: 'stridedSlice and reverse',
        shapes: [[5, 4]],
        compute: (x) => [tf.stridedSlice(x, [0, 1], [5, 4], [2, 2]), tf.reverse(x, 1)],
        gradients: false,
      },
      {
        name: 'moments',
        shapes: [[2, 3, 4]],
        compute: (x) => {
          const { mean, variance } = tf.moments(x, [1, 2], true);
          return [mean, variance];
        },
      },
      {
        name: 'softmax',
        shapes: [[3, 4]],
        compute: (x) => [tf.softmax(x), tf.logSoftmax(x), tf.logSumExp(x, 1)],
      },
      {
        name: 'resizeBilinear',
        shapes: [[1, 3, 4, 2]],
        compute: (x) => tf.image.resizeBilinear(as4(x), [6, 7]),
      },
      {
        name: 'fused conv2d',
        shapes: [[2, 6, 6, 2], [3, 3, 2, 4], [4]],
        compute: (x, w, b) =>
          tf.fused.conv2d({
            x: as4(x),
            filter: as4(w),
            strides: 1,
            pad: 'same',
            bias: b,
            activation: 'relu',
          }),
      },
      {
        name: 'pad, clip and prelu',
        shapes: [[2, 3], [3]],
        compute: (x, a) =>
          tf.pad(
            tf.clipByValue(tf.prelu(x, a), -1, 1),
            [
              [1, 0],
              [0, 2],
            ],
            0.5,
          ),
      },
      {
        name: 'elementwise functions',
        shapes: [[2, 3]],
        compute: (x) =>
          [tf.tanh, tf.sigmoid, tf.softplus, tf.square, tf.abs, tf.exp, tf.sin, tf.elu].map(
            (each): tf.Tensor => each(x),
          ),
      },
      {
        name: 'batchNorm',
        shapes: [[2, 3, 3, 4], [4], [4]],
        compute: (x, offset, scale) =>
          tf.batchNorm(as4(x), tf.zeros([4]), tf.fill([4], 2), as1(offset), as1(scale), 1e-3),
      },
    ];

    for (const { name, shapes, compute, gradients = true } of cases) {
      const what = gradients ? ' and its gradients compute' : ' computes';
      it(`${name}${what} what they do uncompiled`, async () => {
        const step: Step = (inputs) => {
          const given = Object.values(inputs);
          const list = (...each: readonly tf.Tensor[]): readonly tf.Tensor[] => {
            const y = compute(...each);
            return y instanceof tf.Tensor ? [y] : y;
          };
          const results = [...list(...given)];
          if (gradients) {
            // Each element with a weight of its own, so that none can take another's place.
            const weighted = (y: tf.Tensor): tf.Scalar =>
              tf.sum(tf.mul(y, tf.reshape(tf.range(1, y.size + 1), y.shape)));
            const scalar = (...each: tf.Tensor[]): tf.Scalar =>
              tf.addN(list(...each).map(weighted));
            results.push(...tf.grads(scalar)(given));
          }
          return Object.fromEntries(results.map((result, i) => [`result ${i}`, result]));
        };
        const inputs = Object.fromEntries(
          shapes.map((shape, i) => [`input ${i}`, normal(shape, name, i)]),
        );
        const actual = await made(step).run(inputs);
        const expected = tf.tidy(() => step(inputs) as tf.NamedTensorMap);
        expect(Object.keys(actual)).toEqual(Object.keys(expected));
        for (const [key, tensor] of Object.entries(expected)) {
          expect(actual[key]!.shape).toEqual(tensor.shape);
          expect(actual[key]!.dtype).toBe(tensor.dtype);
          const error = difference(valuesOf(actual[key]!), valuesOf(tensor));
          expect(error).toBeLessThan(FLOAT32_REDUCTION);
        }
        tf.dispose([inputs, actual, expected]);
      });
    }
  });
});

describe('checkBfloat16', () => {
  it('takes a processor with one of the instruction sets, and names all to others', () => {
    expect(() => {
      checkBfloat16(['amx_bf16']);
    }).not.toThrow();
    expect(() => {
      checkBfloat16([]);
    }).toThrow(OptionsError);
    expect(() => {
      checkBfloat16([]);
    }).toThrow(/one of avx512_bf16, amx_bf16, avx_ne_convert/);
  });
});

describe('a place in the program', () => {
  /** The frames of a call to `operation`, with tfjs at `root`. */
  const placeOf = (operation: string, root: string): Error => {
    const place = new Error();
    place.stack = [
      'Error',
      `    at Engine.makeTensor (${root}/engine.ts:815:28)`,
      `    at ${operation}_ (${root}/ops/made.ts:58:14)`,
      `    at Object.${operation}__op (${root}/ops/operation.ts:51:28)`,
      '    at step (file:///home/somebody/janus/train.ts:6:25)',
      '    at traceStep (/home/somebody/janus/packages/engine/src/trace.ts:363:43)',
      '    at main (/home/somebody/janus/other.ts:1:2)',
    ].join('\n');
    return place;
  };

  it("is the caller's line, and random where tfjs draws, with source maps and without", () => {
    for (const root of [
      '/home/somebody/janus/node_modules/@tensorflow/tfjs/dist',
      '/home/somebody/janus/tfjs-core/src', // what tsx makes of it
    ]) {
      const drawn = placeOf('randomUniform', root);
      expect(callerLine(drawn)).toBe('/home/somebody/janus/train.ts:6:25');
      expect(isRandomCall(drawn)).toBe(true);
      expect(isRandomCall(placeOf('tensor1d', root))).toBe(false);
    }
  });
});
