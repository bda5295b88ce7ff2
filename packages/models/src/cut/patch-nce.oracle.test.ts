/** Numbers of the authors' loss, made by `tools/oracles/patch_nce.py` with numpy 2. */
import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { assignArrays, variablesOf } from '../model-variables.js';
import { patchNceLoss, unitVectors, vectorsAt } from './patch-nce.js';
import { buildProjection } from './patch-projection.js';

/** float32 against float64, through an exponential of at most 1 / 0.07. */
const FLOAT32_LOSS = 1e-4;

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

/** Numbers from -1 to 1 by their place; the script has the same. */
function drawn(shape: readonly number[], seed: number): Float32Array {
  const count = shape.reduce((product, side) => product * side, 1);
  return Float32Array.from(
    { length: count },
    (_, i) => ((i * i * 31 + i * 17 + seed * 13 * (i + 1)) % 101) / 50 - 1,
  );
}

const [BATCH, HEIGHT, WIDTH, CHANNELS, NUMBERS] = [2, 3, 4, 5, 6];

/** Returns the compared vectors of drawn features. */
function vectors(seed: number): tf.Tensor3D {
  const projection = buildProjection({ channels: CHANNELS, width: NUMBERS, seed: 1, name: 'p' });
  const shapes = {
    'project1/kernel': [CHANNELS, NUMBERS],
    'project1/bias': [NUMBERS],
    'project2/kernel': [NUMBERS, NUMBERS],
    'project2/bias': [NUMBERS],
  };
  const arrays = Object.entries(shapes).map(([name, shape], i) => {
    const data = drawn(shape, i + 3);
    return { name, shape, data: name.endsWith('bias') ? data.map((value) => value / 10) : data };
  });
  assignArrays(variablesOf(projection), arrays);
  const shape: [number, number, number, number] = [BATCH, HEIGHT, WIDTH, CHANNELS];
  const features = tf.tensor4d(drawn(shape, seed), shape);
  const taken = vectorsAt(features, tf.tensor1d([7, 0, 11, 4], 'int32'));
  const projected = projection.apply(tf.reshape(taken, [-1, CHANNELS])) as tf.Tensor;
  return tf.reshape(unitVectors(projected), [BATCH, 4, NUMBERS]);
}

it("the loss of drawn features is that of the authors' code", () => {
  const [queries, keys] = [vectors(1), vectors(2)];
  const [loss = NaN] = patchNceLoss(queries, keys).dataSync();
  const [own = NaN] = patchNceLoss(keys, keys).dataSync();
  expect(Math.abs(loss / 4.493695881687821 - 1)).toBeLessThan(FLOAT32_LOSS);
  expect(Math.abs(own / 0.1258238963638667 - 1)).toBeLessThan(FLOAT32_LOSS);
});

it('a place that looks like every other costs the logarithm of their number', () => {
  const same = tf.fill<tf.Rank.R3>([1, 8, 3], Math.sqrt(1 / 3));
  expect(patchNceLoss(same, same).dataSync()[0]).toBeCloseTo(Math.log(8), 5);
});
