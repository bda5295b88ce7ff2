import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeImage } from '../decode/decode.js';
import { writeImage } from '../write/write-image.js';
import { readableBatches } from './readable-batches.js';

const SIZE = 8;
/** Paths that are no image, by index. */
const BAD = [0, 4, 5, 6, 7, 13];

let folder = '';
let paths: readonly string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-readable-'));
  paths = Array.from({ length: 22 }, (_, i) => join(folder, `${i}.png`));
  for (const [i, path] of paths.entries()) {
    if (i === 5) await mkdir(path);
    else if (i === 6) continue;
    else if (BAD.includes(i)) await writeFile(path, 'no image');
    else {
      const pixels = Uint8Array.from({ length: 10 * 10 * 3 }, (_, k) => (i * 31 + k * 7) % 256);
      await writeImage(path, { pixels, width: 10, height: 10 });
    }
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

it.each([0, 2])(
  'with %i threads: bad files are named, and all others decoded in order',
  async (workers) => {
    const indices: number[] = [];
    const named: string[] = [];
    for await (const batch of readableBatches(paths, { size: SIZE, batchSize: 4, workers })) {
      indices.push(...batch.indices);
      for (const { index, error } of batch.unreadable) {
        named.push(String(error.path === paths[index] ? index : error.path));
      }
      const expected = await Promise.all(
        batch.indices.map((i) => decodeImage(paths[i] ?? '', SIZE)),
      );
      expect(Buffer.concat(expected).equals(batch.pixels)).toBe(true);
    }
    expect(indices).toEqual(paths.flatMap((_, i) => (BAD.includes(i) ? [] : [i])));
    expect(named).toEqual(BAD.map(String));
  },
);
