import { streamOf } from '@janus/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { letterbox, type SizedImage } from './letterbox.js';

function noise(width: number, height: number): SizedImage {
  const stream = streamOf(5, 'letterbox', width, height);
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256));
  return { pixels, width, height };
}

/** One value of a scaled image straight from the definition: a tent over both axes at once. */
function tentSum(
  { pixels, width, height }: SizedImage,
  place: { readonly x: number; readonly y: number; readonly channel: number },
  scales: { readonly across: number; readonly down: number },
): number {
  const centreX = (place.x + 0.5) * scales.across - 0.5;
  const centreY = (place.y + 0.5) * scales.down - 0.5;
  let [sum, weights] = [0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const weight =
        Math.max(0, 1 - Math.abs(x - centreX) / Math.max(1, scales.across)) *
        Math.max(0, 1 - Math.abs(y - centreY) / Math.max(1, scales.down));
      sum += weight * (pixels[(y * width + x) * 3 + place.channel] ?? NaN);
      weights += weight;
    }
  }
  return sum / weights;
}

/** Two roundings to float32 on the way may turn an exact half. */
const HALF_A_LEVEL = 0.5 + 1e-3;

describe('letterbox', () => {
  it.each([
    { width: 40, height: 30, size: 16, across: 16, down: 12 },
    { width: 9, height: 27, size: 18, across: 6, down: 18 },
    { width: 5, height: 4, size: 20, across: 20, down: 16 },
    { width: 31, height: 31, size: 17, across: 17, down: 17 },
  ])(
    'scales $width x $height into $size as a sum over the whole image does',
    ({ width, height, size, across, down }) => {
      const image = noise(width, height);
      const box = letterbox(image, size);
      expect(box.scale).toBe(size / Math.max(width, height));
      expect([box.left, box.top]).toEqual([
        Math.floor((size - across) / 2),
        Math.floor((size - down) / 2),
      ]);
      let largest = 0;
      for (let y = 0; y < down; y++) {
        for (let x = 0; x < across; x++) {
          for (const channel of [0, 1, 2]) {
            const got = box.pixels[((box.top + y) * size + box.left + x) * 3 + channel] ?? NaN;
            const scales = { across: width / across, down: height / down };
            const wanted = tentSum(image, { x, y, channel }, scales);
            largest = Math.max(largest, Math.abs(got - wanted));
          }
        }
      }
      expect(largest).toBeLessThanOrEqual(HALF_A_LEVEL);
    },
  );

  it('leaves an image of the right size as it is', () => {
    const image = noise(24, 24);
    expect(letterbox(image, 24).pixels).toEqual(image.pixels);
  });

  it('keeps one colour that colour, and black beside the image', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 255 }),
        (width, height, level) => {
          const size = 16;
          const pixels = new Uint8Array(width * height * 3).fill(level);
          const { pixels: found, scale, left, top } = letterbox({ pixels, width, height }, size);
          const across = Math.max(1, Math.round(width * scale));
          const down = Math.max(1, Math.round(height * scale));
          for (let y = 0; y < size; y++) {
            for (let x = 0; x < size; x++) {
              const inside = x >= left && x < left + across && y >= top && y < top + down;
              expect(found[(y * size + x) * 3 + 1]).toBe(inside ? level : 0);
            }
          }
        },
      ),
    );
  });

  it('tells where a point of the image went', () => {
    // A white pixel in black: its centre must lie where scale, left and top say.
    const [width, height, size] = [20, 10, 80];
    const pixels = new Uint8Array(width * height * 3);
    const [x, y] = [13, 4];
    pixels.fill(255, (y * width + x) * 3, (y * width + x) * 3 + 3);
    const box = letterbox({ pixels, width, height }, size);
    let [mass, sumX, sumY] = [0, 0, 0];
    box.pixels.forEach((level, i) => {
      mass += level;
      sumX += level * ((Math.floor(i / 3) % size) + 0.5);
      sumY += level * (Math.floor(i / 3 / size) + 0.5);
    });
    expect((sumX / mass - box.left) / box.scale).toBeCloseTo(x + 0.5, 2);
    expect((sumY / mass - box.top) / box.scale).toBeCloseTo(y + 0.5, 2);
  });
});
