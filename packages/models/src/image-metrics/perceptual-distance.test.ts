import { useEngine } from '@janus/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { buildBackbone } from '../backbones/backbones.js';
import { drawnImage } from './image-metrics.fixture.js';
import { perceptualDistances, perceptualNetwork } from './perceptual-distance.js';

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
});

/** VGG-16's layer names on maps that a loop can check: one channel's mean and two single channels a block, at full size. */
function tinyNetwork(): tf.LayersModel {
  const input = tf.input({ shape: [4, 4, 3] });
  const names = ['block1_conv2', 'block2_conv2', 'block3_conv3', 'block4_conv3', 'block5_conv3'];
  let x: tf.SymbolicTensor = input;
  names.forEach((name, i) => {
    x = tf.layers
      .conv2d({
        ...{ name, filters: 3, kernelSize: 1, activation: 'relu' },
        kernelInitializer: tf.initializers.glorotNormal({ seed: i + 1 }),
      })
      .apply(x) as tf.SymbolicTensor;
  });
  return tf.model({ inputs: input, outputs: x, name: 'tiny' });
}

/** The definition in loops, over the maps of two images. */
function slowDistance(a: readonly number[][][][], b: readonly number[][][][]): number {
  const unit = (v: readonly number[]): readonly number[] => {
    const norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0)) + 1e-10;
    return v.map((x) => x / norm);
  };
  return a.reduce((total, map, m) => {
    const places = map.flatMap((row, y) =>
      row.map((v, x) => {
        const [p, q] = [unit(v), unit(b[m]?.[y]?.[x] ?? [])];
        return p.reduce((sum, value, c) => sum + (value - (q[c] ?? 0)) ** 2, 0);
      }),
    );
    return total + places.reduce((sum, each) => sum + each, 0) / places.length;
  }, 0);
}

it('perceptualDistances is the definition, and does not depend on the batches', async () => {
  const network = perceptualNetwork(tinyNetwork());
  const images = Array.from({ length: 18 }, (_, i) => drawnImage(i, 4).pixels);
  const first = { pixels: Uint8Array.of(...images.flatMap((p) => [...p])), count: 18, size: 4 };
  const reversed = [...images].reverse().flatMap((p) => [...p]);
  const second = { ...first, pixels: Uint8Array.of(...reversed) };
  const found = await perceptualDistances(network, [first, second], { preprocessing: 'signed' });
  const maps = images.map((pixels) => {
    const unit = tf.sub(tf.div(tf.tensor4d([...pixels], [1, 4, 4, 3]), 127.5), 1);
    return (network.apply(unit) as tf.Tensor4D[]).map((map) => map.arraySync()[0] ?? []);
  });
  found.forEach((distance, i) => {
    expect(distance).toBeCloseTo(slowDistance(maps[i] ?? [], maps[17 - i] ?? []), 4);
  });
  expect(found[0]).toBeGreaterThan(0.01);
  const same = await perceptualDistances(network, [first, first], { preprocessing: 'signed' });
  expect(Math.max(...same)).toBe(0);
});

it('perceptualDistances requires VGG-16 and sets of one size', async () => {
  const small = buildBackbone('small-vgg', { imageSize: 32 });
  expect(() => perceptualNetwork(small)).toThrow(/must be vgg16, but is/);
  const pair = [drawnImage(0, 4), drawnImage(0, 8)] as const;
  const network = perceptualNetwork(tinyNetwork());
  await expect(perceptualDistances(network, pair, { preprocessing: 'signed' })).rejects.toThrow(
    /one size, but got 1 of 4 px and 1 of 8 px/,
  );
});
