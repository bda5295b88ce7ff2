import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { compile } from './compile.js';
import { graphAddon } from './native/native.js';
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

/** Turns of the event loop within which garbage must be freed; a few suffice. */
const MAX_TURNS = 100;

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

  it('resumes bit for bit after its variables were saved, disposed, made again and set back', async () => {
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

  it('continues bit for bit when its variables are set back during training', async () => {
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
    const addon = graphAddon();
    const weights = makeVariable(tf.zeros([4]));
    const step = made(({ x }) => {
      weights.assign(tf.add(weights, x!));
      return { y: tf.mul(weights, 2) };
    });
    const x = tf.ones([4]);
    /** Runs the step, and counts what is alive then: tensors and buffers of tfjs, tensors of the addon. */
    const alive = async (runs: number): Promise<object> => {
      for (let i = 0; i < runs; i++) tf.dispose(await step.run({ x }));
      const { numTensors, numDataBuffers } = tf.memory();
      // What a collection finds is freed in the turns of the event loop that follow it.
      for (let turn = 0; turn < MAX_TURNS && addon.liveTensors() > 0; turn++) {
        collect();
        await setImmediate();
      }
      return { numTensors, numDataBuffers, liveTensors: addon.liveTensors() };
    };
    const first = await alive(1);
    expect(first).toMatchObject({ liveTensors: 0 });
    expect(await alive(200)).toEqual(first);
    step.dispose();
    expect(valuesOf(weights)).toEqual([201, 201, 201, 201]);
    weights.assign(x);
    expect(valuesOf(weights)).toEqual([1, 1, 1, 1]);
    x.dispose();
  });
});
