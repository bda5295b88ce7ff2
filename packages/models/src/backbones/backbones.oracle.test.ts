import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useEngine } from '@janus/engine';
import { expect, it } from 'vitest';
import { buildBackbone } from './backbones.js';
import { computeFeatures } from '../features.js';
import { setWeights } from './load-weights.js';
import { pretrainedWeights } from './weights.js';

const FILE = join(process.env['JANUS_REAL_DATA'] ?? '../shared/data', 'weights', 'vgg16_notop.h5');
const absent = !existsSync(FILE);
const why = absent ? ' (skipped: no real data, see JANUS_REAL_DATA)' : '';

interface Forward {
  readonly side: number;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** The image of tools/oracles/backbone_forward.py. */
function drawn(side: number): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    return (y * 3 + x * 2 + c * 40 + ((x * y) % 37)) % 256;
  });
}

it.skipIf(absent)(`VGG-16 with its real weights is PyTorch's to 1e-4${why}`, async () => {
  const oracle = JSON.parse(
    readFileSync(new URL('fixtures/vgg16-forward.json', import.meta.url), 'utf8'),
  ) as Forward;
  await useEngine();
  const { weights, preprocessing } = await pretrainedWeights('vgg16', { file: FILE });
  const backbone = buildBackbone('vgg16', { imageSize: oracle.side });
  setWeights(backbone, weights, FILE);
  const images = { pixels: drawn(oracle.side), count: 1, size: oracle.side };
  const found = await computeFeatures(backbone, images, { preprocessing });
  backbone.dispose();
  expect(found.shape).toEqual(oracle.shape);
  const largest = Math.max(...oracle.values);
  const error = Math.max(
    ...oracle.values.map((value, i) => Math.abs(value - (found.data[i] ?? NaN))),
  );
  expect(largest).toBeGreaterThan(10);
  expect(error / largest).toBeLessThan(1e-4);
});
