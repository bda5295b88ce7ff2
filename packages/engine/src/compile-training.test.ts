import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { compile } from './compile.js';
import { useEngine } from './use-engine.js';
import {
  describeCompiled,
  FLOAT32_REDUCTION,
  FLOAT32_TRAINING,
  type Inputs,
  makeVariable,
  valuesOf,
  valuesFrom,
  eagerValuesFrom,
  difference,
  type Network,
  makeNetwork,
  adamStep,
  descentStep,
  adamBatchOf,
  descentBatchOf,
} from './compile.fixture.js';

describeCompiled('a training step', (made) => {
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
