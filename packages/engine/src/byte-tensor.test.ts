import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '@janus/core';
import { afterEach, expect, it } from 'vitest';
import { byteTensor } from './byte-tensor.js';
import { describeCompiled, takeValues, valuesFrom, valuesOf } from './compile.fixture.js';
import { nativeBackend } from './native/native-backend.js';
import { useEngine } from './use-engine.js';

const BYTES = Uint8Array.of(0, 1, 127, 128, 254, 255);

afterEach(() => {
  expect(tf.memory().numTensors).toBe(0);
});

it('is an ordinary tensor to an engine that does not compile', async () => {
  await useEngine({ engine: 'js' });
  const tensor = byteTensor(BYTES, [2, 3]);
  expect([tensor.dtype, tensor.shape, valuesOf(tensor)]).toEqual(['float32', [2, 3], [...BYTES]]);
  tensor.dispose();
  expect(() => byteTensor(BYTES, [2, 2])).toThrow(ShapeError);
});

describeCompiled('byteTensor', (made) => {
  it('reaches a step as bytes, and is the numbers there', async () => {
    const step = made(({ x }) => ({ half: tf.div(x!, 2), same: x! }));
    const tensor = byteTensor(BYTES, [2, 3]);
    const expected = { half: [...BYTES].map((each) => each / 2), same: [...BYTES] };
    expect(takeValues(await step.run({ x: tensor }))).toEqual(expected);
    // Neither the run nor its recording made floats of them.
    expect(nativeBackend().bytes.has(tensor.dataId)).toBe(true);
    tensor.dispose();
    const floats = tf.tensor(Float32Array.from(BYTES), [2, 3]);
    expect(await valuesFrom(step, { x: floats })).toEqual(expected);
    expect(nativeBackend().bytes.size).toBe(0);
  });

  it('computes outside a step, after which a step sees the same numbers', async () => {
    const step = made(({ x }) => ({ y: tf.add(x!, 1) }));
    const tensor = byteTensor(BYTES, [6]);
    const copy = tf.clone(tensor);
    const sum = tf.sum(tensor);
    expect(valuesOf(sum)).toEqual([765]);
    expect(valuesOf(copy)).toEqual([...BYTES]);
    expect(await valuesFrom(step, { x: tensor })).toEqual({ y: [...BYTES].map((b) => b + 1) });
    tf.dispose([copy, sum]);
  });
});
