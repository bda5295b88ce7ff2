import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeImage } from '@janus/images';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { faceFit } from './face-fit.js';

let folder = '';
let file = '';
const [width, height] = [120, 80];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-face-fit-'));
  file = join(folder, 'photo.png');
  await writeImage(file, { pixels: new Uint8Array(width * height * 3).fill(100), width, height });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const OPTIONS = { size: 16, margin: 0.25, minSide: 12 };
const face = (
  x1: number,
  y1: number,
  side: number,
): {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly score: number;
} => ({
  ...{ x1, y1, x2: x1 + side, y2: y1 + side, score: 0.9 },
});

it('faceFit changes the square around each face that counts, fading out, and nothing else', async () => {
  const found = [face(10, 20, 20), face(80, 30, 16), face(50, 2, 8)];
  const { cut } = faceFit(OPTIONS, () => Promise.resolve(found));
  const { image, pieces, faces } = await cut(file);
  expect(faces).toBe(2);
  expect(pieces.images).toHaveLength(2 * 16 * 16 * 3);
  const { pixels } = pieces.join({ images: pieces.images.map((value) => value + 60) }, 0.5);
  const at = (x: number, y: number): number => pixels[(y * width + x) * 3]!;
  // Margins of a quarter: squares from 5, 15 of 30 px and from 76, 26 of 24 px; half of 60 is added in their middles.
  expect([at(20, 30), at(88, 38)]).toEqual([130, 130]);
  expect([at(4, 30), at(35, 30), at(20, 45), at(54, 6), at(75, 38), at(100, 38)]).toEqual(
    Array(6).fill(100),
  );
  expect(at(6, 30)).toBeGreaterThan(100);
  expect(at(6, 30)).toBeLessThan(at(8, 30));
  expect(image.pixels.every((value) => value === 100)).toBe(true);
});

it('faceFit says when a photo shows no face that counts', async () => {
  const { cut } = faceFit(OPTIONS, () => Promise.resolve([face(50, 2, 8)]));
  await expect(cut(file)).rejects.toThrow(
    /photo\.png: must show a face of at least 12 px, but BlazeFace .* found none\. Leave out --faces/,
  );
});

it('faceFit does not change what two faces share twice', async () => {
  const found = [face(20, 20, 20), face(30, 20, 20)];
  const { cut } = faceFit(OPTIONS, () => Promise.resolve(found));
  const { pieces } = await cut(file);
  const { pixels } = pieces.join({ images: pieces.images.map((value) => value + 60) }, 1);
  const row = Array.from({ length: width }, (_, x) => pixels[(30 * width + x) * 3]!);
  expect(Math.max(...row)).toBe(160);
});
