import { expect, test } from 'vitest';
import { hashText, perceptualHash } from './perceptual-hash.js';

/** Reference Python code: tools/oracles/phash_imagededup.py */
const EXPECTED: readonly (readonly [number, number, string, string])[] = [
  [32, 32, '9f159ad1d15ed944', '8e77ff90c4379007'],
  [40, 48, 'aa57aa57c0aa71ad', 'a7c755eb54aa4155'],
  [97, 61, '8e19798e7155ce33', 'c5b8aa5da59c65d4'],
  [20, 50, 'b83a8af482e4cfd6', 'ba96e97ba282934e'],
  [250, 131, 'e4aa2a761d4dc4af', 'aac4b49bcf55192e'],
];

/** The same image as the script draws. */
function drawn(width: number, height: number, channels: number): Uint8Array {
  const value = (x: number, y: number, c: number): number =>
    37 * x + 61 * y + 89 * (c % 3) + x * y * 5 + Math.floor((x * x) / 7);
  return Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return value(pixel % width, Math.floor(pixel / width), i % channels) % 256;
  });
}

test('perceptualHash has the numbers of imagededup for RGB and grey images of any size', () => {
  for (const [width, height, colour, grey] of EXPECTED) {
    const hash = (channels: number): string =>
      hashText(perceptualHash({ pixels: drawn(width, height, channels), width, height, channels }));
    expect([hash(3), hash(1)], `${width}x${height}`).toEqual([colour, grey]);
  }
});

test('perceptualHash takes no account of transparency', () => {
  const [width, height] = [40, 48];
  const opaque = perceptualHash({ pixels: drawn(40, 48, 3), width, height, channels: 3 });
  const clear = drawn(40, 48, 4).map((value, i) => (i % 4 === 3 ? 7 : value));
  expect(perceptualHash({ pixels: clear, width, height, channels: 4 })).toBe(opaque);
});

test('hashText always has 16 digits', () => {
  expect(hashText(10n)).toBe('000000000000000a');
});
