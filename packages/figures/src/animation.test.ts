import sharp from 'sharp';
import { expect, it } from 'vitest';
import { animation } from './animation.js';

const frame = (value: number): Promise<Buffer> =>
  sharp({ create: { width: 8, height: 6, channels: 3, background: { r: value, g: 0, b: 0 } } })
    .png()
    .toBuffer();

it('animation shows its frames in their order, the last the longest, without end', async () => {
  const frames = await Promise.all([10, 120, 240].map(frame));
  const bytes = await animation({ frames, frameMs: 200 });
  const { pages, delay, loop, pageHeight, width } = await sharp(bytes, {
    animated: true,
  }).metadata();
  expect({ pages, delay, loop, pageHeight, width }).toEqual({
    ...{ pages: 3, delay: [200, 200, 600], loop: 0, pageHeight: 6, width: 8 },
  });
  for (const [page, value] of [10, 120, 240].entries()) {
    const pixels = await sharp(bytes, { page }).raw().toBuffer();
    expect(Math.abs(pixels[0]! - value)).toBeLessThan(8);
  }
});

it('animation refuses a single frame', async () => {
  await expect(animation({ frames: [await frame(1)] })).rejects.toThrow(
    'animation: needs at least two frames, but got 1.',
  );
});
