import { expect, it } from 'vitest';
import { heatOverlay } from './heat-overlay.js';

const SIZE = 4;
const GREY = new Uint8Array(SIZE * SIZE * 3).fill(100);

it('leaves the image where there is no heat, and colours it where there is', () => {
  const cold = { data: [0, 0, 0, 0], height: 2, width: 2 };
  expect(heatOverlay({ pixels: GREY, size: SIZE, heat: cold })).toEqual(GREY);
  const hot = { data: [1], height: 1, width: 1 };
  // 0.35 of the grey and 0.65 of the last colour, (240, 249, 33).
  const [r, g, b] = heatOverlay({ pixels: GREY, size: SIZE, heat: hot });
  expect([r, g, b]).toEqual([191, 197, 56]);
});

it('a map is enlarged without a shift: half of it is half of the image', () => {
  const heat = { data: [1, 0], height: 1, width: 2 };
  const pixels = heatOverlay({ pixels: GREY, size: SIZE, heat });
  const changed = [0, 1, 2, 3].map((x) => Math.abs(pixels[x * 3 + 1]! - 100));
  // Values 1, 0.75, 0.25 and 0 at the four columns.
  expect(changed[0]).toBeGreaterThan(changed[1]!);
  expect(changed[2]).toBeGreaterThan(0);
  expect(changed[3]).toBe(0);
  expect(pixels.slice(0, 12)).toEqual(pixels.slice(36));
});

it('pixels and maps that do not have their size are refused', () => {
  expect(() =>
    heatOverlay({ pixels: GREY, size: 5, heat: { data: [1], height: 1, width: 1 } }),
  ).toThrow('heatOverlay: needs 5 x 5 x 3 pixels and a map of 1 x 1, but got 48 and 1 numbers');
});
