import * as tf from '@tensorflow/tfjs';
import { streamOf, type BatchSource, type LabelledBatch, type StepRecord } from '@janus/core';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { registerLayers } from '../layers.js';
import { variablesOf } from '../model-variables.js';
import { wrongLabels } from './icgan-batch.js';
import { ICGAN_ENCODER_LOSSES, ICGAN_GAN_LOSSES, icDiscriminatorStep } from './icgan-halves.js';
import { buildIcDiscriminator, buildIcEncoder, buildIcGenerator } from './icgan-networks.js';
import { ICGAN_TEST, type IcGanOptions } from './icgan-presets.js';
import {
  checkpointOfIcGan,
  createIcGan,
  icGenerator,
  restoreIcGan,
  type IcGan,
} from './icgan-state.js';
import { icGanSteps } from './icgan-steps.js';

const SIZE = 16;
const FLOAT32_LOSS = 5;

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
  registerLayers();
});

const common = { imageSize: 64, seed: 1, name: 'network' };

/** Parameters that gradients move, those that batch normalisation cancels among them. */
function countOf(model: tf.LayersModel): number {
  const sizes = model.trainableWeights.map(({ shape }) =>
    shape.reduce<number>((product, side) => product * (side ?? 1), 1),
  );
  model.dispose();
  return sizes.reduce((sum, size) => sum + size, 0);
}

it.each([
  { labels: 18, ofG: 3_725_123, ofD: 2_803_393, ofEy: 3_186_962 },
  // Each label less: a row of the first kernel, a channel of the second, an output.
  {
    labels: 1,
    ofG: 3_725_123 - 17 * 512 * 16,
    ofD: 2_803_393 - 17 * 128 * 16,
    ofEy: 3_186_962 - 17 * 513,
  },
])("the networks for $labels labels have the authors' parameters", ({ labels, ofG, ofD, ofEy }) => {
  const G = buildIcGenerator({ ...common, labels, latent: 100, filters: 64 });
  expect(G.outputShape).toEqual([null, 64, 64, 3]);
  expect(countOf(G)).toBe(ofG);
  const D = buildIcDiscriminator({ ...common, labels, filters: 64 });
  expect(D.outputShape).toEqual([null, 1]);
  expect(countOf(D)).toBe(ofD);
  expect(countOf(buildIcEncoder({ ...common, outputs: labels, filters: 32, units: 512 }))).toBe(
    ofEy,
  );
});

it("the latent encoder has the authors' 18,278,244 parameters", () => {
  const model = buildIcEncoder({ ...common, outputs: 100, filters: 32, units: 4096 });
  expect(model.outputShape).toEqual([null, 100]);
  expect(countOf(model)).toBe(18_278_244);
});

it('a side that does not halve to 4 px is refused', () => {
  expect(() =>
    buildIcEncoder({ ...common, imageSize: 48, outputs: 1, filters: 1, units: 1 }),
  ).toThrow(/buildIcEncoder: imageSize must be 8, 16, 32, 64/);
});

/** Four images, two a batch, dark where their label is 0 and bright where it is 1. */
const TABLE = Float32Array.of(0, 1, 1, 0);
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
          (TABLE[places[i < SIZE * SIZE * 3 ? 0 : 1] ?? 0] === 1 ? 180 : 20) + stream.integer(50),
      );
      const next = { epoch: Math.floor((at + 1) / 2), batch: (at + 1) % 2 };
      yield {
        ...{ images, labels: Int32Array.from(places), ids: ['a', 'b'] },
        ...{ size: 2, height: SIZE, width: SIZE, next },
      };
    }
  },
};

async function train(ic: IcGan, maxSteps = Infinity): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  const options = { maxSteps, table: TABLE, clock: () => 0 };
  for await (const record of icGanSteps(ic, SOURCE, options)) records.push(record);
  return records;
}

const weightsOf = (model: tf.LayersModel): readonly number[] =>
  Object.values(variablesOf(model, { trainableOnly: false })).flatMap((variable) =>
    Array.from(variable.dataSync()),
  );

// With 2 updates an epoch: within the generator's, between it and the encoders', within the encoders'.
it.each([
  [1, ICGAN_TEST],
  [2, { ...ICGAN_TEST, averageDecay: 0.9 }],
  [3, { ...ICGAN_TEST, averageDecay: 0.9 }],
  [1, { ...ICGAN_TEST, averageDecay: 0.9, lambdaReconstruction: 10 }],
  [3, { ...ICGAN_TEST, lambdaReconstruction: 10 }],
] satisfies readonly (readonly [number, IcGanOptions])[])(
  'a training goes on from a checkpoint after %i updates as if it had not stopped',
  async (at, options) => {
    const [whole, part, rest] = [1, 2, 3].map(() => createIcGan(options, 1)) as [
      IcGan,
      IcGan,
      IcGan,
    ];
    const records = await train(whole);
    await train(part, at);
    restoreIcGan(rest, await checkpointOfIcGan(part));
    const after = await train(rest);
    const steps = (all: readonly StepRecord[]) =>
      all.filter(({ kind, step }) => kind === 'step' && step > at).map(({ losses }) => losses);
    expect(steps(after)).toEqual(steps(records));
    expect(weightsOf(icGenerator(rest))).toEqual(weightsOf(icGenerator(whole)));
    for (const name of ['D', 'Ez', 'Ey'] as const) {
      expect(weightsOf(rest.networks[name])).toEqual(weightsOf(whole.networks[name]));
    }
    for (const each of [whole, part, rest]) each.dispose();
  },
);

it('the generator is trained first, then the encoders, each with its own losses and rate', async () => {
  const ic = createIcGan(ICGAN_TEST, 1);
  const before = weightsOf(ic.networks.Ez);
  const first = await train(ic, 2);
  expect(weightsOf(ic.networks.Ez)).toEqual(before);
  const [G, D] = [weightsOf(ic.networks.G), variablesOf(ic.networks.D)];
  const kept = Object.values(D).map((variable) => Array.from(variable.dataSync()));
  const second = await train(ic);
  expect(first.map(({ losses }) => Object.keys(losses))).toContainEqual([...ICGAN_GAN_LOSSES]);
  expect(second.map(({ losses }) => Object.keys(losses))).toContainEqual([...ICGAN_ENCODER_LOSSES]);
  expect(first[0]?.learningRate).toBe(ICGAN_TEST.learningRate);
  expect(second[0]?.learningRate).toBe(ICGAN_TEST.encoderLearningRate);
  expect(Object.values(D).map((variable) => Array.from(variable.dataSync()))).toEqual(kept);
  // Its moving means follow, its weights stay.
  expect(weightsOf(ic.networks.G)).not.toEqual(G);
  expect(weightsOf(ic.networks.Ez)).not.toEqual(before);
  ic.dispose();
});

it('the discriminator weighs wrong labels and fakes by their share', () => {
  const ic = createIcGan({ ...ICGAN_TEST, learningRate: 0 }, 1);
  const labels = (value: number): tf.Tensor2D => tf.fill<tf.Rank.R2>([2, 1], value);
  const inputs = {
    real: tf.randomUniform<tf.Rank.R4>([2, SIZE, SIZE, 3], -1, 1, 'float32', 1),
    latent: tf.randomNormal<tf.Rank.R2>([2, ICGAN_TEST.latent], 0, 1, 'float32', 2),
    ...{ own: labels(1), wrong: labels(-1), given: labels(1) },
    ...{ alphaT: tf.scalar(0), epsilonHat: tf.scalar(1), keep: tf.scalar(1) },
  };
  const { losses } = icDiscriminatorStep(ic, inputs, { wrongShare: 0.25 });
  const [real = NaN, wrong = NaN, fake = NaN, all] = losses.dataSync();
  expect(all).toBeCloseTo((real + 0.25 * wrong + 0.75 * fake) / 2, FLOAT32_LOSS);
  expect(wrong).not.toBeCloseTo(fake, FLOAT32_LOSS);
  tf.dispose([inputs, losses]);
  ic.dispose();
});

it('wrong labels are never those of the image where there are others', () => {
  const batch = { labels: Int32Array.of(0, 1, 2, 3) } as unknown as LabelledBatch;
  for (let step = 0; step < 20; step++) {
    const wrong = wrongLabels(batch, { table: TABLE, labels: 1, seed: 1, step });
    expect(Array.from(wrong.dataSync())).toEqual([1, -1, -1, 1]);
    wrong.dispose();
  }
});

it('the encoders learn the labels of images within few updates', async () => {
  const options = {
    ...ICGAN_TEST,
    constantEpochs: 0,
    encoderEpochs: 12,
    encoderLearningRate: 1e-2,
  };
  const ic = createIcGan(options, 1);
  const losses = (await train(ic)).filter(({ kind }) => kind === 'epoch');
  expect(losses.at(-1)?.losses['labels']).toBeLessThan(0.5 * (losses[0]?.losses['labels'] ?? NaN));
  ic.dispose();
});

it('with lambdaReconstruction, generator and latent encoder learn together to make images again', async () => {
  const ic = createIcGan(
    { ...ICGAN_TEST, constantEpochs: 15, learningRate: 2e-3, lambdaReconstruction: 100 },
    1,
  );
  const before = weightsOf(ic.networks.Ez);
  const all = (await train(ic)).filter(({ kind }) => kind === 'epoch').map(({ losses }) => losses);
  const [first = NaN, last = NaN] = [all[0], all[14]].map((losses) => losses?.['reconstruction']);
  expect(last).toBeLessThan(0.6 * first);
  expect(all[0]).not.toHaveProperty('encoderReconstruction');
  // The encoders' epoch goes on from there.
  expect(all[15]?.['encoderReconstruction']).toBeLessThan(first);
  expect(weightsOf(ic.networks.Ez)).not.toEqual(before);
  ic.dispose();
});

it('options out of range are refused by name', () => {
  expect(() => createIcGan({ ...ICGAN_TEST, lambdaReconstruction: -1 }, 1)).toThrow(
    /lambdaReconstruction must be 0 or more, but got -1/,
  );
  expect(() => createIcGan({ ...ICGAN_TEST, wrongShare: 1 }, 1)).toThrow(/wrongShare must be/);
  expect(() => createIcGan({ ...ICGAN_TEST, encoderEpochs: 0 }, 1)).toThrow(/encoderEpochs must/);
});
