import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import { expect, it } from 'vitest';
import { float16Bits, smallWeights } from './small-weights.js';

// numpy.float16(x).view(numpy.uint16) of NumPy 2.4.6
it.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [0.1, 0x2e66],
  [65504, 0x7bff],
  [65519, 0x7bff],
  [6.103515625e-5, 0x0400],
  [6.0975552e-5, 0x03ff],
  [5.960464477539063e-8, 0x0001],
  [2.9802322387695312e-8, 0x0000],
  [2.980232594040899e-8, 0x0001],
  [1e-9, 0x0000],
  [1.00048828125, 0x3c00],
  [1.00146484375, 0x3c02],
])('%s has the bits that NumPy gives it', (value, bits) => {
  expect(float16Bits(value)).toBe(bits);
});

const VALUES = ((): Float32Array => {
  const stream = streamOf(1, 'weights');
  return Float32Array.from({ length: 500 }, () => 0.05 * stream.normal());
})();

/** What tfjs reads of weights that were written so. */
async function readBack(type: 'float16' | 'uint8', values = VALUES): Promise<Float32Array> {
  const { bytes, quantization } = smallWeights(values, type);
  const spec = { name: 'w', shape: [values.length], dtype: 'float32' as const };
  const decoded = tf.io.decodeWeights(new Uint8Array(bytes).buffer, [
    { ...spec, ...(quantization && { quantization }) },
  ]);
  return (await decoded['w']!.data()) as Float32Array;
}

it('tfjs reads float16 back to 11 bits of precision', async () => {
  const back = await readBack('float16');
  VALUES.forEach((value, i) => {
    expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(Math.abs(value) / 2 ** 11 + 2 ** -25);
  });
});

it('tfjs reads uint8 back to half a step, and 0 as 0', async () => {
  const values = Float32Array.from([...VALUES, 0]);
  const back = await readBack('uint8', values);
  const step = (Math.max(...values) - Math.min(...values)) / 255;
  values.forEach((value, i) => {
    // The ends lie up to half a step outside after the steps were moved to 0.
    expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(step * 1.001);
  });
  expect(back.at(-1)).toBe(0);
});

it('an array of one value keeps it, and weights too large for float16 are refused', async () => {
  expect([...(await readBack('uint8', new Float32Array(3).fill(0.25)))]).toEqual([
    0.25, 0.25, 0.25,
  ]);
  expect(() => float16Bits(70000)).toThrow(
    'float16: weights must be below 65520, but one is 70000',
  );
});
