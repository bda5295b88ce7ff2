import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT, writeRun, type RunRecord } from '@janus/core';
import { useEngine } from '@janus/engine';
import { saveHeads } from '@janus/models';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLASSIFIER_DEFAULTS, type ResolvedClassifierOptions } from '../classifier/options.js';
import type { Domain } from '../cyclegan/domains.js';
import { judgementOf, openJudge } from './judge.js';

let root = '';
/** A run of two targets: `look` from an image's red, `light` from its green; both know `none`. */
let run = '';

const TARGETS = [
  { target: 'light', classes: ['none', 'bright'] },
  { target: 'look', classes: ['none', 'plain', 'red'] },
];

beforeAll(async () => {
  await useEngine({ engine: 'js' });
  root = await mkdtemp(join(tmpdir(), 'janus-judge-'));
  run = join(root, 'run');
  const input = tf.input({ shape: [4, 4, 3] });
  const pooled = tf.layers.globalAveragePooling2d({}).apply(input) as tf.SymbolicTensor;
  const head = (name: string, columns: readonly number[][]): tf.SymbolicTensor => {
    const kernel = tf.transpose(tf.tensor2d([...columns]));
    const bias = tf.zeros([columns.length]);
    const layer = tf.layers.dense({ name, units: columns.length, weights: [kernel, bias] });
    return layer.apply(pooled) as tf.SymbolicTensor;
  };
  // Signed pixels: a class's logit is the channel, or its opposite.
  const outputs = [
    head('light', [
      [0, -1, 0],
      [0, 1, 0],
    ]),
    head('look', [
      [0, 0, 0],
      [-1, 0, 0],
      [1, 0, 0],
    ]),
  ];
  const model = tf.model({ inputs: input, outputs });
  const description = {
    format: 2,
    targets: TARGETS,
    imageSize: 4,
    preprocessing: 'signed',
  } as const;
  await saveHeads(join(run, 'model'), { model, description });
  const record: RunRecord<ResolvedClassifierOptions> = {
    ...{ format: 2, kind: 'classifier', name: 'made', status: 'finished', seed: 1 },
    ...{ started: '2026-01-02T03:04:05.000Z', versions: {}, engine: 'js', dataHash: 'none' },
    options: {
      ...CLASSIFIER_DEFAULTS,
      ...{ data: join(root, 'gone'), target: 'light,look', cut: 'last', normalisation: 'none' },
      precision: 'float32',
    },
  };
  await writeRun(run, record);
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const domain = (source: string, title: string): Domain => ({ source, title, hash: '', items: [] });

describe('a judge of several targets', () => {
  it('judges by the target that has the values, and tells the others in the same pass', async () => {
    const sides = [domain('d:look=plain', 'plain'), domain('d:look=red', 'red')] as const;
    const judge = await openJudge(run, sides, SILENT);
    expect(judge.target.target).toBe('look');
    // Two images of 4 x 4: red and dark green, then cyan.
    const pixels = Uint8Array.from({ length: 2 * 48 }, (_, i) => {
      const channel = i % 3;
      return i < 48 ? [255, 60, 0][channel]! : [0, 255, 255][channel]!;
    });
    const judgement = await judgementOf(
      judge,
      { pixels, count: 2, size: 4 },
      {
        ...{ reporter: SILENT, label: 'judging' },
      },
    );
    expect(judgement.classes).toEqual(['red', 'plain']);
    expect(judgement.others).toEqual({ light: ['none', 'bright'] });
    expect(judgement.features.shape).toEqual([3]);
    judge.dispose();
  });

  it('takes the column that the domains differ in where two targets have the values', async () => {
    const named = [domain('d:look=none', 'none'), domain('d:look=none', 'none')] as const;
    await expect(openJudge(run, named, SILENT)).rejects.toThrow(
      /those of one target, but .* has light and look/,
    );
    const unknown = [domain('d:look=red', 'red'), domain('d:look=blue', 'blue')] as const;
    await expect(openJudge(run, unknown, SILENT)).rejects.toThrow(/and not blue/);
  });
});
