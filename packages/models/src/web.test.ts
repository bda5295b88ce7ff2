import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';
import * as node from './index.js';
import * as web from './web.js';

/** Returns what esbuild makes of a program for browsers; nothing is left out of the bundle. */
function bundleOf(program: string): string {
  const { outputFiles } = buildSync({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'bundled',
    conditions: ['browser', '@janus/source'],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

/** `from "fs"`, `import("fs")`, `require("node:fs")` for each module of Node. */
const NODE_IMPORT = new RegExp(
  `(from|import|require)\\s*\\(?\\s*["'](node:|(${builtinModules.join('|')})["'/])`,
);

it('@janus/models/web makes a bundle for browsers that reaches no module of Node', () => {
  const text = bundleOf("export * from '@janus/models/web';");
  expect(text).not.toContain('node:');
  expect(text).not.toMatch(NODE_IMPORT);
  expect(() => bundleOf("export * from '@janus/models';")).toThrow(/Could not resolve "node:/);
});

it('the entry for Node has all names of the entry for browsers', () => {
  expect(Object.keys(node)).toEqual(expect.arrayContaining(Object.keys(web)));
});

/** Trains a head on features of a small backbone, and one step of a CycleGAN, as a page would. */
const PROGRAM = `
  import * as tf from '@tensorflow/tfjs';
  import * as models from '@janus/models/web';
  import { streamOf } from '@janus/core';

  const SIZE = 32;

  async function head() {
    const count = 8;
    const stream = streamOf(1, 'page');
    const pixels = Uint8Array.from({ length: count * SIZE * SIZE * 3 }, (_, i) =>
      (Math.floor(i / (SIZE * SIZE * 3)) % 2) * 128 + stream.integer(64));
    const backbone = models.buildBackbone('small-vgg', { imageSize: SIZE, seed: 1 });
    const images = { pixels, count, size: SIZE };
    const features = await models.computeFeatures(backbone, images, { preprocessing: 'signed' });
    const model = models.buildHead({
      inputShape: features.shape, classes: 2, units: [8], dropout: 0, pooling: 'average', seed: 1,
    });
    const labels = Array.from({ length: count }, (_, i) => i % 2);
    const source = models.featureBatches({
      features, labels, ids: labels.map(String), batchSize: 4, seed: 1,
    });
    const training = models.createClassifierTraining({
      model, classes: 2, epochs: 20, learningRate: 0.05, seed: 1, phase: 'head',
    });
    let accuracy = 0;
    for await (const record of models.classifierSteps(training, { train: source, validation: source })) {
      if (record.split === 'validation') accuracy = record.metrics.accuracy;
    }
    return accuracy;
  }

  async function translation() {
    const options = { ...models.CYCLEGAN_TEST, imageSize: 16 };
    const cyclegan = models.createCycleGan(options);
    const image = { images: new Uint8Array(16 * 16 * 3).fill(100), height: 16, width: 16 };
    const { G } = models.samplingGenerators(cyclegan);
    return (await models.translate(G, image)).length;
  }

  export async function run() {
    await tf.setBackend('cpu');
    return JSON.stringify({ accuracy: await head(), pixels: await translation() });
  }
`;

it('a bundle trains a head and translates in a worker without Node', async () => {
  // What a worker of a browser has, as far as tfjs looks for it.
  const { TextDecoder, TextEncoder, performance, setTimeout, fetch } = globalThis;
  const console = { log: () => undefined, warn: () => undefined };
  const given = { TextDecoder, TextEncoder, performance, setTimeout, fetch, console };
  const page = createContext({ ...given, WorkerGlobalScope: Object });
  page['self'] = page;
  runInContext(bundleOf(PROGRAM), page);
  const text = (await runInContext('bundled.run()', page)) as string;
  expect(JSON.parse(text)).toEqual({ accuracy: 1, pixels: 16 * 16 * 3 });
});
