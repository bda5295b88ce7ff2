import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import {
  ageGroupOf,
  changeFace,
  FACE_VALUES,
  sampleFace,
  type FaceAttributes,
  type NamedAttribute,
} from './attributes.js';
import { faceBox } from './face-box.js';
import { drawFace } from './face.js';
import { renderFace, renderFacePixels } from './render.js';

const faceOf = (person: number, image = 0, seed = 1): ReturnType<typeof sampleFace> =>
  sampleFace({ seed, person, image });

test('a face is a function of its seed and number alone, whatever was drawn before', async () => {
  const first = await renderFace(faceOf(7), { size: 64 });
  await Promise.all([renderFace(faceOf(3), { size: 64 }), renderFace(faceOf(4), { size: 32 })]);
  expect((await renderFace(faceOf(7), { size: 64 })).equals(first)).toBe(true);
  expect((await renderFace(faceOf(7, 0, 2), { size: 64 })).equals(first)).toBe(false);
  expect((await renderFace(faceOf(8), { size: 64 })).equals(first)).toBe(false);
});

test('the box of a face is a square in the image that turns and moves with the head', () => {
  const boxes = Array.from({ length: 300 }, (_, i) => faceBox(faceOf(i)));
  for (const [left, top, right, bottom] of boxes) {
    expect(right - left).toBeCloseTo(bottom - top, 9);
    // 1.1 times a head of 90 to 110 units, at a scale of 1.1 to 1.44, in a frame of 256.
    expect(right - left).toBeGreaterThan(0.36);
    expect(right - left).toBeLessThan(0.72);
    expect(Math.min(left, top)).toBeGreaterThan(-0.05);
    expect(Math.max(right, bottom)).toBeLessThan(1.05);
  }
  const face = faceOf(7);
  expect(faceBox(changeFace(face, { glasses: 'sunglasses' }))).toEqual(faceBox(face));
  expect(faceBox(faceOf(7, 1))).not.toEqual(faceBox(face));
});

test('there are at least twelve attributes, and each takes all of its values', () => {
  const faces = Array.from({ length: 400 }, (_, i) => faceOf(i).attributes);
  const names = Object.keys(FACE_VALUES) as NamedAttribute[];
  expect(names.length + 1).toBeGreaterThanOrEqual(12);
  for (const name of names) {
    expect(new Set(faces.map((face) => face[name]))).toEqual(new Set(FACE_VALUES[name]));
  }
  const ages = faces.map((face) => face.age);
  expect([Math.min(...ages), Math.max(...ages)]).toEqual([18, 80]);
  expect([29, 30, 44, 45, 59, 60].map(ageGroupOf)).toEqual([
    '18-29',
    '30-44',
    '30-44',
    '45-59',
    '45-59',
    '60-80',
  ]);
});

test('presentation is independent of every other attribute', () => {
  const faces = Array.from({ length: 4000 }, (_, i) => faceOf(i, 0, 5).attributes);
  const feminine = faces.filter((face) => face.presentation === 'feminine');
  expect(Math.abs(feminine.length / faces.length - 0.5)).toBeLessThan(0.03);
  for (const [name, values] of Object.entries(FACE_VALUES)) {
    if (name === 'presentation') continue;
    for (const value of values) {
      const share = (some: readonly FaceAttributes[]): number =>
        some.filter((face) => face[name as NamedAttribute] === value).length / some.length;
      // Four standard errors of a share among 2000.
      expect(Math.abs(share(feminine) - share(faces)), `${name} ${value}`).toBeLessThan(0.045);
    }
  }
});

test('images of one person share what is the person, and differ in the rest', () => {
  const [a, b] = [faceOf(3, 0), faceOf(3, 1)];
  const person = ['presentation', 'age', 'hair_length', 'beard', 'skin_tone', 'glasses'] as const;
  for (const name of person) expect(b.attributes[name]).toBe(a.attributes[name]);
  expect(drawFace(b, 128)).not.toBe(drawFace(a, 128));
});

test('changing the presentation changes the face and leaves the background as it was', async () => {
  const face = changeFace(faceOf(11), { accessory: 'none', clothing: 'jumper' });
  const [one, other] = await Promise.all(
    (['feminine', 'masculine'] as const).map((presentation) =>
      renderFacePixels(changeFace(face, { presentation }), 64),
    ),
  );
  const changed = (x: number, y: number): number =>
    Math.abs(one![(y * 64 + x) * 3]! - other![(y * 64 + x) * 3]!);
  const corner = Array.from({ length: 8 }, (_, i) => changed(i, 0));
  const middle = Array.from({ length: 1024 }, (_, i) => changed(16 + (i % 32), 16 + (i >> 5)));
  expect(Math.max(...corner)).toBe(0);
  expect(middle.reduce((a, b) => a + b) / middle.length).toBeGreaterThan(3);
});

test('every value of every attribute draws without a broken number', () => {
  for (const [name, values] of Object.entries(FACE_VALUES)) {
    for (const value of values) {
      const svg = drawFace(changeFace(faceOf(2), { [name]: value }), 128);
      expect(svg, `${name} ${value}`).not.toMatch(/NaN|undefined|Infinity|null/);
    }
  }
});

test('images have the size and format asked for, and a size out of range says so', async () => {
  const jpeg = await sharp(await renderFace(faceOf(0), { size: 32 })).metadata();
  expect([jpeg.width, jpeg.height, jpeg.format]).toEqual([32, 32, 'jpeg']);
  const png = await sharp(await renderFace(faceOf(0), { size: 512, format: 'png' })).metadata();
  expect([png.width, png.height, png.format]).toEqual([512, 512, 'png']);
  await expect(renderFace(faceOf(0), { size: 16 })).rejects.toThrow(
    'renderFace: size must be whole pixels from 32 to 512, but got 16. Use 64 or 128.',
  );
});

test('no presentation is named in the drawing, and hair and beard do not depend on it', () => {
  for (const file of ['./hair.ts', './beard.ts']) {
    const source = readFileSync(new URL(file, import.meta.url), 'utf8');
    expect(source).not.toMatch(/cue\(|presentation/);
  }
  expect(drawFace(faceOf(1), 64)).not.toMatch(/feminine|masculine/);
});
