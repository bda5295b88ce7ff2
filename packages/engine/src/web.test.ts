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

it.each(['./web.js', '@janus/engine', '@janus/core'])(
  '%s makes a bundle for browsers that reaches no module of Node',
  (entry) => {
    const text = bundleOf(`export * from '${entry}';`);
    expect(text).not.toContain('node:');
    expect(text).not.toMatch(NODE_IMPORT);
  },
);

it('a bundle of the entry for Node is none', () => {
  expect(() => bundleOf(`export * from './index.js';`)).toThrow(/Could not resolve "node:/);
  expect('import fs from "fs"').toMatch(NODE_IMPORT);
  expect('await import("fs/promises")').toMatch(NODE_IMPORT);
});

it('the entry for browsers has names of the entry for Node', () => {
  expect(Object.keys(node)).toEqual(expect.arrayContaining(Object.keys(web)));
});

/** Trains one weight by two steps, and differentiates a padding. */
const PROGRAM = `
  import * as tf from '@tensorflow/tfjs';
  import { applyAdam, compile, dropoutMask, instanceNorm, reflectPad, resolvePrecision } from '@janus/engine';
  import { decodeSafetensors, encodeSafetensors } from '@janus/core';
  export async function run() {
    await tf.setBackend('cpu');
    const [variable, m, v] = [1, 0, 0].map((value) => tf.variable(tf.scalar(value)));
    const step = compile(({ alphaT, epsilonHat }) => {
      const { value, grads } = tf.variableGrads(() => tf.square(variable), [variable]);
      const gradient = grads[variable.name];
      applyAdam({ variable, m, v, gradient, alphaT, epsilonHat, beta1: 0.5, beta2: 0.75 });
      return { loss: value };
    });
    const losses = [];
    for (let i = 0; i < 2; i++) {
      const { loss } = await step.run({ alphaT: tf.scalar(0.5), epsilonHat: tf.scalar(1) });
      losses.push(...(await loss.data()));
    }
    const padded = tf.grad((x) => tf.sum(reflectPad(x, 1)))(tf.ones([1, 3, 3, 1]));
    const mask = dropoutMask([1000], 0.5, tf.tensor1d([1, 2], 'int32'));
    const norm = instanceNorm(tf.tensor4d([0, 2], [1, 1, 2, 1]), { epsilon: 0, slope: 0 });
    const [array] = decodeSafetensors(
      encodeSafetensors([{ name: 'naïve', shape: [1], data: new Float32Array([2]) }]), 'x').arrays;
    return JSON.stringify({
      losses,
      padded: Array.from(await padded.data()),
      kept: (await tf.sum(mask).data())[0],
      norm: Array.from(await norm.data()),
      array: [array.name, ...array.data],
      precision: resolvePrecision('bfloat16'),
    });
  }
`;

it('a bundle trains, pads and reads arrays in a worker without Node', async () => {
  // What a worker of a browser has, as far as tfjs looks for it.
  const { TextDecoder, TextEncoder, performance, setTimeout, fetch } = globalThis;
  const console = { log: () => undefined, warn: () => undefined };
  const given = { TextDecoder, TextEncoder, performance, setTimeout, fetch, console };
  const page = createContext({ ...given, WorkerGlobalScope: Object });
  page['self'] = page;
  runInContext(bundleOf(PROGRAM), page);
  const text = (await runInContext('bundled.run()', page)) as string;
  const seen = JSON.parse(text) as Record<string, unknown>;
  // Two steps by hand: g = 2, m = 1, v = 1, w = 1 - 0.5 * 1 / (1 + 1) = 0.75.
  expect(seen).toEqual({
    losses: [1, 0.5625],
    // [b a b c b]: the corner pixels are there once, the middle one three times along each axis.
    padded: [1, 3, 1, 3, 9, 3, 1, 3, 1],
    kept: expect.toSatisfy((kept: number) => kept > 400 && kept < 600) as unknown,
    norm: [0, 1],
    array: ['naïve', 2],
    precision: 'float32',
  });
});
