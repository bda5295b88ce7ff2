/** What the preset for small local changes adds to the paper's training. */
import * as tf from '@tensorflow/tfjs';
import { FIRST_BATCH, type StepRecord } from '@janus/core';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { registerLayers } from '../layers.js';
import { variablesOf } from '../model-variables.js';
import { buildDiscriminator } from './cyclegan-discriminator.js';
import { buildGenerator } from './cyclegan-generator.js';
import { CYCLEGAN_TEST, type CycleGanOptions } from './cyclegan-presets.js';
import {
  checkpointOfCycleGan,
  createCycleGan,
  restoreCycleGan,
  type CycleGan,
} from './cyclegan-state.js';
import { cycleGanSteps } from './cyclegan-steps.js';
import { NOISE, NOISE_SIZE } from './noise-batches.fixture.js';
import { shifted, shiftIndices } from './shifts.js';

const SIZE = NOISE_SIZE;

const OPTIONS: CycleGanOptions = {
  ...CYCLEGAN_TEST,
  ...{ imageSize: SIZE, batchSize: 2, skip: 'residual', bend: 0.2, upsampling: 'resize' },
  ...{ globalView: true, shift: 2, discriminatorWarmup: 2, averageDecay: 0.9 },
  ...{ lambdaCycle: 0, lambdaIdentity: 0, lambdaChange: 7, lambdaChangeEnd: 20 },
  ...{ learningRate: 1e-2, constantEpochs: 0, decayEpochs: 2 },
};

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
  registerLayers();
});

async function train(cyclegan: CycleGan, maxSteps: number): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  for await (const record of cycleGanSteps(cyclegan, NOISE, { maxSteps, clock: () => 0 })) {
    records.push(record);
  }
  return records;
}

const weightsOf = (model: tf.LayersModel): readonly number[] =>
  Object.values(variablesOf(model)).flatMap((variable) => Array.from(variable.dataSync()));

it('a generator that bends begins as the identity, bit for bit, whichever way it doubles', () => {
  for (const upsampling of ['transposed', 'resize'] as const) {
    const generator = buildGenerator({
      ...{ imageSize: SIZE, filters: 4, blocks: 1, skip: 'residual', bend: 0.2, upsampling },
    });
    const image = tf.randomUniform([1, SIZE, SIZE, 3], -1, 1, 'float32', 1);
    const same = generator.predict(image) as tf.Tensor;
    expect(Array.from(same.dataSync())).toEqual(Array.from(image.dataSync()));
    generator.dispose();
  }
});

it('bending needs the residual skip', () => {
  expect(() => buildGenerator({ imageSize: SIZE, bend: 0.2 })).toThrow(
    /bend needs the skip residual, .* but got false/,
  );
  expect(() => createCycleGan({ ...CYCLEGAN_TEST, discriminatorWarmup: 3 })).toThrow(
    /discriminatorWarmup needs generators that return their input/,
  );
});

it('a view of the whole is a second output, one logit an image', () => {
  const discriminator = buildDiscriminator({ imageSize: 64, filters: 4, globalView: true });
  expect(discriminator.outputShape).toEqual([
    [null, 6, 6, 1],
    [null, 1, 1, 1],
  ]);
  discriminator.dispose();
});

it('shifts move rows and columns, repeat the border, and depend on seed, step and name alone', () => {
  const image = tf.tensor4d(
    Float32Array.from({ length: 16 }, (_, i) => i),
    [1, 4, 4, 1],
  );
  const indices = tf.tensor3d([[[1, 2, 3, 3]], [[0, 0, 1, 2]]], [2, 1, 4], 'int32');
  expect(Array.from(shifted(image, indices).dataSync())).toEqual([
    ...[4, 4, 5, 6, 8, 8, 9, 10],
    ...[12, 12, 13, 14, 12, 12, 13, 14],
  ]);
  const drawn = (step: number, name = 'a'): readonly number[] =>
    Array.from(shiftIndices({ count: 3, size: 8, shift: 2, seed: 1, step, name }).dataSync());
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
  expect(drawn(1)).not.toEqual(drawn(1, 'b'));
  expect(Math.max(...drawn(1))).toBeLessThan(8);
});

it('only the discriminators learn at first, and records say only what they measured', async () => {
  const cyclegan = createCycleGan(OPTIONS);
  const before = { G: weightsOf(cyclegan.networks.G), DX: weightsOf(cyclegan.networks.DX) };
  const warm = await train(cyclegan, 2);
  expect(weightsOf(cyclegan.networks.G)).toEqual(before.G);
  expect(weightsOf(cyclegan.networks.DX)).not.toEqual(before.DX);
  expect(Object.keys(warm[0]?.losses ?? {})).toEqual(['discriminatorX', 'discriminatorY']);
  const rest = await train(cyclegan, 3);
  expect(weightsOf(cyclegan.networks.G)).not.toEqual(before.G);
  const [step, epoch] = rest;
  expect(step?.losses).toMatchObject({ cycleX: 0, identityX: 0, changeX: 0 });
  // The mean of the generators' terms is over the one update that had them.
  expect(epoch?.losses['adversarialX']).toBe(step?.losses['adversarialX']);
  const discriminator = [...warm, step].map((record) => record?.losses['discriminatorX'] ?? NaN);
  expect(epoch?.losses['discriminatorX']).toBeCloseTo(
    discriminator.reduce((a, b) => a + b, 0) / 3,
    6,
  );
  cyclegan.dispose();
});

it('the pull to the original grows with each update', async () => {
  const cyclegan = createCycleGan({ ...OPTIONS, discriminatorWarmup: 0 });
  const records = await train(cyclegan, 2 * NOISE.stepsPerEpoch);
  const steps = records.filter(({ kind }) => kind === 'step');
  const weights = steps.map(({ losses: { generatorTotal = NaN, ...of } }) => {
    const { adversarialX = NaN, adversarialY = NaN, changeX = NaN, changeY = NaN } = of;
    return (generatorTotal - adversarialX - adversarialY) / (changeX + changeY);
  });
  // The generators return their inputs at first: there is no change to weigh in the first update.
  for (const [i, weight] of weights.entries()) {
    if (i > 0) expect(weight).toBeCloseTo(7 + (13 * i) / steps.length, 2);
  }
  expect(steps.length).toBe(2 * NOISE.stepsPerEpoch);
  cyclegan.dispose();
});

it('goes on from a checkpoint as if it had not stopped, within the warm-up and after it', async () => {
  const straight = createCycleGan(OPTIONS);
  const expected = await train(straight, 5);
  for (const stop of [1, 3, 4]) {
    const first = createCycleGan(OPTIONS);
    const begun = await train(first, stop);
    const second = createCycleGan({ ...OPTIONS });
    restoreCycleGan(second, await checkpointOfCycleGan(first));
    const ended = await train(second, 5);
    expect([...begun, ...ended].filter(({ kind }) => kind === 'step')).toEqual(
      expected.filter(({ kind }) => kind === 'step'),
    );
    expect(weightsOf(second.networks.G)).toEqual(weightsOf(straight.networks.G));
    first.dispose();
    second.dispose();
  }
  straight.dispose();
});

it('learns to move dark images towards bright ones', async () => {
  const cyclegan = createCycleGan({
    ...OPTIONS,
    ...{ lambdaChange: 0.1, lambdaChangeEnd: 0.1, decayEpochs: 12 },
  });
  expect(cyclegan.progress.cursor).toEqual(FIRST_BATCH);
  await train(cyclegan, 25);
  const dark = tf.fill([1, SIZE, SIZE, 3], -0.6);
  const made = cyclegan.networks.G.predict(dark) as tf.Tensor;
  expect(tf.mean(made).dataSync()[0]).toBeGreaterThan(-0.5);
  cyclegan.dispose();
});
