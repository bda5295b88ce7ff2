/** The forms of networks beside the paper's: U-Nets, norms, other discriminators, other first weights. */
import * as tf from '@tensorflow/tfjs';
import { streamOf, type StepRecord } from '@janus/core';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { registerLayers } from '../layers.js';
import { variablesOf } from '../model-variables.js';
import { buildDiscriminator } from './cyclegan-discriminator.js';
import { buildGenerator, sizeMultipleOf, type GeneratorOptions } from './cyclegan-generator.js';
import { CYCLEGAN_TEST, type CycleGanOptions } from './cyclegan-presets.js';
import { checkpointOfCycleGan, createCycleGan, restoreCycleGan } from './cyclegan-state.js';
import { cycleGanSteps } from './cyclegan-steps.js';
import { translate } from './cyclegan-translate.js';
import { initialKernel } from './initial-weights.js';
import { NOISE, NOISE_SIZE } from './noise-batches.fixture.js';
import { signedChannels } from './signed-pixels.js';

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
  registerLayers();
});

/** Returns how many numbers of a network are trained. */
function trained(model: tf.LayersModel): number {
  const sizes = model.trainableWeights.map(({ shape }) => shape.map(Number));
  model.dispose();
  return sizes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** A count is a square of the filters; three small networks say which one, and so what 64 filters have. */
function countAt64(count: (filters: number) => number): number {
  const [one, two, three] = [count(1), count(2), count(3)] as const;
  const square = (three - 2 * two + one) / 2;
  const slope = two - one - 3 * square;
  return square * 64 ** 2 + slope * 64 + (one - square - slope);
}

// The counts that the CycleGAN repository prints.
it.each([
  ['unet-256', 256, 'batch', 54_413_955],
  ['unet-256', 256, 'instance', 54_409_603],
  ['unet-128', 128, 'batch', 41_828_995],
  ['unet-128', 128, 'instance', 41_825_667],
  ['unet', 256, 'instance', 54_409_603],
  ['resnet', 64, 'batch', 11_383_427],
] as const)('the generator %s at %i px with the norm %s has %i parameters', (...given) => {
  const [architecture, imageSize, norm, parameters] = given;
  const count = (filters: number): number =>
    trained(buildGenerator({ architecture, imageSize, norm, filters }));
  expect(countAt64(count)).toBe(parameters);
});

it.each([
  ['patch', 'batch', 2_765_633],
  ['pixel', 'instance', 8705],
  ['pixel', 'batch', 8832],
] as const)('a discriminator of %s with the norm %s has %i parameters', (...given) => {
  const [architecture, norm, parameters] = given;
  const model = buildDiscriminator({ imageSize: 64, architecture, norm });
  expect(model.outputShape).toEqual([null, ...(architecture === 'pixel' ? [64, 64] : [6, 6]), 1]);
  expect(trained(model)).toBe(parameters);
});

it('each scale of a discriminator is another discriminator, of an image half as large', () => {
  const options = { imageSize: 64, filters: 4, layers: 2 };
  const model = buildDiscriminator({ ...options, scales: 2, globalView: true });
  expect(model.outputShape).toEqual([
    [null, 14, 14, 1],
    [null, 6, 6, 1],
    [null, 1, 1, 1],
  ]);
  model.dispose();
  const [one, two] = [1, 2].map((scales) => trained(buildDiscriminator({ ...options, scales })));
  expect(two).toBe(2 * (one ?? NaN));
  expect(() => buildDiscriminator({ ...options, imageSize: 16, scales: 2 })).toThrow(
    'buildDiscriminator: imageSize must be a multiple of 8 and at least 24, but got 16. Resize the images, or use fewer layers or scales.',
  );
});

it('the local view of a discriminator judges patches of 22 px, and adds one output a scale', () => {
  const options = { imageSize: 64, filters: 4, localView: true } as const;
  const model = buildDiscriminator({ ...options, norm: 'none', globalView: true });
  expect(model.outputShape).toEqual([
    [null, 6, 6, 1],
    [null, 15, 15, 1],
    [null, 1, 1, 1],
  ]);
  tf.tidy(() => {
    const image = tf.randomUniform([1, 64, 64, 3], -1, 1, 'float32', 3);
    // The middle logit, of row and column 7, sees rows and columns 21 to 42.
    const seen = (row: number): boolean => {
      const place = tf.oneHot([row * 64 + 32], 64 * 64).reshape([1, 64, 64, 1]);
      const [a, b] = [image, tf.add(image, tf.mul(place, 100))].map(
        (x) => (model.apply(x) as tf.Tensor[])[1]?.dataSync()[7 * 15 + 7],
      );
      return a !== b;
    };
    expect([20, 21, 42, 43].map(seen)).toEqual([false, true, true, false]);
  });
  model.dispose();
  const two = buildDiscriminator({ ...options, scales: 2 });
  expect(two.outputs).toHaveLength(4);
  expect(() => buildDiscriminator({ ...options, architecture: 'pixel' })).toThrow(
    'buildDiscriminator: localView needs the discriminator patch with at least 2 layers, but got pixel. Take patch with 3 layers, or no local view.',
  );
  expect(() => buildDiscriminator({ ...options, layers: 1 })).toThrow('but got 1 layer.');
});

it('a discriminator of pixels judges each by itself, where nothing normalises', () => {
  const model = buildDiscriminator({ imageSize: 8, architecture: 'pixel', norm: 'none' });
  tf.tidy(() => {
    const image = tf.randomUniform([1, 8, 8, 3], -1, 1, 'float32', 3);
    const place = tf.oneHot([9], 64).reshape([1, 8, 8, 1]);
    const [a, b] = [image, tf.add(image, place)].map((x) =>
      (model.apply(x) as tf.Tensor).dataSync(),
    );
    const changed = Array.from(a ?? [], (value, i) => (value === b?.[i] ? [] : [i])).flat();
    expect(changed).toEqual([9]);
  });
  model.dispose();
});

it.each([
  { architecture: 'unet', imageSize: 32, imageWidth: 48 },
  { architecture: 'unet', imageSize: 16, upsampling: 'resize', norm: 'batch' },
  { architecture: 'unet', imageSize: 16, skip: 'residual', channels: 1 },
  { architecture: 'resnet', imageSize: 16, imageWidth: 24, blocks: 1, norm: 'none', channels: 4 },
] satisfies GeneratorOptions[])(
  'a generator of %o returns images of the size and range of its input',
  (options) => {
    const model = buildGenerator({ ...options, filters: 2 });
    tf.tidy(() => {
      const { imageSize, imageWidth = imageSize, channels = 3 } = options as GeneratorOptions;
      const shape: [number, number, number, number] = [2, imageSize, imageWidth, channels];
      const x = tf.randomUniform(shape, -1, 1, 'float32', 1);
      const y = model.predict(x) as tf.Tensor;
      expect(y.shape).toEqual(shape);
      expect(tf.max(tf.abs(y)).dataSync()[0]).toBeLessThanOrEqual(1);
      if ('skip' in options) {
        // It begins near the identity.
        expect(tf.max(tf.abs(tf.sub(x, y))).dataSync()[0]).toBeLessThan(0.25);
      }
    });
    model.dispose();
  },
);

it('a U-Net says which sizes it takes', async () => {
  expect(() => buildGenerator({ imageSize: 64, architecture: 'unet-128' })).toThrow(
    /must be a multiple of 128 and at least 128, but got 64/,
  );
  expect(() => buildGenerator({ imageSize: 72, architecture: 'unet' })).toThrow(/multiple of 16/);
  const model = buildGenerator({ imageSize: 32, architecture: 'unet', filters: 1 });
  expect(sizeMultipleOf(model)).toBe(32);
  const images = new Uint8Array(36 * 36 * 3);
  await expect(translate(model, { images, height: 36, width: 36 })).rejects.toThrow(
    /multiple of 32/,
  );
  model.dispose();
});

it('first kernels have the deviation of their kind, or are orthogonal', () => {
  const shape = [3, 3, 16, 32];
  const drawn = (initialisation: Parameters<typeof initialKernel>[1]['initialisation']) =>
    initialKernel(shape, { initialisation, random: streamOf(1, initialisation) });
  const deviation = (kernel: Float32Array): number =>
    Math.sqrt(kernel.reduce((sum, w) => sum + w * w, 0) / kernel.length);
  // 4,608 draws: a standard error of 1 %.
  const expected = {
    normal: 0.02,
    xavier: 0.02 * Math.sqrt(2 / (9 * 48)),
    kaiming: Math.sqrt(2 / (9 * 16)),
  };
  for (const kind of ['normal', 'xavier', 'kaiming'] as const) {
    expect(deviation(drawn(kind)) / expected[kind]).toBeGreaterThan(0.95);
    expect(deviation(drawn(kind)) / expected[kind]).toBeLessThan(1.05);
  }
  const kernel = drawn('orthogonal');
  for (const [a, b, product] of [
    [0, 0, 0.0004],
    [0, 1, 0],
    [7, 31, 0],
  ] as const) {
    let sum = 0;
    for (let i = 0; i < 144; i++) sum += (kernel[i * 32 + a] ?? NaN) * (kernel[i * 32 + b] ?? NaN);
    expect(Math.abs(sum - product)).toBeLessThan(1e-9);
  }
  const model = buildGenerator({ imageSize: 8, filters: 4, blocks: 1, initialisation: 'kaiming' });
  const down = variablesOf(model)['down2/kernel']?.dataSync() as Float32Array;
  expect(deviation(down) / Math.sqrt(2 / 72)).toBeGreaterThan(0.9);
  model.dispose();
});

const OPTIONS: CycleGanOptions = {
  ...{ ...CYCLEGAN_TEST, imageSize: NOISE_SIZE, generatorFilters: 2, generator: 'unet' },
  ...{ norm: 'batch', discriminatorScales: 1, discriminatorFilters: 2, averageDecay: 0.9 },
  ...{ adversarial: 'hinge', lambdaCycleX: 5, initialisation: 'orthogonal', poolSize: 2 },
};

async function train(cyclegan: ReturnType<typeof createCycleGan>, maxSteps: number) {
  const records: StepRecord[] = [];
  for await (const record of cycleGanSteps(cyclegan, NOISE, { maxSteps, clock: () => 0 })) {
    if (record.kind === 'step') records.push(record);
  }
  return records;
}

it('a training with batch normalisation goes on from a checkpoint as if it had not stopped', async () => {
  const straight = createCycleGan(OPTIONS);
  const expected = await train(straight, 2);
  const first = createCycleGan(OPTIONS);
  const begun = await train(first, 1);
  const second = createCycleGan(OPTIONS);
  const checkpoint = await checkpointOfCycleGan(first);
  expect(checkpoint.arrays.map(({ name }) => name)).toContain('averageG/up1_norm/moving_variance');
  restoreCycleGan(second, checkpoint);
  expect([...begun, ...(await train(second, 2))]).toEqual(expected);
  const all = async (cyclegan: typeof first) => (await checkpointOfCycleGan(cyclegan)).arrays;
  expect(await all(second)).toEqual(await all(straight));
  for (const each of [straight, first, second]) each.dispose();
});

it('frozen discriminators keep their weights and have no losses', async () => {
  const cyclegan = createCycleGan({ ...OPTIONS, norm: 'instance', freezeDiscriminators: true });
  const weights = () =>
    (['DX', 'DY', 'G'] as const).map((name) =>
      Object.values(variablesOf(cyclegan.networks[name])).flatMap((v) => [...v.dataSync()]),
    );
  const before = weights();
  const [record] = await train(cyclegan, 1);
  const after = weights();
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
  expect(after[2]).not.toEqual(before[2]);
  expect(Object.keys(record?.losses ?? {})).not.toContain('discriminatorX');
  expect(record?.losses['adversarialX']).toBeDefined();
  cyclegan.dispose();
});

it('networks of one channel see lightness, and what they make is grey', async () => {
  const cyclegan = createCycleGan({ ...CYCLEGAN_TEST, channels: 1, generatorFilters: 2 });
  const [record] = await train(cyclegan, 1);
  expect(record?.losses['cycleX']).toBeGreaterThan(0);
  const images = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (i * 37) % 256);
  const made = await translate(cyclegan.networks.G, { images, height: 16, width: 16 });
  expect(made).toHaveLength(images.length);
  expect(made.every((value, i) => value === made[i - (i % 3)])).toBe(true);
  cyclegan.dispose();
  // Pillow: Image.new('RGB', (1, 1), (10, 200, 30)).convert('L') is 124.
  expect(signedChannels(Uint8Array.of(10, 200, 30), 1)[0]).toBeCloseTo(124 / 127.5 - 1, 6);
});

it('pairs are seen beside their originals, and hold their translations', async () => {
  const options = { ...CYCLEGAN_TEST, ...OPTIONS, norm: 'instance', paired: true } as const;
  const paired = { ...options, lambdaCycle: 0, lambdaCycleX: 0, lambdaPair: 100, poolSize: 0 };
  const cyclegan = createCycleGan(paired);
  expect(cyclegan.networks.DX.inputs[0]?.shape).toEqual([null, NOISE_SIZE, NOISE_SIZE, 6]);
  const [record] = await train(cyclegan, 1);
  const { pairX = NaN, pairY = NaN, adversarialX = NaN, adversarialY = NaN } = record?.losses ?? {};
  const total = adversarialX + adversarialY + 100 * (pairX + pairY);
  expect(record?.losses['generatorTotal']).toBeCloseTo(total, 3);
  cyclegan.dispose();
  expect(() => createCycleGan({ ...paired, poolSize: 5 })).toThrow(/poolSize must be 0 for pairs/);
  expect(() => createCycleGan({ ...paired, paired: false })).toThrow(/lambdaPair needs pairs/);
});
