import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DataError } from './errors.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';

const ARRAYS = [
  { name: 'w', shape: [2, 2], data: new Float32Array([1, -2.5, Math.fround(0.1), NaN]) },
  { name: 'count', shape: [], data: new Int32Array([7]) },
  { name: 'pixels', shape: [3], data: new Uint8Array([0, 128, 255]) },
] as const;

it('a round trip is bit-equal, metadata included', () => {
  const read = decodeSafetensors(encodeSafetensors(ARRAYS, { made: 'here' }), 'x');
  expect(read.arrays).toEqual(ARRAYS);
  expect(read.metadata).toEqual({ made: 'here' });
});

it('the layout is the published one: 8 bytes of length, JSON, data in order', () => {
  const bytes = encodeSafetensors([{ name: 'a', shape: [1], data: new Float32Array([1]) }]);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString()) as unknown;
  expect(header).toEqual({
    __metadata__: {},
    a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
  });
  expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 128, 63]);
});

it('every truncation is an error, never a shorter array', () => {
  const bytes = encodeSafetensors(ARRAYS);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), (length) => {
      expect(() => decodeSafetensors(bytes.subarray(0, length), 'cut')).toThrow(DataError);
    }),
  );
});

it('half precision comes back as the float32 numbers that it rounds to', () => {
  const bytes = encodeSafetensors(ARRAYS, {}, 'F16');
  const [weights, count] = decodeSafetensors(bytes, 'x').arrays;
  expect(weights?.data).toEqual(new Float32Array([1, -2.5, 0.0999755859375, NaN]));
  expect(count).toEqual(ARRAYS[1]);
});
