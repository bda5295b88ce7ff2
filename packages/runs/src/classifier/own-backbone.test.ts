import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildBackbone, loadClassifier, type BuildOwnBackbone } from '@janus/models';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { predictImages } from '../predict.js';
import { makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { readClassifierRun } from './options.js';
import type { TrainClassifierOptions } from './own-backbone.js';
import { trainClassifier } from './train.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true, force: true });
});

const drawnVgg: BuildOwnBackbone = ({ imageSize }) => ({
  network: buildBackbone('small-vgg', { imageSize, seed: 3 }),
  preprocessing: 'signed',
});

it('a function builds the backbone of a run, which is recorded by its name and predicts without it', async () => {
  const options = small.fineTuned;
  const folder = join(small.root, 'own');
  const context = { folder, engine: 'wasm' } as const;
  const own = { ...options, weights: null, backbone: drawnVgg, unfreeze: 'block4' };
  const { finished } = await trainClassifier(own, context);
  expect(finished).toBe(true);
  const { options: recorded } = await readClassifierRun(folder);
  expect(recorded.backbone).toBe('own:drawnVgg');
  const image = join(options.data, 'images', 'face-00000.jpg');
  const { rows } = await predictImages(folder, [image], { engine: 'wasm' });
  expect(rows).toHaveLength(1);
  // As many epochs as are done: nothing is trained, but everything is built again.
  const again = await trainClassifier(own, { ...context, existing: 'resume' });
  expect(again.steps).toBeGreaterThan(0);
});

it('a sequential network is cut between its blocks as ours are', async () => {
  const sequential: BuildOwnBackbone = ({ imageSize, seed = 1 }) => {
    const convolution = (name: string): ReturnType<typeof tf.layers.conv2d> =>
      tf.layers.conv2d({
        ...{ name, filters: 4, kernelSize: 3, strides: 2, activation: 'relu' },
        kernelInitializer: tf.initializers.heNormal({ seed }),
        ...(name === 'block1_conv' ? { inputShape: [imageSize, imageSize, 3] } : {}),
      });
    const layers = [convolution('block1_conv'), convolution('block2_conv')];
    return { network: tf.sequential({ layers }), preprocessing: 'signed' };
  };
  const folder = join(small.root, 'sequential');
  const { steps } = await trainClassifier(
    { ...small.fineTuned, weights: null, backbone: sequential, unfreeze: 'block2' },
    { folder, engine: 'wasm' },
  );
  expect(steps).toBeGreaterThan(0);
  const trained = await loadClassifier(join(folder, 'model'));
  const kernel = (model: tf.LayersModel, name: string): number[] =>
    Array.from(model.getLayer(name).getWeights()[0]?.dataSync() ?? []);
  const { network } = await sequential({ imageSize: 32, seed: small.fineTuned.seed });
  expect(kernel(trained.model, 'block1_conv')).toEqual(kernel(network, 'block1_conv'));
  trained.model.dispose();
});

it('a function without a name, beside weights, or only named, is refused', async () => {
  const options = { ...small.fineTuned, weights: null, backbone: drawnVgg };
  const of = async (given: Partial<TrainClassifierOptions>): Promise<unknown> =>
    await trainClassifier({ ...options, ...given });
  const unnamed = ((build: BuildOwnBackbone) => build)(({ imageSize }) => drawnVgg({ imageSize }));
  await expect(of({ backbone: unnamed })).rejects.toThrow(
    /^backbone: a function must have a name, but got none/,
  );
  await expect(of({ backbone: drawnVgg, weights: 'x.h5' })).rejects.toThrow(
    /^weights: must be null where backbone is a function/,
  );
  await expect(of({ backbone: 'own:drawnVgg' })).rejects.toThrow(
    /^backbone: must be a function, but got the name own:drawnVgg/,
  );
});
