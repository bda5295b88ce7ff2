import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';
import { changedPart, type RgbImage } from '@janus/images';
import { buildGenerator, openTranslator } from '@janus/models';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SIZE = 32;
/** Levels of 255: both bend with other rounding, and at the border with other weights. */
const BEND = 2;
let generator: tf.LayersModel;

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
  generator = buildGenerator({
    ...{ imageSize: SIZE, filters: 4, blocks: 1, skip: 'residual', bend: 0.3, seed: 3 },
  });
  // A generator begins without bending: let it bend.
  for (const layer of generator.layers.filter(({ name }) => name.startsWith('bend2'))) {
    layer.setWeights(
      layer
        .getWeights()
        .map((weight, i) => tf.randomUniform(weight.shape, -0.5, 0.5, 'float32', i)),
    );
  }
});
afterAll(() => {
  generator.dispose();
});

function photo(width: number, height: number): RgbImage {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return 128 + 50 * Math.sin((5 * x) / width + c) + 40 * Math.cos((4 * y) / height);
  });
  return { pixels, width, height };
}

it('a part at the size of the network becomes what the network made, where that bends too', async () => {
  const image = photo(SIZE, SIZE);
  const translator = openTranslator(generator);
  const made = await translator.translate({ images: image.pixels, width: SIZE, height: SIZE });
  translator.dispose();
  const { bend } = made;
  const moved = Math.max(...bend!.field.map(Math.abs)) * SIZE;
  expect(moved).toBeGreaterThan(0.5);
  const part = { left: 0, top: 0, width: SIZE, height: SIZE };
  const { pixels } = changedPart({
    ...{ image, part, strength: 1, size: image, before: image.pixels, ...made },
  });
  for (let y = 4; y < SIZE - 4; y++) {
    for (let i = (y * SIZE + 4) * 3; i < (y * SIZE + SIZE - 4) * 3; i++) {
      expect(Math.abs(pixels[i]! - made.images[i]!)).toBeLessThanOrEqual(BEND);
    }
  }
});

it('a bend alone moves a large photo without a change of values', () => {
  const image = photo(200, 150);
  const part = { left: 0, top: 0, width: 200, height: 150 };
  const before = photo(8, 8).pixels;
  // Everything comes from a tenth of the width to the right.
  const field = Float32Array.from({ length: 2 * 2 * 2 }, (_, i) => (i % 2 === 0 ? 0.1 : 0));
  const bend = { images: before, field, fieldWidth: 2, fieldHeight: 2 };
  const of = (strength: number): Uint8Array =>
    changedPart({
      ...{ image, part, strength, size: { width: 8, height: 8 }, before, images: before, bend },
    }).pixels;
  const at = (pixels: Uint8Array, x: number): number => pixels[(75 * 200 + x) * 3]!;
  expect(at(of(1), 50)).toBe(at(image.pixels, 70));
  expect(at(of(0.5), 50)).toBe(at(image.pixels, 60));
  expect(of(0)).toEqual(image.pixels);
});
