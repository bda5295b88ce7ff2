import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { streamOf, type StepRecord } from '@janus/core';
import { useEngine } from '@janus/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, buildBackbone, cutBackbone, unfrozenBlocks } from '../backbones/backbones.js';
import { evaluateClassifier } from './classifier-evaluate.js';
import {
  classWeightsOf,
  createClassifierTraining,
  type ClassifierTraining,
  type ClassifierTrainingOptions,
  type LabelledInputs,
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

/** Two clouds of features that a head can tell apart. */
function clouds(count: number, name: string): LabelledInputs {
  const stream = streamOf(1, 'clouds', name);
  const labels = Array.from({ length: count }, (_, i) => i % 2);
  const data = labels.flatMap((label) =>
    Array.from({ length: 12 }, () => stream.normal() + (label === 0 ? -1 : 1)),
  );
  return {
    count,
    labels,
    batch: (items) =>
      tf.tensor(
        Array.from(items).flatMap((item) => data.slice(item * 12, (item + 1) * 12)),
        [items.length, ...SHAPE],
      ),
  };
}

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

function fitOf(
  model: tf.LayersModel,
  epochs = 3,
  more: Partial<ClassifierTrainingOptions> = {},
): ClassifierTraining {
  return createClassifierTraining({
    model,
    train: clouds(22, 'train'),
    validation: clouds(8, 'validation'),
    classes: 2,
    epochs,
    batchSize: 5,
    learningRate: 0.01,
    seed: 7,
    phase: 'head',
    ...more,
  });
}

async function run(fit: ClassifierTraining, steps = Infinity): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  let done = 0;
  for await (const record of fit.steps()) {
    records.push({ ...record, seconds: 0 });
    if (record.kind === 'step' && ++done >= steps) break;
  }
  return records;
}

const valuesOf = (model: tf.LayersModel): number[][] =>
  model.getWeights().map((weight) => Array.from(weight.dataSync()));

describe('createClassifierTraining', () => {
  it('stopped after any step and restored elsewhere, equals a run that was not, bit for bit', async () => {
    const whole = headOf();
    const wholeFit = fitOf(whole);
    const expected = await run(wholeFit);
    for (const steps of [1, 4, 7]) {
      const first = headOf();
      const firstFit = fitOf(first);
      const begun = await run(firstFit, steps);
      const snapshot = await firstFit.snapshot();
      const second = headOf(99);
      const secondFit = fitOf(second);
      secondFit.restore(snapshot);
      const records = [...begun, ...(await run(secondFit))];
      expect(records).toEqual(expected);
      expect(valuesOf(second)).toEqual(valuesOf(whole));
      secondFit.useBest();
      expect(secondFit.bestEpoch()).toBe(wholeFit.bestEpoch());
    }
  });

  it('learns two clouds, and repeats for the same seed only', async () => {
    const first = await run(fitOf(headOf(), 12));
    const last = first.at(-1);
    expect(last?.split).toBe('validation');
    expect(last?.metrics?.['accuracy']).toBe(1);
    const losses = (records: StepRecord[]): unknown[] => records.slice(0, 3).map((r) => r.losses);
    expect(losses(await run(fitOf(headOf()), 3))).toEqual(losses(first));
    expect(losses(await run(fitOf(headOf(2)), 3))).not.toEqual(losses(first));
  });

  it('useBest sets the weights of the epoch with the lowest validation loss', async () => {
    const model = headOf();
    const fit = fitOf(model, 4);
    const epochs = (await run(fit)).filter(
      (record) => record.split === 'validation' && record.kind === 'epoch',
    );
    const found = epochs.map((record) => record.losses['crossEntropy'] ?? NaN);
    expect(fit.bestEpoch()).toBe(found.indexOf(Math.min(...found)) + 1);
  });

  it('with keepStart goes back to trained weights that no epoch improved, also after a restore', async () => {
    const model = headOf();
    const trained = fitOf(model, 12);
    await run(trained);
    trained.useBest();
    const before = valuesOf(model);
    const right = clouds(22, 'train');
    const wrong = { ...right, labels: Array.from(right.labels, (label) => 1 - label) };
    const harmful = { keepStart: true, train: wrong };
    const fit = fitOf(model, 2, harmful);
    await run(fit, 3);
    const snapshot = await fit.snapshot();
    const other = headOf(5);
    const restored = fitOf(other, 2, harmful);
    restored.restore(snapshot);
    await run(restored);
    expect(valuesOf(other)).not.toEqual(before);
    restored.useBest();
    expect(restored.bestEpoch()).toBe(0);
    expect(valuesOf(other)).toEqual(before);
  });

  it('tells its inputs which batches come next, and waits for them', async () => {
    const expected = await run(fitOf(headOf()));
    const watched = (
      name: string,
      count: number,
    ): { inputs: LabelledInputs; told: string[]; taken: string[] } => {
      const [told, taken]: [string[], string[]] = [[], []];
      const inputs = clouds(count, name);
      const key = (items: ArrayLike<number>, epoch: number): string =>
        `${epoch}: ${Array.from(items).join()}`;
      return {
        told,
        taken,
        inputs: {
          ...inputs,
          expect: (batches, epoch) => told.push(...batches.map((items) => key(items, epoch))),
          batch: async (items, epoch) => {
            taken.push(key(items, epoch));
            await new Promise(setImmediate);
            return await inputs.batch(items, epoch);
          },
        },
      };
    };
    const train = watched('train', 22);
    const validation = watched('validation', 8);
    const more = { train: train.inputs, validation: validation.inputs };
    expect(await run(fitOf(headOf(), 3, more))).toEqual(expected);
    expect(train.taken).toHaveLength(15);
    expect(train.told).toEqual(train.taken);
    expect(validation.told).toEqual(validation.taken);
  });

  it('weighs a rare class by the inverse of its share', () => {
    expect(classWeightsOf([0, 0, 0, 1], 2, true)).toEqual([4 / 6, 2]);
    expect(classWeightsOf([0, 0, 0, 1], 2, false)).toEqual([1, 1]);
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
    const inputs: LabelledInputs = {
      count: 4,
      labels: [0, 1, 0, 1],
      batch: (items) => tf.randomNormal([items.length, 4, 4, 64], 0, 1, 'float32', 3),
    };
    const fit = createClassifierTraining({
      model,
      train: inputs,
      validation: inputs,
      classes: 2,
      epochs: 1,
      batchSize: 4,
      learningRate: 1e-3,
      seed: 1,
      phase: 'fine-tune',
    });
    await run(fit, 1);
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
});
