import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useEngine } from '@janus/engine';
import { describe, expect, it } from 'vitest';
import { buildBackbone, type BackboneName } from './backbones.js';
import { computeFeatures } from '../features.js';
import { pathOfHumanModel } from '../human-files.js';
import { cutToWeights, setWeights } from './load-weights.js';
import { pretrainedWeights } from './weights.js';

const DATA = join(process.env['JANUS_REAL_DATA'] ?? '../shared/data', 'weights');
const FILES: readonly (readonly [BackboneName, string])[] = [
  ['vgg16', join(DATA, 'vgg16_notop.h5')],
  ['squeezenet', join(DATA, 'squeezenet_v1.1_notop.h5')],
  ['mobilenet', join(DATA, 'mobilenet_v1_1.0_224_tfjs', 'model.json')],
  ['faceres', pathOfHumanModel('faceres')],
];

/** Sums in another order, over up to 53 layers. */
const FLOAT32_REDUCTION = 1e-4;

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

describe.each(FILES)('%s', (name, file) => {
  const absent = !existsSync(file);
  const why = absent ? ' (skipped: no real data, see JANUS_REAL_DATA)' : '';

  it.skipIf(absent)(`with its real weights is PyTorch's to 1e-4${why}`, async () => {
    const oracle = JSON.parse(
      readFileSync(new URL(`fixtures/${name}-forward.json`, import.meta.url), 'utf8'),
    ) as Forward;
    await useEngine();
    const { weights, preprocessing, source } = await pretrainedWeights(name, { file });
    const whole = buildBackbone(name, { imageSize: oracle.side });
    const backbone = cutToWeights(whole, weights); // one part of MobileNet's files is not there
    setWeights(backbone, weights, source);
    const images = { pixels: drawn(oracle.side), count: 1, size: oracle.side };
    const found = await computeFeatures(backbone, images, { preprocessing });
    whole.dispose();
    expect(found.shape).toEqual(oracle.shape);
    const largest = Math.max(...oracle.values);
    const error = Math.max(
      ...oracle.values.map((value, i) => Math.abs(value - (found.data[i] ?? NaN))),
    );
    expect(largest).toBeGreaterThan(1);
    expect(error / largest).toBeLessThan(FLOAT32_REDUCTION);
  });
});
