import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  FIRST_BATCH,
  streamOf,
  wilsonInterval,
  type BatchCursor,
  type BatchSource,
  type FeatureBatch,
  type StepRecord,
} from '@janus/core';
import { useEngine } from '@janus/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, buildBackbone, cutBackbone, unfrozenBlocks } from '../backbones/backbones.js';
import { evaluateClassifier } from './classifier-evaluate.js';
import { featureBatches } from '../features.js';
import {
  classifierSteps,
  type ClassifierBatch,
  type ClassifierSources,
} from './classifier-steps.js';
import {
  balancedClassWeights,
  createClassifierTraining,
  restoreClassifier,
  snapshotOfClassifier,
  useBestWeights,
  type ClassifierTraining,
  type ClassifierTrainingOptions,
} from './classifier-training.js';
import { buildHead, joinModels, parseHead } from './classifier-head.js';
import { setWeights } from '../backbones/load-weights.js';
import { loadModel, saveModel } from '../model-files.js';
import { preprocess } from '../backbones/preprocessing.js';

let folder = '';
beforeAll(async () => {
  await useEngine({ engine: 'js' });
  folder = await mkdtemp(join(tmpdir(), 'janus-classifier-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const SHAPE = [2, 2, 3];

const BATCH = { train: 5, validation: 64 };

/** Two clouds of features that a head can tell apart. */
function clouds(
  name: keyof typeof BATCH,
  count: number,
  labelOf: (label: number) => number = (label) => label,
): BatchSource<FeatureBatch> {
  const stream = streamOf(1, 'clouds', name);
  const labels = Array.from({ length: count }, (_, i) => i % 2);
  const data = labels.flatMap((label) =>
    Array.from({ length: 12 }, () => stream.normal() + (label === 0 ? -1 : 1)),
  );
  return featureBatches({
    features: { data: Float32Array.from(data), count, shape: SHAPE },
    labels: labels.map(labelOf),
    ids: labels.map((_, i) => String(i)),
    batchSize: BATCH[name],
    seed: 7,
    stream: 'head',
    shuffle: name === 'train',
  });
}

const SOURCES: ClassifierSources = {
  train: clouds('train', 22),
  validation: clouds('validation', 8),
};

function headOf(seed = 1): tf.LayersModel {
  return buildHead({
    inputShape: SHAPE,
    classes: 2,
    units: [8],
    dropout: 0.5,
    pooling: 'flatten',
    seed,
  });
}

function trainingOf(
  model: tf.LayersModel,
  epochs = 3,
  more: Partial<ClassifierTrainingOptions> = {},
): ClassifierTraining {
  return createClassifierTraining({
    model,
    classes: 2,
    epochs,
    learningRate: 0.01,
    seed: 7,
    phase: 'head',
    ...more,
  });
}

async function run(
  training: ClassifierTraining,
  steps = Infinity,
  sources: ClassifierSources = SOURCES,
): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  let done = 0;
  for await (const record of classifierSteps(training, sources)) {
    records.push({ ...record, seconds: 0 });
    if (record.kind === 'step' && ++done >= steps) break;
  }
  return records;
}

const valuesOf = (model: tf.LayersModel): number[][] =>
  model.getWeights().map((weight) => Array.from(weight.dataSync()));

describe('classifierSteps', () => {
  it('ends at its last update within an epoch, validated there', async () => {
    const training = trainingOf(headOf(), 3, { maxSteps: 7 }); // 5 updates an epoch
    const records = await run(training);
    const whole = await run(trainingOf(headOf()));
    expect(records.filter(({ kind }) => kind === 'step')).toEqual(
      whole.filter(({ kind }) => kind === 'step').slice(0, 7),
    );
    expect(records.slice(-2).map(({ split, step, epoch }) => [split, step, epoch])).toEqual([
      ['train', 7, 2],
      ['validation', 7, 2],
    ]);
    expect(await run(training)).toEqual([]);
  });

  it('stopped after any step and restored elsewhere, equals a run that was not, bit for bit', async () => {
    const whole = headOf();
    const wholeTraining = trainingOf(whole);
    const expected = await run(wholeTraining);
    for (const steps of [1, 4, 7]) {
      const first = headOf();
      const stopped = trainingOf(first);
      const begun = await run(stopped, steps);
      const snapshot = await snapshotOfClassifier(stopped);
      const second = headOf(99);
      const resumed = trainingOf(second);
      restoreClassifier(resumed, snapshot);
      const records = [...begun, ...(await run(resumed))];
      expect(records).toEqual(expected);
      expect(valuesOf(second)).toEqual(valuesOf(whole));
      useBestWeights(resumed);
      expect(resumed.progress.bestEpoch).toBe(wholeTraining.progress.bestEpoch);
    }
  });

  it('learns two clouds, and repeats for the same seed only', async () => {
    const first = await run(trainingOf(headOf(), 12));
    const last = first.at(-1);
    expect(last?.split).toBe('validation');
    expect(last?.metrics?.['accuracy']).toBe(1);
    const losses = (records: StepRecord[]): unknown[] => records.slice(0, 3).map((r) => r.losses);
    expect(losses(await run(trainingOf(headOf()), 3))).toEqual(losses(first));
    expect(losses(await run(trainingOf(headOf(2)), 3))).not.toEqual(losses(first));
  });

  it('keeps the weights of the epoch with the lowest validation loss', async () => {
    const model = headOf();
    const training = trainingOf(model, 4);
    const epochs = (await run(training)).filter(
      (record) => record.split === 'validation' && record.kind === 'epoch',
    );
    const found = epochs.map((record) => record.losses['crossEntropy'] ?? NaN);
    expect(training.progress.bestEpoch).toBe(found.indexOf(Math.min(...found)) + 1);
  });

  it('ends a phase when patience is out, and says so again after a restore', async () => {
    const harmful = { ...SOURCES, train: clouds('train', 22, (label) => 1 - label) };
    const training = trainingOf(headOf(), 30, { patience: 2 });
    const records = await run(training, Infinity, harmful);
    const { bestEpoch } = training.progress;
    expect(records.at(-1)?.epoch).toBe(bestEpoch + 2);
    expect(bestEpoch + 2).toBeLessThan(30);
    const restored = trainingOf(headOf(5), 30, { patience: 2 });
    restoreClassifier(restored, await snapshotOfClassifier(training));
    expect(await run(restored, Infinity, harmful)).toEqual([]);
  });

  it('with label smoothing trains towards shares, and validates on the labels', async () => {
    const smooth = (labelSmoothing: number) => trainingOf(headOf(), 1, { labelSmoothing });
    const [plain] = await run(smooth(0), 1);
    const [half] = await run(smooth(0.5), 1);
    const [uniform] = await run(smooth(1 - 1e-9), 1);
    // The loss is linear in the target.
    const loss = (record?: StepRecord): number => record?.losses['crossEntropy'] ?? NaN;
    expect(loss(half)).toBeCloseTo((loss(plain) + loss(uniform)) / 2, 5);
    const validationOf = async (labelSmoothing: number): Promise<StepRecord | undefined> =>
      (await run(trainingOf(headOf(), 1, { labelSmoothing, learningRate: 0 }))).at(-1);
    expect(await validationOf(0.5)).toEqual(await validationOf(0));
  });

  it('with keepStart goes back to trained weights that no epoch improved, also after a restore', async () => {
    const model = headOf();
    const trained = trainingOf(model, 12);
    await run(trained);
    useBestWeights(trained);
    const before = valuesOf(model);
    const harmful = { ...SOURCES, train: clouds('train', 22, (label) => 1 - label) };
    const training = trainingOf(model, 2, { keepStart: true });
    await run(training, 3, harmful);
    const snapshot = await snapshotOfClassifier(training);
    const other = headOf(5);
    const restored = trainingOf(other, 2, { keepStart: true });
    restoreClassifier(restored, snapshot);
    await run(restored, Infinity, harmful);
    expect(valuesOf(other)).not.toEqual(before);
    useBestWeights(restored);
    expect(restored.progress.bestEpoch).toBe(0);
    expect(valuesOf(other)).toEqual(before);
  });

  it('waits for its batches, asks for them from where it stands, and ends their source', async () => {
    const expected = await run(trainingOf(headOf()));
    const asked: BatchCursor[] = [];
    let ended = 0;
    const slow = (source: BatchSource<ClassifierBatch>): BatchSource<ClassifierBatch> => ({
      ...source,
      batches: async function* (from) {
        asked.push(from);
        try {
          for await (const batch of source.batches(from)) {
            await new Promise(setImmediate);
            yield batch;
          }
        } finally {
          ended++;
        }
      },
    });
    const train = slow(SOURCES.train);
    const training = trainingOf(headOf());
    const first = await run(training, 7, { ...SOURCES, train });
    const rest = await run(training, Infinity, { ...SOURCES, train });
    expect([...first, ...rest]).toEqual(expected);
    expect(asked).toEqual([FIRST_BATCH, { epoch: 1, batch: 2 }]);
    expect(ended).toBe(2);
  });

  it('stops before the next step when it is aborted', async () => {
    const controller = new AbortController();
    const training = trainingOf(headOf());
    const sources = { ...SOURCES, signal: controller.signal };
    for await (const { step } of classifierSteps(training, sources)) {
      if (step === 3) controller.abort();
    }
    expect(training.progress.step).toBe(3);
    expect(training.progress.cursor).toEqual({ epoch: 0, batch: 3 });
  });

  it('says that images need preprocessing', async () => {
    const image = { size: 1, height: 1, width: 1, images: new Uint8Array(3) };
    const source: BatchSource<ClassifierBatch> = {
      stepsPerEpoch: 1,
      // eslint-disable-next-line @typescript-eslint/require-await -- a source is async by its type
      batches: async function* () {
        yield { ...image, labels: Int32Array.of(0), ids: ['a'], next: { epoch: 1, batch: 0 } };
      },
    };
    await expect(
      run(trainingOf(headOf()), 1, { train: source, validation: source }),
    ).rejects.toThrow(/images need preprocessing, but none was given/);
  });

  it('weighs a rare class by the inverse of its share', () => {
    expect(balancedClassWeights([0, 0, 0, 1], 2)).toEqual([4 / 6, 2]);
  });
});

describe('backbones', () => {
  it("have the published numbers of parameters and Keras' blocks", () => {
    const vgg = buildBackbone('vgg16', { imageSize: 32 });
    expect(vgg.countParams()).toBe(14_714_688);
    expect(vgg.outputs[0]?.shape).toEqual([null, 1, 1, 512]);
    expect(blocksOf(vgg)).toEqual(['block1', 'block2', 'block3', 'block4', 'block5']);
    const squeeze = buildBackbone('squeezenet', { imageSize: 227 });
    expect(squeeze.countParams()).toBe(722_496);
    expect(squeeze.outputs[0]?.shape).toEqual([null, 13, 13, 512]);
    vgg.dispose();
    squeeze.dispose();
  });

  it('cut before a block and put together again, compute the same', () => {
    for (const [name, block] of [
      ['small-vgg', 'block3'],
      ['squeezenet', 'fire6'],
    ] as const) {
      const backbone = buildBackbone(name, { imageSize: 48, seed: 3 });
      const { frozen, tail } = cutBackbone(backbone, unfrozenBlocks(backbone, block));
      if (frozen === undefined || tail === undefined) throw new Error('nothing was cut');
      const trained = tail.trainableWeights.map(
        (weight) => weight.originalName.split(/[_/]/)[0] ?? '',
      );
      expect(new Set(trained)).toEqual(new Set(unfrozenBlocks(backbone, block)));
      tf.tidy(() => {
        const x = tf.randomNormal([1, 48, 48, 3], 0, 1, 'float32', 5);
        const whole = backbone.apply(x) as tf.Tensor;
        const parts = tail.apply(frozen.apply(x)) as tf.Tensor;
        expect(parts.dataSync()).toEqual(whole.dataSync());
      });
    }
  });

  it('say which block there is not, and which layer a file lacks', () => {
    const backbone = buildBackbone('small-vgg', { imageSize: 32 });
    expect(() => unfrozenBlocks(backbone, 'block9')).toThrow(
      /none, all or one of block1.*got block9/,
    );
    expect(() => {
      setWeights(backbone, new Map(), 'other.h5');
    }).toThrow(/other\.h5: small-vgg needs block1_conv1\/kernel \[3,3,3,16\], but it is missing/);
  });

  it('one step of a tail leaves the frozen blocks as they were and changes the others', async () => {
    const backbone = buildBackbone('small-vgg', { imageSize: 32 });
    const { frozen, tail } = cutBackbone(backbone, ['block4']);
    if (frozen === undefined || tail === undefined) throw new Error('nothing was cut');
    const head = buildHead({
      inputShape: [2, 2, 128],
      classes: 2,
      units: [],
      dropout: 0,
      pooling: 'average',
      seed: 1,
    });
    const model = joinModels(tail, head, 'fine');
    const before = backbone.weights.map(
      (weight) => [weight.originalName, weight.read().dataSync().slice()] as const,
    );
    const stream = streamOf(3, 'maps');
    const data = Float32Array.from({ length: 4 * 4 * 4 * 64 }, () => stream.normal());
    const source = featureBatches({
      features: { data, count: 4, shape: [4, 4, 64] },
      labels: [0, 1, 0, 1],
      ids: ['a', 'b', 'c', 'd'],
      ...{ batchSize: 4, seed: 1 },
    });
    const training = createClassifierTraining({
      model,
      classes: 2,
      epochs: 1,
      learningRate: 1e-3,
      seed: 1,
      phase: 'fine-tune',
    });
    await run(training, 1, { train: source, validation: source });
    const changed = before.flatMap(([name, old], i) => {
      const now = backbone.weights[i]?.read().dataSync() ?? [];
      return old.every((value, k) => value === now[k]) ? [] : [name];
    });
    expect(changed).toEqual(['block4_conv1/kernel', 'block4_conv1/bias']);
  });
});

it("preprocess is Caffe's: blue first, means taken off, nothing scaled", () => {
  tf.tidy(() => {
    const x = tf.tensor4d([10, 20, 30], [1, 1, 1, 3]);
    const [blue = 0, green = 0, red = 0] = preprocess(x, 'caffe').dataSync();
    expect(blue).toBeCloseTo(30 - 103.939, 4);
    expect(green).toBeCloseTo(20 - 116.779, 4);
    expect(red).toBeCloseTo(10 - 123.68, 4);
  });
});

it('parseHead reads layers and units and nothing else', () => {
  expect(parseHead('2x512')).toEqual([512, 512]);
  expect(parseHead('0')).toEqual([]);
  for (const bad of ['1024', 'x', '0x3', '1x', '-1x4'])
    expect(() => parseHead(bad)).toThrow(/1x1024/);
});

it('a saved model loads with the same outputs; a truncated one is refused', async () => {
  const model = headOf();
  const path = join(folder, 'model');
  await saveModel(path, model);
  const loaded = await loadModel(path);
  tf.tidy(() => {
    const x = tf.randomNormal([3, ...SHAPE], 0, 1, 'float32', 2);
    expect((loaded.predict(x) as tf.Tensor).dataSync()).toEqual(
      (model.predict(x) as tf.Tensor).dataSync(),
    );
  });
  await truncate(join(path, 'weights.bin'), 10);
  await expect(loadModel(path)).rejects.toThrow(/weights\.bin must have \d+ bytes, but has 10/);
  await expect(loadModel(join(folder, 'none'))).rejects.toThrow(/needs a trained model/);
});

it('evaluateClassifier counts by class and by person', () => {
  const predictions = {
    ids: ['a', 'b', 'c', 'd'],
    labels: [0, 0, 1, 1],
    logits: [
      [2, 0],
      [0, 1],
      [0, 3],
      [0, 3],
    ],
    clusters: ['p', 'q', 'r', 's'],
  };
  const context = { target: 't', classes: ['no', 'yes'], split: 'test' };
  const found = evaluateClassifier(predictions, context);
  expect(found.accuracy.value).toBe(0.75);
  expect(found.balancedAccuracy.value).toBe(0.75);
  expect(found.confusion).toEqual([
    [1, 1],
    [0, 2],
  ]);
  expect(found.perClass['yes']?.precision).toBeCloseTo(2 / 3, 12);
  expect(found.mistakes.map(({ id, predicted }) => [id, predicted])).toEqual([['b', 'yes']]);
  expect(found.intervalMethod).toMatch(/Wilson/);
  const repeated = evaluateClassifier({ ...predictions, clusters: ['p', 'p', 'r', 'r'] }, context);
  expect(repeated.intervalMethod).toMatch(/over people/);
  // One person is all there is of either class: no resample has another share.
  expect(repeated.perClass['no']?.recall).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
  expect(found.perClass['no']?.recall).toEqual(wilsonInterval(1, 2));
});
