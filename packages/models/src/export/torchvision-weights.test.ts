import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { buildBackbone } from '../backbones/backbones.js';
import { hwioOf } from '../backbones/weights-formats.js';
import { buildHead, joinModels } from '../classifier/classifier-head.js';
import { arraysOf, assignArrays, variablesOf } from '../model-variables.js';
import { setTorchvisionWeights, torchvisionWeights } from './torchvision-weights.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

/** Two convolutions of VGG-16's names on 4 px, flattened, two dense layers; every weight is another number. */
async function smallVgg(): Promise<tf.LayersModel> {
  const input = tf.input({ shape: [4, 4, 3] });
  let x = input;
  for (const [name, filters] of [
    ['block1_conv1', 2],
    ['block1_conv2', 5],
  ] as const) {
    const layer = tf.layers.conv2d({ name, filters, kernelSize: 3, padding: 'same' });
    x = layer.apply(x) as tf.SymbolicTensor;
  }
  const backbone = tf.model({ inputs: input, outputs: x });
  const head = buildHead({
    ...{ inputShape: [4, 4, 5], classes: 3, units: [6], dropout: 0.5, pooling: 'flatten', seed: 1 },
  });
  const model = joinModels(backbone, head, 'classifier');
  const variables = variablesOf(model, { trainableOnly: false });
  const arrays = await arraysOf(variables);
  let next = 0;
  assignArrays(
    variables,
    arrays.map((array) => ({ ...array, data: array.data.map(() => next++) })),
  );
  return model;
}

it('names and turns arrays as PyTorch has them, and back', async () => {
  const model = await smallVgg();
  const given = { model, preprocessing: 'caffe' } as const;
  const ours = await arraysOf(variablesOf(model, { trainableOnly: false }));
  const theirs = new Map((await torchvisionWeights(given)).map((array) => [array.name, array]));
  expect([...theirs].map(([name, { shape }]) => [name, shape])).toEqual([
    ['features.0.weight', [2, 3, 3, 3]],
    ['features.0.bias', [2]],
    ['features.2.weight', [5, 2, 3, 3]],
    ['features.2.bias', [5]],
    ['classifier.0.weight', [6, 80]],
    ['classifier.0.bias', [6]],
    ['classifier.3.weight', [3, 6]],
    ['classifier.3.bias', [3]],
  ]);
  const of = (name: string): Float32Array =>
    ours.find((array) => array.name === name)!.data as Float32Array;
  expect(hwioOf(theirs.get('features.2.weight')!).data).toEqual(of('block1_conv2/kernel'));
  // The first convolution: red first, where ours has blue first. [out 1, red, y 0, x 2] is ours at [0, 2, 2, 1].
  expect(theirs.get('features.0.weight')!.data[1 * 27 + 0 * 9 + 0 * 3 + 2]).toBe(
    of('block1_conv1/kernel')[((0 * 3 + 2) * 3 + 2) * 2 + 1],
  );
  // Output 4 of what PyTorch flattens at channel 3, row 1, column 2.
  expect(theirs.get('classifier.0.weight')!.data[4 * 80 + (3 * 16 + 1 * 4 + 2)]).toBe(
    of('fc1/kernel')[((1 * 4 + 2) * 5 + 3) * 6 + 4],
  );
  const other = await smallVgg();
  const variables = variablesOf(other, { trainableOnly: false });
  const zeros = ours.map((array) => ({ ...array, data: new Float32Array(array.data.length) }));
  assignArrays(variables, zeros);
  setTorchvisionWeights({ model: other, preprocessing: 'caffe' }, [...theirs.values()]);
  expect(await arraysOf(variables)).toEqual(ours);
  expect(() => {
    setTorchvisionWeights({ model: other, preprocessing: 'caffe' }, []);
  }).toThrow('safetensors: needs features.0.weight of 54 numbers, but got none');
});

it('a network that is not VGG-16 is refused', async () => {
  const model = buildBackbone('squeezenet', { imageSize: 32 });
  await expect(torchvisionWeights({ model, preprocessing: 'torchvision' })).rejects.toThrow(
    /must be VGG-16 with a head, but has a layer conv1/,
  );
  model.dispose();
});
