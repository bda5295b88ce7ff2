import { useEngine } from '@janus/engine';
import { expect, it } from 'vitest';
import { embedFaces } from './embed-faces.js';

const SIZE = 64;

/** Slanted bands, and a texture that shifts with `phase`. */
const drawn = (phase: number): number[] =>
  Array.from({ length: SIZE * SIZE * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % SIZE, Math.floor(i / 3 / SIZE)];
    return (y * 3 + x * 2 + c * 40 + ((x * y + phase) % 37)) % 256;
  });

it('embedFaces gives 1,024 numbers an image, which depend on that image alone', async () => {
  await useEngine({ engine: 'wasm' });
  const of = async (phases: readonly number[]): Promise<readonly (readonly number[])[]> => {
    const pixels = Uint8Array.from(phases.flatMap(drawn));
    const { data, shape } = await embedFaces({ pixels, count: phases.length, size: SIZE });
    expect(shape).toEqual([1024]);
    return phases.map((_, i) => [...data.subarray(i * 1024, (i + 1) * 1024)]);
  };
  const [first = [], second] = await of([0, 20]);
  const [again = []] = await of([0]);
  expect(Math.max(...first)).toBeGreaterThan(0.1);
  expect(Math.max(...first.map((value, i) => Math.abs(value - (again[i] ?? NaN))))).toBeLessThan(
    1e-4,
  );
  expect(second).not.toEqual(first);
});
