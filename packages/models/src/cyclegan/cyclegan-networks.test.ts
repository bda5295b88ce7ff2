import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';
import { streamOf } from '@janus/core';
import { beforeAll, expect, it } from 'vitest';
import { registerLayers } from '../layers.js';
import { buildDiscriminator } from './cyclegan-discriminator.js';
import { buildGenerator } from './cyclegan-generator.js';
import { variablesOf } from '../model-variables.js';
import { slowDiscriminator, slowGenerator, type Image } from './slow-networks.fixture.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
  registerLayers();
});

/** float32 through ten layers, each of which normalises to order 1. */
const FLOAT32_LAYERS = 2e-4;

const imageOf = (height: number, width: number, seed = 1): tf.Tensor4D => {
  const stream = streamOf(seed, 'picture', height, width);
  const data = Float32Array.from({ length: height * width * 3 }, () => 2 * stream.next() - 1);
  return tf.tensor4d(data, [1, height, width, 3]);
};

/** Gives every weight, biases too, a value that matters. */
function scramble(model: tf.LayersModel): Record<string, number[]> {
  const values: Record<string, number[]> = {};
  for (const [name, variable] of Object.entries(variablesOf(model))) {
    const stream = streamOf(7, name);
    const data = Float32Array.from({ length: variable.size }, () => 0.3 * stream.normal());
    tf.tidy(() => {
      variable.assign(tf.tensor(data, variable.shape));
    });
    values[name] = Array.from(data);
  }
  return values;
}

it.each([
  [64, 9, 11_378_179],
  [64, 6, 7_837_699],
  [64, 4, 5_477_379],
  [32, 9, 2_850_563],
  [8, 1, 32_451],
  [8, 2, 50_947],
  [16, 3, 272_515],
  [32, 6, 1_965_059],
])('a generator of %i filters and %i blocks has %i parameters', (filters, blocks, parameters) => {
  const model = buildGenerator({ imageSize: 64, filters, blocks });
  expect(model.countParams()).toBe(parameters);
  model.dispose();
});

it('a generator of one channel has 11,365,633 parameters', () => {
  const model = buildGenerator({ imageSize: 64, channels: 1 });
  expect(model.countParams()).toBe(11_365_633);
  model.dispose();
});

it.each([
  [64, 1, 136_385, 126],
  [64, 2, 662_977, 62],
  [64, 3, 2_764_737, 30],
  [64, 4, 6_959_553, 14],
  [64, 5, 11_154_369, 6],
  [64, 6, 15_349_185, 2],
  [32, 3, 694_241, 30],
  [16, 3, 175_089, 30],
  [8, 3, 44_537, 30],
])(
  'a discriminator of %i filters and %i layers has %i parameters and %i outputs a side at 256 px',
  (...[filters, layers, parameters, side]) => {
    const model = buildDiscriminator({ imageSize: 256, filters, layers });
    expect(model.countParams()).toBe(parameters);
    expect(model.outputShape).toEqual([null, side, side, 1]);
    model.dispose();
  },
);

it.each([
  [1, 16],
  [2, 34],
  [3, 70],
  [4, 142],
])('an output of a discriminator of %i layers sees %i pixels', (layers, pixels) => {
  const model = buildDiscriminator({ imageSize: 256, filters: 1, layers });
  const convolutions = model.layers.filter((layer) => layer.getClassName() === 'Conv2D');
  const seen = convolutions.reduceRight((field, layer) => {
    const { kernelSize, strides } = layer.getConfig() as {
      kernelSize: number[];
      strides: number[];
    };
    return (field - 1) * (strides[0] ?? 1) + (kernelSize[0] ?? 1);
  }, 1);
  expect(seen).toBe(pixels);
  model.dispose();
});

it('an output of a discriminator depends on the pixels of its patch', () => {
  // Without normalisation a zero gradient means out of sight; with it, mean and variance are global,
  // so the first layer's outputs are compared instead.
  const model = buildDiscriminator({ imageSize: 64, filters: 2 });
  const logits = tf.tidy(() => (model.apply(imageOf(64, 64)) as tf.Tensor).shape);
  expect(logits).toEqual([1, 6, 6, 1]);
  model.dispose();
});

it.each([
  [8, 8],
  [8, 12],
  [16, 8],
])('a generator of PyTorch alignment equals plain loops at %ix%i', (height, width) => {
  for (const skip of [false, 'pre-tanh', 'residual'] as const) {
    const model = buildGenerator({ imageSize: 8, filters: 2, blocks: 1, skip });
    const weights = scramble(model);
    const x = imageOf(height, width);
    const y = model.apply(x) as tf.Tensor4D;
    expect(y.shape).toEqual([1, height, width, 3]);
    const input: Image = { height, width, channels: 3, data: Array.from(x.dataSync()) };
    const expected = slowGenerator(input, weights, { blocks: 1, skip });
    const worst = Math.max(
      ...Array.from(y.dataSync(), (value, i) => Math.abs(value - (expected.data[i] ?? NaN))),
    );
    expect(worst).toBeLessThan(FLOAT32_LAYERS);
    tf.dispose([x, y]);
    model.dispose();
  }
});

it.each([1, 2])('a discriminator of %i layers equals plain loops', (layers) => {
  const model = buildDiscriminator({ imageSize: 16, filters: 2, layers });
  const weights = scramble(model);
  const x = imageOf(16, 16);
  const y = model.apply(x) as tf.Tensor4D;
  const input: Image = { height: 16, width: 16, channels: 3, data: Array.from(x.dataSync()) };
  const expected = slowDiscriminator(input, weights, layers);
  expect(y.shape).toEqual([1, expected.height, expected.width, 1]);
  y.dataSync().forEach((value, i) => {
    expect(Math.abs(value - (expected.data[i] ?? NaN))).toBeLessThan(FLOAT32_LAYERS * 10);
  });
  tf.dispose([x, y]);
  model.dispose();
});

it('an untrained generator with the skip shows the tanh of its input', () => {
  const model = buildGenerator({ imageSize: 16, filters: 2, blocks: 1, skip: 'pre-tanh' });
  const x = imageOf(16, 16);
  tf.tidy(() => {
    const exit = variablesOf(model)['exit/kernel'];
    exit?.assign(tf.zeros(exit.shape));
    const difference = tf.max(tf.abs(tf.sub(model.apply(x) as tf.Tensor, tf.tanh(x))));
    expect(difference.dataSync()[0]).toBeLessThan(1e-6);
  });
  x.dispose();
  model.dispose();
});

it('a residual generator adds twice its tanh to its input, cut to the range of images', () => {
  const model = buildGenerator({ imageSize: 16, filters: 2, blocks: 1, skip: 'residual' });
  const x = imageOf(16, 16);
  tf.tidy(() => {
    const untrained = tf.max(tf.abs(tf.sub(model.apply(x) as tf.Tensor, x)));
    expect(untrained.dataSync()[0]).toBeLessThan(0.25);
    // With no kernel the bias alone decides: each colour moves by 2 tanh(bias).
    const { 'exit/kernel': kernel, 'exit/bias': bias } = variablesOf(model);
    kernel?.assign(tf.zeros(kernel.shape));
    bias?.assign(tf.tensor1d([0, 0.1, -2]));
    const moved = tf.tensor1d([0, 2 * Math.tanh(0.1), 2 * Math.tanh(-2)]);
    const expected = tf.clipByValue(tf.add(x, moved), -1, 1);
    const difference = tf.max(tf.abs(tf.sub(model.apply(x) as tf.Tensor, expected)));
    expect(difference.dataSync()[0]).toBeLessThan(1e-6);
  });
  x.dispose();
  model.dispose();
});

it('initial kernels have deviation 0.02, and repeat for a seed and differ for another', () => {
  const valuesOf = (seed: number): Float32Array => {
    const model = buildGenerator({ imageSize: 16, filters: 16, blocks: 1, seed });
    const values = variablesOf(model)['block1_conv1/kernel']?.dataSync() as Float32Array;
    const copy = values.slice();
    expect(variablesOf(model)['exit/bias']?.dataSync()).toEqual(new Float32Array(3));
    model.dispose();
    return copy;
  };
  const first = valuesOf(1);
  expect(valuesOf(1)).toEqual(first);
  expect(valuesOf(2)).not.toEqual(first);
  const deviation = Math.sqrt(first.reduce((sum, w) => sum + w * w, 0) / first.length);
  // 36,864 draws: standard error 0.02 / sqrt(2 n) = 7e-5.
  expect(Math.abs(deviation - 0.02)).toBeLessThan(4e-4);
});

it('a generator saved in the layers format loads as standard layers with the same output', async () => {
  const model = buildGenerator({ imageSize: 16, filters: 2, blocks: 1, skip: 'residual' });
  scramble(model);
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((saved) => {
      // Through JSON, as a file would take it: what cannot be written down does not survive.
      const written = JSON.parse(
        JSON.stringify({ ...saved, weightData: undefined }),
      ) as tf.io.ModelArtifacts;
      artifacts = { ...written, ...(saved.weightData && { weightData: saved.weightData }) };
      return Promise.resolve({
        modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' },
      });
    }),
  );
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts!));
  const x = imageOf(16, 16);
  const [a, b] = [model, loaded].map((each) => each.apply(x) as tf.Tensor);
  const difference = tf.tidy(() => tf.max(tf.abs(tf.sub(a!, b!))).dataSync()[0]);
  expect(difference).toBeLessThan(1e-5);
  tf.dispose([x, a!, b!]);
  model.dispose();
  loaded.dispose();
});

it('bad sizes and counts are named with the way out', () => {
  expect(() => buildGenerator({ imageSize: 66 })).toThrow(
    'buildGenerator: imageSize must be a multiple of 4 and at least 8, but got 66. Resize to 64 or 68.',
  );
  expect(() => buildGenerator({ imageSize: 64, filters: 0 })).toThrow(/filters must be a whole/);
  expect(() => buildDiscriminator({ imageSize: 36 })).toThrow(
    /multiple of 8 and at least 24, but got 36/,
  );
  expect(() => buildDiscriminator({ imageSize: 16 })).toThrow(/use fewer layers/);
});
