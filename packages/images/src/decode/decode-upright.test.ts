import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodeUpright } from './decode-upright.js';

it('decodeUpright keeps the size and turns by every EXIF orientation', async () => {
  const pixels = Uint8Array.from({ length: 8 * 16 * 3 }, (_, i) => (i < 8 * 8 * 3 ? 250 : 10));
  const raw = sharp(pixels, { raw: { width: 8, height: 16, channels: 3 } });
  const corner = async (orientation: number): Promise<readonly number[]> => {
    const bytes = await raw.clone().withMetadata({ orientation }).png().toBuffer();
    const image = await decodeUpright(bytes);
    expect(image.pixels).toHaveLength(image.width * image.height * 3);
    return [image.width, image.height, image.pixels[0]!];
  };
  // Bright above, or on the right (6: to be turned clockwise), and so on.
  expect(await corner(1)).toEqual([8, 16, 250]);
  expect(await corner(3)).toEqual([8, 16, 10]);
  expect(await corner(6)).toEqual([16, 8, 10]);
  expect(await corner(8)).toEqual([16, 8, 250]);
});

it('decodeUpright puts transparency on white, widens grey, and names what it cannot decode', async () => {
  const clear = { create: { width: 2, height: 1, channels: 4, background: '#00000000' } } as const;
  const white = await decodeUpright(await sharp(clear).png().toBuffer());
  expect([...white.pixels]).toEqual([255, 255, 255, 255, 255, 255]);
  const grey = sharp(Uint8Array.of(7, 9), { raw: { width: 2, height: 1, channels: 1 } });
  const wide = await decodeUpright(await grey.toColourspace('b-w').png().toBuffer());
  expect([...wide.pixels]).toEqual([7, 7, 7, 9, 9, 9]);
  await expect(decodeUpright(Uint8Array.of(1, 2, 3), 'a.jpg')).rejects.toThrow(
    'a.jpg: must be a complete image, but ',
  );
});
