/** The network that the package carries, beside tfjs's own reader of such files. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import { useEngine } from '@janus/engine';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConvertedGraph, type GraphFile } from './converted-graph.js';
import { loadFaceDetector } from './face-detector-files.js';

const code = createRequire(import.meta.url).resolve('@vladmandic/human');
const path = join(dirname(code), '..', 'models', 'blazeface.json');
const OUTPUTS = ['Identity', 'Identity_1', 'Identity_2', 'Identity_3'];

let [file, bytes]: [GraphFile | null, Uint8Array<ArrayBuffer>] = [null, new Uint8Array()];
beforeAll(async () => {
  await useEngine();
  file = JSON.parse(await readFile(path, 'utf8')) as GraphFile;
  bytes = new Uint8Array(await readFile(path.replace(/json$/, 'bin')));
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(0);
});

/** Relative to 1 + |value|: 30 layers whose sums are done in another order. */
const FLOAT32_SUMS = 2e-4;

describe('the detector that the package carries', () => {
  it('gives the outputs that GraphModel gives, for each image of a batch', async () => {
    if (file === null) throw new Error('not read');
    const stream = streamOf(6, 'pictures');
    const side = 256;
    const noise = Float32Array.from({ length: 3 * side * side * 3 }, () => stream.next() * 2 - 1);
    const graph = readConvertedGraph(file, bytes, path);
    const model = await tf.loadGraphModel({
      load: () =>
        Promise.resolve({
          modelTopology: file?.modelTopology ?? {},
          weightSpecs: file?.weightsManifest.flatMap(({ weights }) => weights) ?? [],
          weightData: bytes.buffer,
        }),
    });
    const far = tf.tidy(() => {
      const images = tf.tensor4d(noise, [3, side, side, 3]);
      const ours = graph.run(images, OUTPUTS);
      return [0, 1, 2].flatMap((i) => {
        const theirs = model.execute(tf.slice(images, i, 1), OUTPUTS) as tf.Tensor[];
        return theirs.map((wanted, k) => {
          const found = tf.slice(ours[k] ?? tf.scalar(NaN), i, 1);
          expect(found.shape).toEqual(wanted.shape);
          const difference = tf.div(tf.abs(tf.sub(found, wanted)), tf.add(tf.abs(wanted), 1));
          return tf.max(difference).dataSync()[0] ?? NaN;
        });
      });
    });
    model.dispose();
    graph.dispose();
    expect(far).toHaveLength(12);
    expect(Math.max(...far)).toBeLessThan(FLOAT32_SUMS);
  });

  it('finds nothing in black, grey and noise, and frees what it held', async () => {
    const detector = await loadFaceDetector();
    const stream = streamOf(7, 'noise');
    const size = 200 * 160 * 3;
    const images = [
      new Uint8Array(size),
      new Uint8Array(size).fill(128),
      Uint8Array.from({ length: size }, () => stream.integer(256)),
    ];
    const found = await Promise.all(images.map((each) => detector.detect(each, 200, 160)));
    detector.dispose();
    expect(found).toEqual([[], [], []]);
  });
});
