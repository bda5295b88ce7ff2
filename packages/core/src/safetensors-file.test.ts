import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSafetensorsFile, writeSafetensorsFile } from './safetensors-file.js';
import { encodeSafetensors, type NamedArray } from './safetensors.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-pieces-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const ARRAYS: readonly NamedArray[] = [
  { name: 'features', shape: [5, 3], data: Float32Array.from({ length: 15 }, (_, i) => i / 7) },
  { name: 'empty', shape: [0, 2], data: new Float32Array(0) },
  { name: 'bytes', shape: [5], data: Uint8Array.of(1, 2, 3, 4, 5) },
  { name: 'after odd bytes', shape: [2], data: Int32Array.of(-1, 7) },
];

it.each([1, 7, 1000])(
  'pieces of %i bytes make the same file and the same arrays',
  async (pieceBytes) => {
    const path = join(folder, 'new', `${pieceBytes}.safetensors`);
    await writeSafetensorsFile(path, ARRAYS, { pieceBytes });
    expect(new Uint8Array(await readFile(path))).toEqual(encodeSafetensors(ARRAYS));
    expect((await readSafetensorsFile(path, { pieceBytes })).arrays).toEqual(ARRAYS);
  },
);

it('numbers in half precision come as float32, and a file that is cut off is refused', async () => {
  const whole = encodeSafetensors(ARRAYS, {}, 'F16');
  const path = join(folder, 'half.safetensors');
  await writeFile(path, whole);
  const [features] = (await readSafetensorsFile(path, { pieceBytes: 5 })).arrays;
  expect(features?.data[7]).toBeCloseTo(1, 3);
  for (const length of [whole.length - 1, 20, 3]) {
    await writeFile(path, whole.subarray(0, length));
    await expect(readSafetensorsFile(path)).rejects.toThrow(/Is this a whole safetensors file\?/);
  }
});

it('a write that fails leaves neither the file nor a part of it', async () => {
  const path = join(folder, 'failed', 'a.safetensors');
  const lost = {
    get buffer(): never {
      throw new Error('no memory');
    },
  };
  const broken = [{ name: 'a', shape: [4], data: lost as never }];
  await expect(writeSafetensorsFile(path, broken)).rejects.toThrow('no memory');
  expect(await readdir(join(folder, 'failed'))).toEqual([]);
});
