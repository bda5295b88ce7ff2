/** A step and a translation, against PyTorch: numbers of `tools/oracles/cyclegan_step.py`. */
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import { decodeSafetensors, type NamedArray } from '@janus/core';
import { installedAddon, useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { assignArrays, variablesOf, type NamedVariables } from '../model-variables.js';
import { buildGenerator } from './cyclegan-generator.js';
import { CYCLEGAN_LOSSES } from './cyclegan-parts.js';
import { CYCLEGAN_PAPER, type CycleGanOptions } from './cyclegan-presets.js';
import { createCycleGan, type CycleGan } from './cyclegan-state.js';
import { compileCycleGan, trainStep } from './cyclegan-train-step.js';
import {
  fromReference,
  patchLayers,
  PIXEL_LAYERS,
  readReferenceGenerator,
  resnetLayers,
  unetLayers,
  type LayerNames,
} from './reference-weights.js';

/** Relative; what float32 sums of another order leave of a loss. */
const LOSS = 1e-4;
/** Relative to a gradient's norm, through some 60 layers there and back. */
const GRADIENT = 1e-3;
/** Of the largest gradient of a network: gradients below it are rounding (biases that normalisation takes away again). */
const ROUNDING = 1e-5;

/** Twice as far from the exact numbers as PyTorch's float32: sums of another order. */
const OTHER_ORDER = 2;

interface Config {
  readonly generator: 'resnet' | 'unet';
  readonly blocks: number;
  readonly depth?: number;
  readonly norm: 'instance' | 'batch';
  readonly size: number;
  readonly batch: number;
  readonly adversarial: 'least-squares' | 'log';
  readonly discriminator: 'patch' | 'pixel';
  readonly discriminatorLayers: number;
  readonly filters: number;
  readonly discriminatorFilters: number;
}

interface Expected {
  readonly config: Config;
  readonly losses: Readonly<Record<string, number>>;
  /** Norm, and product with a direction, by the name of the parameter there. */
  readonly gradients: Readonly<Record<string, readonly [norm: number, along: number]>>;
  /** Where the numbers are float64's: how far PyTorch's own float32 is from them, in units of what is allowed else. */
  readonly rounding?: number;
}

/** The script's numbers: murmur3's last mix of place and hash of the name, in [-1, 1). */
function numbers(name: string, count: number): Float32Array {
  let hash = 2166136261;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 16777619);
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (Math.imul(i, 2654435761) + hash) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  });
}

const layersOf = (network: string, config: Config): LayerNames => {
  if (network.startsWith('D')) {
    return config.discriminator === 'pixel'
      ? PIXEL_LAYERS
      : patchLayers(config.discriminatorLayers);
  }
  return config.generator === 'resnet'
    ? resnetLayers(config.blocks)
    : unetLayers(config.depth ?? 0);
};

/** Axes of a kernel there, from ours, and back. */
const TO_THEIRS = [3, 2, 0, 1];

/** Returns our variables with the names and shapes that they have there. */
function theirs(variables: NamedVariables, layers: LayerNames) {
  const names = new Map(layers.map(([theirName, ours]) => [ours, theirName]));
  return Object.entries(variables).map(([name, variable]) => {
    const [layer = '', part = ''] = name.split('/');
    const theirPart = part === 'kernel' || part === 'gamma' ? 'weight' : 'bias';
    const shape =
      variable.rank === 4 ? TO_THEIRS.map((axis) => variable.shape[axis] ?? NaN) : variable.shape;
    return { ours: name, name: `${names.get(layer) ?? '?'}.${theirPart}`, shape };
  });
}

/** Gives every weight the script's value. */
function fill(model: tf.LayersModel, prefix: string, layers: LayerNames): void {
  const arrays = theirs(variablesOf(model), layers).map(({ name, shape }): NamedArray => {
    const count = shape.reduce((product, side) => product * side, 1);
    const one = shape.length === 1 && name.endsWith('weight') ? 1 : 0;
    const scale = Math.fround(0.02 * Math.sqrt(3));
    const data = numbers(`${prefix}.${name}`, count).map(
      (value) => Math.fround(value * scale) + one,
    );
    return { name, shape, data };
  });
  assignArrays(variablesOf(model), fromReference(arrays, layers));
}

/** Returns images [B, H, W, 3] of the script's numbers, which are [B, 3, H, W]. */
const image = (name: string, { batch, size }: Config): tf.Tensor4D =>
  tf.tidy(() =>
    tf.transpose(
      tf.tensor4d(numbers(name, batch * 3 * size ** 2), [batch, 3, size, size]),
      [0, 2, 3, 1],
    ),
  );

function build(config: Config): CycleGan {
  const { norm, adversarial, discriminator, discriminatorLayers } = config;
  const options: CycleGanOptions = {
    ...{ ...CYCLEGAN_PAPER, norm, adversarial, discriminator, discriminatorLayers, poolSize: 0 },
    ...{ imageSize: config.size, batchSize: config.batch, generator: config.generator },
    ...{ generatorFilters: config.filters, generatorBlocks: config.blocks },
    discriminatorFilters: config.discriminatorFilters,
  };
  const cyclegan = createCycleGan(options);
  for (const [name, model] of Object.entries<tf.LayersModel>({ ...cyclegan.networks })) {
    fill(model, name, layersOf(name, config));
  }
  return cyclegan;
}

/** Returns the gradients of a first step: Adam's mean is (1 - beta1) of them then. */
async function gradientsOf(cyclegan: CycleGan): Promise<ReadonlyMap<string, Float32Array>> {
  const { generators, discriminators } = cyclegan.optimizers;
  const slots = [...(await generators.slots()), ...(await discriminators.slots())];
  return new Map(
    slots
      .filter(({ name }) => name.startsWith('m/'))
      .map(({ name, data }) => [name.slice(2), Float32Array.from(data, (value) => value / 0.5)]),
  );
}

/** Returns the script's direction for a parameter there, in our order. */
const directionOf = (name: string, shape: readonly number[]): Float32Array =>
  tf.tidy(() => {
    const size = shape.reduce((product, side) => product * side, 1);
    const whole = tf.tensor(numbers(`direction.${name}`, size), [...shape]);
    const ours = shape.length === 4 ? tf.transpose(whole, [2, 3, 1, 0]) : whole;
    return ours.dataSync<'float32'>().slice();
  });

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);

let expectedSteps: Readonly<Record<string, Expected>> = {};
beforeAll(async () => {
  // The native engine, where there is one, is what most people train with.
  await useEngine(installedAddon() === undefined ? { engine: 'wasm' } : { engine: 'tensorflow' });
  const file = new URL('fixtures/cyclegan-step.json', import.meta.url);
  expectedSteps = JSON.parse(await readFile(file, 'utf8')) as Record<string, Expected>;
});

async function compare(name: string): Promise<void> {
  const expected = expectedSteps[name];
  if (expected === undefined) throw new Error(`no numbers of ${name}`);
  const { config, rounding = 0 } = expected;
  const cyclegan = build(config);
  const own = { ...cyclegan.options, apart: config.norm === 'batch' };
  // Eager: compiled steps are compared with eager ones elsewhere.
  const steps = compileCycleGan(cyclegan, { ...own, execution: 'eager' });
  const batch = { realX: image('realX', config), realY: image('realY', config) };
  const losses = await trainStep({ ...cyclegan, steps }, batch, { learningRate: 2e-4 });
  const values = await losses.data();
  for (const [loss, value] of Object.entries(expected.losses)) {
    const at = CYCLEGAN_LOSSES.findIndex((each) => each === loss);
    expect(Math.abs((values[at] ?? NaN) / value - 1), loss).toBeLessThan(LOSS);
  }
  const found = await gradientsOf(cyclegan);
  for (const [network, model] of Object.entries<tf.LayersModel>({ ...cyclegan.networks })) {
    const parameters = theirs(variablesOf(model), layersOf(network, config));
    const ofNetwork = parameters.map(({ name: own }) => `${network}.${own}`);
    const largest = Math.max(...ofNetwork.map((each) => expected.gradients[each]?.[0] ?? 0));
    parameters.forEach(({ ours, shape }, i) => {
      const where = ofNetwork[i] ?? '';
      const [norm, along] = expected.gradients[where] ?? [NaN, NaN];
      const direction = directionOf(where, shape);
      const gradient = found.get(`${network}/${ours}`) ?? new Float32Array(direction.length);
      const allowed = (GRADIENT * norm + ROUNDING * largest) * Math.max(1, OTHER_ORDER * rounding);
      expect(Math.abs(Math.sqrt(dot(gradient, gradient)) - norm), where).toBeLessThan(allowed);
      expect(Math.abs(dot(gradient, direction) - along), where).toBeLessThan(allowed);
    });
  }
  tf.dispose([batch, losses]);
  steps.dispose();
  cyclegan.dispose();
}

it.each(['small', 'unet', 'pixel', 'default, fewer filters'])(
  'a step has the losses and gradients of the reference: %s',
  async (name) => {
    await compare(name);
  },
);

/** What float32 through 18 layers leaves of numbers in [-1, 1]. */
const TRANSLATION = 1e-4;

it('a generator of the repository, converted, translates as it did there', async () => {
  const read = (name: string): Promise<Buffer> =>
    readFile(new URL(`fixtures/${name}`, import.meta.url));
  const { arrays } = decodeSafetensors(await read('generator.safetensors'), 'generator');
  const found = readReferenceGenerator(arrays);
  expect(found.options).toEqual({
    ...{ architecture: 'resnet', blocks: 2, filters: 3, channels: 3, norm: 'instance' },
  });
  const model = buildGenerator({ ...found.options, imageSize: 16 });
  assignArrays(variablesOf(model), found.arrays);
  const { height, width, output } = JSON.parse(
    (await read('generator-output.json')).toString(),
  ) as { readonly height: number; readonly width: number; readonly output: readonly number[] };
  const made = tf.tidy(() => {
    const x = tf.tensor4d(numbers('image', 3 * height * width), [1, 3, height, width]);
    const y = model.apply(tf.transpose(x, [0, 2, 3, 1])) as tf.Tensor;
    return y.dataSync<'float32'>().slice();
  });
  model.dispose();
  expect(made).toHaveLength(output.length);
  const worst = Math.max(...output.map((value, i) => Math.abs(value - (made[i] ?? NaN))));
  expect(worst).toBeLessThan(TRANSLATION);
});

it('other weights than those of a generator are refused by what they lack', () => {
  const kernel = { name: 'model.1.weight', shape: [4, 3, 7, 7], data: new Float32Array(588) };
  expect(() => readReferenceGenerator([kernel])).toThrow(
    'model.4.weight: must be a kernel of a CycleGAN generator, but is absent.',
  );
  const scale = { name: 'model.2.weight', shape: [4], data: new Float32Array(4) };
  expect(() => readReferenceGenerator([kernel, scale])).toThrow(/has a scale of its own/);
});
