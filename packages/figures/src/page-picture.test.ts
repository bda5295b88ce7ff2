import sharp from 'sharp';
import { expect, test } from 'vitest';
import { pagePicture } from './page-image.js';

const red = { width: 90, height: 30, channels: 3, background: 'red' } as const;

test('pagePicture reduces a wide picture in proportion, and enlarges none', async () => {
  const png = await sharp({ create: red }).png().toBuffer();
  expect(await pagePicture(png)).toMatchObject({ width: 90, height: 30 });
  const small = await pagePicture(png, { maxWidth: 45 });
  expect(small).toMatchObject({ width: 45, height: 15 });
  const { format } = await sharp(small.bytes).metadata();
  expect(format).toBe('webp');
  const [r = 0, g = 255] = await sharp(small.bytes).raw().toBuffer();
  expect(r).toBeGreaterThan(240);
  expect(g).toBeLessThan(15);
});

test('pagePicture throws on what is no picture', async () => {
  await expect(pagePicture(Buffer.from('text'))).rejects.toThrow();
});
