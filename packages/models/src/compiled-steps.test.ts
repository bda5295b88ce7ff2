/** Real training steps, compiled and eager; the engine's own tests cover each operation. */
import * as tf from '@tensorflow/tfjs';
import { streamOf, type BatchSource, type FeatureBatch } from '@janus/core';
import { installedAddon, useEngine, type Execution } from '@janus/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildBackbone } from './backbones/backbones.js';
import { classifierSteps, VALIDATION_BATCH } from './classifier/classifier-steps.js';
import {
  createClassifierTraining,
  restoreClassifier,
  snapshotOfClassifier,
  type ClassifierSnapshot,
} from './classifier/classifier-training.js';
import { buildHead, joinModels } from './classifier/classifier-head.js';
import { CYCLEGAN_TEST, type CycleGanOptions } from './cyclegan/cyclegan-presets.js';
import {
  checkpointOfCycleGan,
  createCycleGan,
  restoreCycleGan,
} from './cyclegan/cyclegan-state.js';
import { averageRate } from './cyclegan/translation-networks.js';
import { compileCycleGan, trainStep } from './cyclegan/cyclegan-train-step.js';
import { computeFeatures, featureBatches, type Features, type SquareImages } from './features.js';
import { averagedBackbone, unitFeatures } from './image-metrics/embedding.js';
import { kernelDistance } from './image-metrics/kernel-distance.js';
import { variablesOf } from './model-variables.js';
import { preprocess } from './backbones/preprocessing.js';

const STEPS = 20;

/** Relative to 1 + |value|: the effect of another order of a loss's sums and products. */
const FLOAT32_REDUCTION = 1e-5;

function normals(count: number, ...name: readonly (string | number)[]): Float32Array {
  const stream = streamOf(3, 'compiled steps', ...name);
  return Float32Array.from({ length: count }, () => stream.normal());
}

function difference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  return Math.max(
    ...expected.map((value, i) => Math.abs((actual[i] ?? NaN) - value) / (1 + Math.abs(value))),
  );
}

/** A training that runs step by step, and can be restored to the state of another one. */
interface Training {
  /** Does a step; returns its losses. */
  step(): Promise<readonly number[]>;
  snapshot(): Promise<unknown>;
  restore(snapshot: unknown): void;
  /** Everything that it trains, read from the variables themselves. */
  weights(): readonly Float32Array[];
  dispose(): void | Promise<void>;
}

const SIZE = 32;
const IMAGES = 20;

/** Images of noise, those of the second class brighter. */
function noise(batchSize: number, shuffle: boolean): BatchSource<FeatureBatch> {
  const each = SIZE * SIZE * 3;
  const labels = Array.from({ length: IMAGES }, (_, i) => i % 2);
  const data = new Float32Array(IMAGES * each);
  labels.forEach((label, i) => {
    data.set(
      normals(each, 'image', i).map((value) => value + label / 4),
      i * each,
    );
  });
  return featureBatches({
    features: { data, count: IMAGES, shape: [SIZE, SIZE, 3] },
    labels,
    ids: labels.map((_, i) => String(i)),
    ...{ batchSize, shuffle, seed: 1 },
  });
}

/** VGG-16's body (Simonyan and Zisserman 2014, table 1, D) with a sixteenth of its filters. */
function buildThinVgg16(): tf.LayersModel {
  const model = tf.sequential();
  const blocks = [
    [4, 2],
    [8, 2],
    [16, 3],
    [32, 3],
    [32, 3],
  ] as const;
  blocks.forEach(([filters, convolutions], block) => {
    for (let i = 0; i < convolutions; i++) {
      const seed = 1 + 10 * block + i; // tfjs treats 0 as no seed
      model.add(
        tf.layers.conv2d({
          name: `block${block + 1}_conv${i + 1}`,
          filters,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          kernelInitializer: tf.initializers.heNormal({ seed }),
          ...(seed === 1 ? { inputShape: [SIZE, SIZE, 3] } : {}),
        }),
      );
    }
    model.add(tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }));
  });
  return model;
}

/** A classifier whose layers all train, with dropout. */
function startClassifier(backbone: tf.LayersModel, execution: Execution): Training {
  const head = buildHead({
    inputShape: backbone.outputs[0]!.shape.slice(1).map(Number),
    classes: 2,
    units: [32],
    dropout: 0.5,
    pooling: 'average+max',
    seed: 1,
  });
  const model = joinModels(backbone, head, 'classifier');
  const batchSize = 4;
  const training = createClassifierTraining({
    model,
    classes: 2,
    epochs: (STEPS * batchSize) / IMAGES,
    learningRate: 1e-4,
    seed: 1,
    phase: 'fine-tune',
    execution,
  });
  const records = classifierSteps(training, {
    train: noise(batchSize, true),
    validation: noise(VALIDATION_BATCH, false),
  });
  return {
    step: async () => {
      for (;;) {
        const { value, done } = await records.next();
        if (done === true) throw new Error('the training is over');
        if (value.kind === 'step') return Object.values(value.losses);
      }
    },
    snapshot: () => snapshotOfClassifier(training),
    restore: (snapshot) => {
      restoreClassifier(training, snapshot as ClassifierSnapshot);
    },
    weights: () => model.getWeights().map((weight) => weight.dataSync<'float32'>().slice()),
    dispose: async () => {
      await records.return();
      training.dispose();
      for (const weight of model.weights) weight.dispose();
    },
  };
}

/** A CycleGAN with everything that a step can have: identity terms, skip, a pool that fills soon, averages. */
function startTranslation(more: Partial<CycleGanOptions>, execution: Execution): Training {
  const options: CycleGanOptions = {
    ...CYCLEGAN_TEST,
    imageSize: SIZE,
    generatorFilters: 8,
    generatorBlocks: 1,
    discriminatorFilters: 8,
    averageDecay: 0.99,
    ...more,
  };
  const cyclegan = createCycleGan(options);
  const { networks, averaged, progress } = cyclegan;
  const steps = compileCycleGan(cyclegan, {
    ...options,
    apart: options.norm === 'batch',
    execution,
  });
  const image = (domain: string): tf.Tensor4D => {
    const { batchSize, imageSize } = options;
    const data = normals(batchSize * imageSize ** 2 * 3, domain, progress.step).map(Math.tanh);
    return tf.tensor4d(data, [batchSize, imageSize, imageSize, 3]);
  };
  return {
    step: async () => {
      progress.step++;
      const batch = { realX: image('X'), realY: image('Y') };
      const losses = await trainStep({ ...cyclegan, steps }, batch, {
        learningRate: options.learningRate,
        averageRate: averageRate(options, progress.step),
      });
      const values = Array.from(await losses.data());
      tf.dispose([batch, losses]);
      return values;
    },
    snapshot: () => checkpointOfCycleGan(cyclegan),
    restore: (snapshot) => {
      restoreCycleGan(cyclegan, snapshot as Awaited<ReturnType<typeof checkpointOfCycleGan>>);
    },
    weights: () =>
      Object.values({ ...networks, averageG: averaged!.G, averageF: averaged!.F }).flatMap(
        (network) =>
          Object.values(variablesOf(network)).map((variable) =>
            variable.dataSync<'float32'>().slice(),
          ),
      ),
    dispose: () => {
      steps.dispose();
      cyclegan.dispose();
    },
  };
}

const TRAININGS: Readonly<Record<string, (execution: Execution) => Training>> = {
  'small-vgg': (execution) =>
    startClassifier(buildBackbone('small-vgg', { imageSize: SIZE }), execution),
  'a thin VGG-16': (execution) => startClassifier(buildThinVgg16(), execution),
  'a CycleGAN with one image per step': (execution) =>
    startTranslation({ batchSize: 1, skip: 'pre-tanh' }, execution),
  'a CycleGAN with three images per step': (execution) =>
    startTranslation({ batchSize: 3, skip: 'residual' }, execution),
  'a CycleGAN with U-Nets and batch normalisation': (execution) =>
    // At 16 px: a U-Net of 32 px has a level more, whose compilation takes longer than all other tests here.
    startTranslation(
      { imageSize: 16, generator: 'unet', generatorFilters: 2, norm: 'batch' },
      execution,
    ),
};

const absent = installedAddon() === undefined;
const because = absent ? ' (skipped: the native engine is not installed)' : '';

describe.skipIf(absent)(`${STEPS} steps on the native engine${because}`, () => {
  let before = 0;
  beforeEach(async () => {
    await useEngine({ engine: 'tensorflow' });
    before = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors).toBe(before);
  });

  it('of computing features for a kernel distance are one graph, with the distance of eager steps', async () => {
    const network = averagedBackbone(buildBackbone('small-vgg', { imageSize: SIZE }));
    const apply = network.apply.bind(network);
    let calls = 0;
    network.apply = (...given) => {
      calls++;
      return apply(...given);
    };
    const count = STEPS * 2;
    const images = (shift: number): SquareImages => ({
      pixels: Uint8Array.from(normals(count * SIZE * SIZE * 3, shift), (x) => 40 * x + shift),
      count,
      size: SIZE,
    });
    const distance = async (features: (set: SquareImages) => Promise<Features>) =>
      kernelDistance(
        unitFeatures(await features(images(120))),
        unitFeatures(await features(images(90))),
      );
    const compiled = await distance((set) =>
      computeFeatures(network, set, { preprocessing: 'signed', batchSize: 2 }),
    );
    expect(calls).toBe(4); // each set's graph is recorded twice, for comparison
    const eager = await distance(async ({ pixels }) => {
      const shape: [number, number, number, number] = [count, SIZE, SIZE, 3];
      const result = tf.tidy(
        () =>
          network.apply(
            preprocess(tf.tensor4d(Float32Array.from(pixels), shape), 'signed'),
          ) as tf.Tensor,
      );
      const data = await result.data<'float32'>();
      result.dispose();
      return { data, count, shape: [data.length / count] };
    });
    expect(eager).toBeGreaterThan(0.01);
    expect(difference([compiled], [eager])).toBeLessThan(FLOAT32_REDUCTION);
    for (const weight of network.weights) weight.dispose();
  });

  for (const [name, start] of Object.entries(TRAININGS)) {
    it(`of ${name}, compiled verbatim, are those of eager bit for bit`, async () => {
      const [eager, compiled] = [start('eager'), start('verbatim')];
      const losses: (readonly number[])[] = [];
      for (let i = 0; i < STEPS; i++) {
        const expected = await eager.step();
        expect(await compiled.step()).toEqual(expected);
        losses.push(expected);
      }
      expect(losses.at(-1)).not.toEqual(losses[0]);
      const [actual, expected] = [compiled.weights(), eager.weights()];
      expected.forEach((values, i) => {
        expect(Buffer.compare(Buffer.from(actual[i]!.buffer), Buffer.from(values.buffer))).toBe(0);
      });
      await eager.dispose();
      await compiled.dispose();
    });

    // Both start each step from the same state: differences in the last digits grow in later steps, to a
    // hundredth of a CycleGAN's losses within 20.
    it(`of ${name} have eager's losses, each from the same state`, async () => {
      const [eager, compiled] = [start('eager'), start('graph')];
      for (let i = 0; i < STEPS; i++) {
        compiled.restore(await eager.snapshot());
        const actual = await compiled.step();
        expect(difference(actual, await eager.step())).toBeLessThan(FLOAT32_REDUCTION);
      }
      await eager.dispose();
      await compiled.dispose();
    });
  }
});
