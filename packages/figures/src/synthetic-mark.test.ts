import { expect, it } from 'vitest';
import { withMark } from './synthetic-mark.js';

it('withMark changes the lower right corner alone, and leaves light text on a dark ground', async () => {
  const [width, height] = [200, 120];
  const pixels = new Uint8Array(width * height * 3).fill(200);
  const marked = await withMark({ pixels, width, height });
  expect(marked).toHaveLength(pixels.length);
  const at = (x: number, y: number): number => marked[(y * width + x) * 3]!;
  expect([at(0, 0), at(0, height - 1), at(width - 1, 0), at(width >> 1, height >> 1)]).toEqual([
    200, 200, 200, 200,
  ]);
  expect(at(width - 1, height - 1)).toBeLessThan(100);
  const corner = Array.from({ length: 30 }, (_, i) => at(width - 1 - i, height - 5));
  expect(Math.max(...corner)).toBeGreaterThan(200);
  expect(pixels[pixels.length - 1]).toBe(200);
});

it('withMark fits into an image of any size', async () => {
  for (const [width, height] of [
    [8, 8],
    [3, 200],
    [1, 1],
  ] as const) {
    const pixels = new Uint8Array(width * height * 3).fill(200);
    expect(await withMark({ pixels, width, height })).toHaveLength(pixels.length);
  }
});
