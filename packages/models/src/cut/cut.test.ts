import * as tf from '@tensorflow/tfjs';
import {
  FIRST_BATCH,
  streamOf,
  type BatchSource,
  type StepRecord,
  type UnpairedBatch,
} from '@janus/core';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { generatorOf } from '../cyclegan/translation-networks.js';
import { registerLayers } from '../layers.js';
import { variablesOf } from '../model-variables.js';
import { comparedVectors, nceOf } from './cut-halves.js';
import { CUT_FAST, CUT_PAPER, CUT_TEST, type CutOptions } from './cut-presets.js';
import { checkpointOfCut, createCut, restoreCut, type Cut } from './cut-state.js';
import { cutSteps } from './cut-steps.js';
import { buildProjection, comparedLayers, encoderOf } from './patch-projection.js';

const SIZE = 16;
/** A product in float32, summed in another order. */
const FLOAT32_PRODUCT = 1e-5;

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
  registerLayers();
});

/** Dark images and bright ones, two of each a batch, three batches an epoch. */
const SOURCE: BatchSource<UnpairedBatch> = {
  stepsPerEpoch: 3,
  // eslint-disable-next-line @typescript-eslint/require-await -- batches of other sources are awaited
  batches: async function* ({ epoch, batch }) {
    for (let at = 3 * epoch + batch; ; at++) {
      const images = (base: number): Uint8Array => {
        const stream = streamOf(1, 'noise', base, at);
        return Uint8Array.from({ length: 2 * SIZE * SIZE * 3 }, () => base + stream.integer(60));
      };
      const next = { epoch: Math.floor((at + 1) / 3), batch: (at + 1) % 3 };
      yield {
        ...{ imagesX: images(20), imagesY: images(170), idsX: ['a', 'b'], idsY: ['c', 'd'] },
        ...{ size: 2, height: SIZE, width: SIZE, next },
      };
    }
  },
};

async function train(cut: Cut, maxSteps: number): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  for await (const record of cutSteps(cut, SOURCE, { maxSteps, clock: () => 0 })) {
    records.push(record);
  }
  return records;
}

const weightsOf = (model: tf.LayersModel): readonly number[] =>
  Object.values(variablesOf(model)).flatMap((variable) => Array.from(variable.dataSync()));

it('the projections of the paper have 560,384 parameters, as the authors print: 0.560 M', () => {
  const layers = comparedLayers(9);
  expect(layers).toEqual(['down1', 'down2', 'block1_add', 'block5_add']);
  const channels = [3, 128, 256, 256, 256];
  const counts = channels.map((count, i) => {
    const model = buildProjection({ channels: count, width: 256, seed: 1, name: `p${i}` });
    const parameters = model.countParams();
    model.dispose();
    return parameters;
  });
  expect(counts.reduce((sum, each) => sum + each)).toBe(560_384);
});

it('the compared features are those of the layers that the paper names', () => {
  const generator = generatorOf({ ...CUT_PAPER, imageSize: 32 }, 'G');
  const shapes = encoderOf(generator, 9).outputs.map(({ shape }) => shape.slice(1));
  expect(shapes).toEqual([
    [16, 16, 128],
    [8, 8, 256],
    [8, 8, 256],
    [8, 8, 256],
  ]);
  expect(generator.countParams()).toBe(11_378_179);
  generator.dispose();
});

it('the presets have the numbers of the paper', () => {
  expect(CUT_PAPER).toMatchObject({
    ...{ lambdaNce: 1, nceIdentity: true, flipEquivariance: false, temperature: 0.07 },
    ...{ patches: 256, constantEpochs: 200, decayEpochs: 200, learningRate: 2e-4, batchSize: 1 },
  });
  expect(CUT_FAST).toMatchObject({
    ...{ lambdaNce: 10, nceIdentity: false, flipEquivariance: true },
    ...{ constantEpochs: 150, decayEpochs: 50 },
  });
});

const VARIANTS: readonly (readonly [string, CutOptions])[] = [
  ['CUT', CUT_TEST],
  [
    'FastCUT, from the identity, averaged, shifted and warmed up',
    {
      ...CUT_TEST,
      ...{ lambdaNce: 10, nceIdentity: false, flipEquivariance: true, averageDecay: 0.9 },
      ...{ skip: 'residual', shift: 2, discriminatorWarmup: 1, lambdaChange: 1 },
    },
  ],
];

it.each(VARIANTS)('%s goes on from a checkpoint as if it had not stopped', async (_, options) => {
  const whole = createCut(options);
  const part = createCut(options);
  const records = await train(whole, 4);
  await train(part, 2);
  const saved = await checkpointOfCut(part);
  const rest = createCut({ ...options, seed: 9 });
  restoreCut(rest, saved);
  expect(rest.progress.step).toBe(2);
  const continued = createCut(options);
  restoreCut(continued, saved);
  const after = await train(continued, 4);
  expect(after.map(({ losses }) => losses)).toEqual(records.slice(2).map(({ losses }) => losses));
  expect(weightsOf(continued.networks.G)).toEqual(weightsOf(whole.networks.G));
  expect(weightsOf(continued.networks.DY)).toEqual(weightsOf(whole.networks.DY));
  for (const cut of [whole, part, rest, continued]) cut.dispose();
});

it('a term of a mirrored pass compares places of the image as it was', () => {
  const cut = createCut(CUT_TEST);
  const { networks } = cut;
  const stream = streamOf(1, 'image');
  const data = Float32Array.from({ length: SIZE * SIZE * 3 }, () => 2 * stream.next() - 1);
  const image = tf.tensor4d(data, [1, SIZE, SIZE, 3]);
  const sizes = [SIZE * SIZE, (SIZE / 2) ** 2, ...[1, 2, 3].map(() => (SIZE / 4) ** 2)];
  const places = Object.fromEntries(
    sizes.map((size, i) => [`places${i}`, tf.range(0, size, 1, 'int32')]),
  );
  const mirrored = tf.scalar(1);
  const plain = comparedVectors(networks, image, { places });
  const [there] = comparedVectors(networks, tf.reverse(image, 2), { places, mirrored });
  // The image itself comes back exactly; features of asymmetric kernels need not.
  const [own] = plain;
  const difference = tf.max(tf.abs(tf.sub(there ?? NaN, own ?? NaN))).dataSync()[0];
  expect(difference).toBeLessThan(FLOAT32_PRODUCT);
  const some = plain.slice(0, 1);
  expect(nceOf(some, some, 0.07).dataSync()[0]).toBeLessThan(Math.log(SIZE * SIZE));
  cut.dispose();
});

it('learns to move dark images towards bright ones, and its generator alone changes with it', async () => {
  const cut = createCut({ ...CUT_TEST, learningRate: 5e-3, constantEpochs: 20, lambdaNce: 0.1 });
  const mean = (): number =>
    tf.tidy(() => {
      const dark = tf.fill([1, SIZE, SIZE, 3], -0.6);
      return (cut.networks.G.predict(dark) as tf.Tensor).mean().dataSync()[0] ?? NaN;
    });
  const before = mean();
  const records = await train(cut, 40);
  expect(mean()).toBeGreaterThan(before + 0.2);
  expect(records.at(-1)?.losses).toHaveProperty('nceIdentity');
  expect(cut.progress.cursor).not.toEqual(FIRST_BATCH);
  cut.dispose();
});

it('options out of range are refused by name', () => {
  expect(() => createCut({ ...CUT_TEST, temperature: 0 })).toThrow(/temperature must be above 0/);
  expect(() => createCut({ ...CUT_TEST, patches: 1.5 })).toThrow(/patches must be a whole number/);
  expect(() => createCut({ ...CUT_TEST, shift: -1 })).toThrow(/createCut: shift must be a whole/);
});
