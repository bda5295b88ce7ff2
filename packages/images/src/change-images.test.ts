import { streamOf } from '@janus/core';
import { describe, expect, it } from 'vitest';
import { changeImages, IMAGE_CHANGES } from './change-images.js';

const size = 32;
const count = 2;

/** Noise on a ramp: something that blurring, shrinking and compressing each lose. */
function made(): { readonly pixels: Uint8Array; readonly count: number; readonly size: number } {
  const stream = streamOf(3, 'noise');
  const pixels = Uint8Array.from(
    { length: count * size * size * 3 },
    (_, i) => 60 + ((i / 3) % size) * 3 + stream.integer(40),
  );
  return { pixels, count, size };
}

const distance = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;

describe('changeImages', () => {
  it('multiplies values for brightness, clipped at white', async () => {
    const images = made();
    const half = await changeImages(images, { change: 'brightness', strength: 0.5 });
    expect(half).toEqual(images.pixels.map((value) => Math.floor(value / 2 + 0.5)));
    const double = await changeImages(images, { change: 'brightness', strength: 2 });
    expect(double).toEqual(images.pixels.map((value) => Math.min(255, 2 * value)));
  });

  it('loses more with each strength, and leaves the given images as they are', async () => {
    const images = made();
    const before = images.pixels.slice();
    for (const { change, strengths } of IMAGE_CHANGES) {
      const from = strengths.filter((strength) => change !== 'brightness' || strength < 1);
      const lost: number[] = [];
      for (const strength of from) {
        const changed = await changeImages(images, { change, strength });
        expect(changed.length).toBe(before.length);
        lost.push(distance(changed, before));
      }
      expect(lost, change).toEqual([...lost].sort((a, b) => a - b));
      expect(lost.at(-1), change).toBeGreaterThan(3);
    }
    expect(images.pixels).toEqual(before);
  });

  it('keeps the mean of a blurred image, and refuses strengths that mean nothing', async () => {
    const images = made();
    const blurred = await changeImages(images, { change: 'blur', strength: 0.04 });
    const mean = (pixels: Uint8Array): number => pixels.reduce((a, b) => a + b, 0) / pixels.length;
    // Edges are repeated, so the mean moves a little.
    expect(Math.abs(mean(blurred) - mean(images.pixels))).toBeLessThan(1);
    await expect(changeImages(images, { change: 'blur', strength: 0 })).rejects.toThrow(/above 0/);
    await expect(changeImages(images, { change: 'jpeg', strength: 101 })).rejects.toThrow(
      /at most 100, but got 101/,
    );
  });
});
