import * as tf from '@tensorflow/tfjs';
import { streamOf, type BatchSource, type LabelledBatch, type StepRecord } from '@janus/core';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { registerLayers } from '../layers.js';
import { gradientsOf, variablesOf } from '../model-variables.js';
import { gradientPenalty, labelLoss } from './stargan-losses.js';
import { buildStarDiscriminator, buildStarGenerator } from './stargan-networks.js';
import { STARGAN_TEST, type StarGanOptions } from './stargan-presets.js';
import {
  checkpointOfStarGan,
  createStarGan,
  restoreStarGan,
  starGenerator,
  type StarGan,
} from './stargan-state.js';
import { starGanSteps } from './stargan-steps.js';

const SIZE = 16;
const FLOAT32_LOSS = 5;

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
  registerLayers();
});

const common = { seed: 1, name: 'network' };

it("the paper's generator for 5 labels has the 8,430,528 parameters that the authors' code prints", () => {
  const options = {
    imageSize: 32,
    labels: 5,
    filters: 64,
    blocks: 6,
    residual: false,
    entry: 'input' as const,
    ...common,
  };
  const model = buildStarGenerator(options);
  expect(model.countParams()).toBe(8_430_528);
  expect(model.outputShape).toEqual([null, 32, 32, 3]);
  model.dispose();
});

/** Kernels and biases of the halving convolutions, then the two outputs without biases. */
function discriminatorParameters(filters: number, layers: number, labels: number): number {
  let [sum, inputs] = [0, 3];
  for (let i = 0; i < layers; i++) {
    const outputs = filters * 2 ** i;
    sum += 16 * inputs * outputs + outputs;
    inputs = outputs;
  }
  // At 128 px six halvings leave 2 x 2 places.
  return sum + 9 * inputs + 4 * inputs * labels;
}

it("a discriminator has the parameters of the authors' code, whose largest has 44,786,624", () => {
  expect(discriminatorParameters(64, 6, 8)).toBe(44_786_624);
  for (const [filters, layers, labels] of [
    [8, 3, 5],
    [4, 4, 2],
  ] as const) {
    const imageSize = 2 * 2 ** layers;
    const model = buildStarDiscriminator({ imageSize, labels, filters, layers, ...common });
    expect(model.countParams()).toBe(discriminatorParameters(filters, layers, labels));
    expect(model.outputShape).toEqual([
      [null, 2, 2, 1],
      [null, labels],
    ]);
    model.dispose();
  }
});

it('a residual generator returns its input before it is trained, whatever it is asked for', () => {
  const small = { imageSize: SIZE, labels: 2, filters: 4, blocks: 1, residual: true };
  const options = { ...small, entry: 'norms' as const, ...common };
  const model = buildStarGenerator(options);
  const image = tf.randomUniform([1, SIZE, SIZE, 3], -1, 1, 'float32', 1);
  const same = model.predict([image, tf.tensor2d([[1, 0]])]) as tf.Tensor;
  expect(Array.from(same.dataSync())).toEqual(Array.from(image.dataSync()));
  model.dispose();
});

it('the loss of labels is the summed cross-entropy of each image', () => {
  const logits = tf.tensor2d([
    [0, 2],
    [-1, 0],
  ]);
  const labels = tf.tensor2d([
    [1, 1],
    [0, 1],
  ]);
  // ln 2 + ln(1 + e^-2), ln(1 + e^-1) + ln 2, halved.
  const expected = (2 * Math.LN2 + Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(-1))) / 2;
  expect(labelLoss(logits, labels).dataSync()[0]).toBeCloseTo(expected, FLOAT32_LOSS);
});

it('the penalty of a linear critic is (|w| - 1)^2 wherever its gradient is taken', () => {
  const w = tf.fill([1, 4, 4, 3], 0.5); // |w| = 0.5 sqrt(48)
  const points = tf.randomUniform<tf.Rank.R4>([3, 4, 4, 3], -1, 1, 'float32', 2);
  const penalty = gradientPenalty((images) => tf.mul(images, w), points).dataSync()[0];
  expect(penalty).toBeCloseTo((0.5 * Math.sqrt(48) - 1) ** 2, FLOAT32_LOSS);
});

it('the penalty has the gradients of finite differences towards the weights of a discriminator', () => {
  const imageSize = 8;
  const model = buildStarDiscriminator({ imageSize, labels: 2, filters: 3, layers: 2, ...common });
  const points = tf.randomUniform<tf.Rank.R4>([2, imageSize, imageSize, 3], -1, 1, 'float32', 3);
  const variables = variablesOf(model);
  const penalty = (): tf.Scalar =>
    gradientPenalty((images) => (model.apply(images) as tf.Tensor[])[0]!, points);
  const { gradients } = gradientsOf(penalty, variables);
  const step = 1e-2;
  for (const name of ['conv1/kernel', 'conv2/kernel', 'real/kernel']) {
    const variable = variables[name]!;
    const before = variable.dataSync().slice();
    const at = 5;
    const moved = (by: number): number => {
      const data = before.slice();
      data[at] = (data[at] ?? 0) + by;
      variable.assign(tf.tensor(data, variable.shape));
      return penalty().dataSync()[0] ?? NaN;
    };
    const slope = (moved(step) - moved(-step)) / (2 * step);
    variable.assign(tf.tensor(before, variable.shape));
    expect(gradients[name]?.dataSync()[at]).toBeCloseTo(slope, 2);
  }
  model.dispose();
});

/** Images that are dark where their first label is 0 and bright where it is 1; four images, two a batch. */
const TABLE = Float32Array.of(0, 1, 1, 0, 0, 0, 1, 1);
const SOURCE: BatchSource<LabelledBatch> = {
  stepsPerEpoch: 2,
  // eslint-disable-next-line @typescript-eslint/require-await -- batches of other sources are awaited
  batches: async function* ({ epoch, batch }) {
    for (let at = 2 * epoch + batch; ; at++) {
      const places = [(2 * at) % 4, (2 * at + 1) % 4];
      const stream = streamOf(1, 'noise', at);
      const images = Uint8Array.from(
        { length: 2 * SIZE * SIZE * 3 },
        (_, i) =>
          (TABLE[2 * (places[i < SIZE * SIZE * 3 ? 0 : 1] ?? 0)] === 1 ? 180 : 20) +
          stream.integer(50),
      );
      const next = { epoch: Math.floor((at + 1) / 2), batch: (at + 1) % 2 };
      yield {
        ...{ images, labels: Int32Array.from(places), ids: ['a', 'b'] },
        ...{ size: 2, height: SIZE, width: SIZE, next },
      };
    }
  },
};

async function train(star: StarGan, maxSteps: number): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  const options = { maxSteps, table: TABLE, clock: () => 0 };
  for await (const record of starGanSteps(star, SOURCE, options)) records.push(record);
  return records;
}

const weightsOf = (model: tf.LayersModel): readonly number[] =>
  Object.values(variablesOf(model)).flatMap((variable) => Array.from(variable.dataSync()));

const VARIANTS: readonly (readonly [string, StarGanOptions])[] = [
  ['with a gradient penalty', STARGAN_TEST],
  [
    'by least squares, residual and averaged',
    {
      ...STARGAN_TEST,
      ...{ adversarial: 'least-squares', criticSteps: 1, residual: true, averageDecay: 0.9 },
      entry: 'norms',
    },
  ],
];

it.each(VARIANTS)(
  'a training %s goes on from a checkpoint as if it had not stopped',
  async (_, options) => {
    const whole = createStarGan(options, 2);
    const part = createStarGan(options, 2);
    const records = await train(whole, 4);
    await train(part, 1);
    const saved = await checkpointOfStarGan(part);
    const rest = createStarGan({ ...options }, 2);
    restoreStarGan(rest, saved);
    const after = await train(rest, 4);
    expect(after.map(({ losses }) => losses)).toEqual(
      records.filter(({ step }) => step > 1).map(({ losses }) => losses),
    );
    expect(weightsOf(starGenerator(rest))).toEqual(weightsOf(starGenerator(whole)));
    expect(weightsOf(rest.networks.D)).toEqual(weightsOf(whole.networks.D));
    const generatorSteps = records.filter(({ losses }) => 'generatorTotal' in losses);
    expect(generatorSteps.some(({ step }) => step % options.criticSteps !== 0)).toBe(false);
    for (const each of [whole, part, rest]) each.dispose();
  },
);

it('labels at the norms reach every pixel of a flat image', () => {
  const small = { imageSize: 64, labels: 1, filters: 4, blocks: 0, residual: false };
  const model = buildStarGenerator({ ...small, ...common, entry: 'norms' });
  const image = tf.zeros([1, 64, 64, 3]);
  const of = (label: number): tf.Tensor4D =>
    model.predict([image, tf.tensor2d([[label]])]) as tf.Tensor4D;
  const [least = NaN] = tf.min(tf.max(tf.abs(tf.sub(of(1), of(0))), 3)).dataSync();
  expect(least).toBeGreaterThan(0.01);
  model.dispose();
});

it('the generator turns to what its labels ask for within few updates', async () => {
  const options: StarGanOptions = {
    ...STARGAN_TEST,
    ...{ adversarial: 'least-squares', criticSteps: 1, residual: true, entry: 'norms' },
    ...{ learningRate: 1e-2, constantEpochs: 20, lambdaReconstruction: 0 },
  };
  const star = createStarGan(options, 2);
  await train(star, 24);
  const of = (label: number): number =>
    tf.tidy(() => {
      const image = tf.randomUniform([1, SIZE, SIZE, 3], -0.3, 0.3, 'float32', 4);
      const made = starGenerator(star).predict([image, tf.tensor2d([[label, 0]])]) as tf.Tensor;
      return made.mean().dataSync()[0] ?? NaN;
    });
  expect(of(1)).toBeGreaterThan(of(0));
  star.dispose();
});

it('options out of range are refused by name', () => {
  expect(() => createStarGan({ ...STARGAN_TEST, criticSteps: 0 }, 1)).toThrow(
    /criticSteps must be/,
  );
  expect(() => createStarGan({ ...STARGAN_TEST, lambdaPenalty: -1 }, 1)).toThrow(/lambdaPenalty/);
  expect(() => createStarGan({ ...STARGAN_TEST, imageSize: 20 }, 1)).toThrow(/multiple of 8/);
});
