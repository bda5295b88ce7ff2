import { expect, it } from 'vitest';
import { float32OfHalf, halfOfFloat32 } from './float16.js';

it('every half-precision number comes back as the same bits', () => {
  const finite = Uint16Array.from({ length: 0x10000 }, (_, i) => i).filter(
    (bits) => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0,
  );
  expect(halfOfFloat32(float32OfHalf(finite))).toEqual(finite);
});

it('half precision has the values that IEEE 754 lists', () => {
  const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555, 0x7c00);
  expect([...float32OfHalf(bits)]).toEqual([
    ...[1, -2, 65504, 2 ** -14, 2 ** -24, Math.fround(0.333251953125), Infinity],
  ]);
});

it('halfOfFloat32 rounds to the nearest number, ties to even', () => {
  const step = 2 ** -10; // of numbers from 1 to 2
  const values = Float32Array.of(1 + step / 2, 1 + 1.5 * step, 1 + 0.6 * step, 65519, 65520, 1e-9);
  expect([...float32OfHalf(halfOfFloat32(values))]).toEqual([
    ...[1, 1 + 2 * step, 1 + step, 65504, Infinity, 0],
  ]);
  expect(halfOfFloat32(Float32Array.of(NaN))[0]).toBe(0x7e00);
});
