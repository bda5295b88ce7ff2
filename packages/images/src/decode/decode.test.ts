import { describe, expect, it } from 'vitest';
import { streamOf } from '@janus/core';
import sharp from 'sharp';
import { decodeImage, decodeRecipe } from './decode.js';
import { jpegHeader } from './jpeg-header.js';
import { middleSquare, resample } from './resample.js';

/** Mean distance of two decoders' pixels, out of 255: they round, and widen chroma, differently. */
const DECODERS = 1;

function meanDistance(a: Uint8Array, b: Uint8Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

/** Soft blobs of colour, no two corners alike. */
function drawn(width: number, height: number): sharp.Sharp {
  const stream = streamOf(1, 'blobs');
  const phases = Array.from({ length: 6 }, () => stream.next() * 6);
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    const wave = Math.sin(x / 9 + phases[c]!) + Math.sin(y / 13 + phases[c + 3]! + (x * c) / 40);
    return 128 + 60 * wave;
  });
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** The obvious way: everything by sharp, but for enlarging, which libvips does half a pixel aside. */
async function bySharp(bytes: Uint8Array, size: number): Promise<Uint8Array> {
  const whole = sharp(bytes).rotate().toColourspace('srgb');
  const { width, height } = await sharp(bytes).metadata();
  const enlarges = Math.min(width, height) < size;
  const scaled = enlarges ? whole : whole.resize(size, size, { fit: 'cover', kernel: 'lanczos3' });
  const { data, info } = await scaled.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  if (!enlarges) return data;
  const image = { pixels: data, width: info.width, height: info.height };
  return resample(image, middleSquare(image), { width: size, height: size });
}

describe('decodeImage', () => {
  it('gives what sharp gives, for every EXIF orientation', async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = await drawn(90, 70)
        .withMetadata({ orientation })
        .jpeg({ quality: 95 })
        .toBuffer();
      const header = jpegHeader(bytes);
      expect(header).toMatchObject({ width: 90, height: 70, colour: 'ycc', orientation });
      // withMetadata also adds a profile, which sends it to sharp; without it, to the quick decoder.
      const plain = await sharp(bytes).keepExif().jpeg({ quality: 95 }).toBuffer();
      expect(jpegHeader(plain)).toMatchObject({ hasProfile: false, orientation, ended: true });
      for (const each of [bytes, plain]) {
        const pixels = await decodeImage(each, 48);
        expect(meanDistance(pixels, await bySharp(each, 48)), String(orientation)).toBeLessThan(
          DECODERS,
        );
      }
    }
  });

  it.each([
    ['baseline', { quality: 90 }],
    ['progressive', { quality: 90, progressive: true }],
    ['full chroma', { quality: 90, chromaSubsampling: '4:4:4' }],
    ['poor', { quality: 20 }],
  ] as const)('gives what sharp gives: %s', async (_name, options) => {
    const bytes = await drawn(120, 101).jpeg(options).toBuffer();
    expect(meanDistance(await decodeImage(bytes, 64), await bySharp(bytes, 64))).toBeLessThan(
      DECODERS,
    );
    expect(meanDistance(await decodeImage(bytes, 150), await bySharp(bytes, 150))).toBeLessThan(
      DECODERS,
    );
    // Twice as large and more: sharp alone.
    expect(meanDistance(await decodeImage(bytes, 50), await bySharp(bytes, 50))).toBeLessThan(
      DECODERS,
    );
  });

  it('reads a grey JPEG file as RGB', async () => {
    const bytes = await drawn(60, 60).toColourspace('b-w').jpeg({ quality: 95 }).toBuffer();
    expect(jpegHeader(bytes)).toMatchObject({ colour: 'grey' });
    const pixels = await decodeImage(bytes, 40);
    expect(meanDistance(pixels, await bySharp(bytes, 40))).toBeLessThan(DECODERS);
    for (let i = 0; i < pixels.length; i += 3) {
      expect([pixels[i + 1], pixels[i + 2]]).toEqual([pixels[i], pixels[i]]);
    }
  });

  it('takes colours through a profile', async () => {
    const bytes = await drawn(60, 60).withIccProfile('p3').jpeg({ quality: 95 }).toBuffer();
    expect(jpegHeader(bytes)).toMatchObject({ hasProfile: true });
    expect(meanDistance(await decodeImage(bytes, 40), await bySharp(bytes, 40))).toBeLessThan(
      DECODERS,
    );
  });

  it('leaves the pixels of a lossless image to the scaling alone', async () => {
    const { data, info } = await drawn(80, 62).raw().toBuffer({ resolveWithObject: true });
    const image = { pixels: data, width: info.width, height: info.height };
    const expected = resample(image, middleSquare(image), { width: 48, height: 48 });
    for (const bytes of [
      await drawn(80, 62).png().toBuffer(),
      await drawn(80, 62).webp({ lossless: true }).toBuffer(),
      await drawn(80, 62).tiff({ compression: 'lzw' }).toBuffer(),
    ]) {
      expect(await decodeImage(bytes, 48)).toEqual(expected);
    }
  });

  it('writes pixels into the given memory', async () => {
    const bytes = await drawn(60, 60).jpeg().toBuffer();
    const shared = new Uint8Array(new SharedArrayBuffer(2 * 32 * 32 * 3));
    const target = shared.subarray(32 * 32 * 3);
    expect(await decodeImage(bytes, { size: 32, target })).toBe(target);
    expect(Uint8Array.from(target)).toEqual(await decodeImage(bytes, 32));
    expect(new Set(shared.subarray(0, 32 * 32 * 3))).toEqual(new Set([0]));
  });

  it('refuses a file truncated anywhere, and one that is not an image', async () => {
    const bytes = await drawn(90, 90).jpeg({ quality: 90 }).toBuffer();
    for (const length of [0, 1, 3, 20, 200, bytes.length >> 1, bytes.length - 40]) {
      await expect(decodeImage(bytes.subarray(0, length), 64), String(length)).rejects.toThrow(
        'an image in memory: must be a complete image, but ',
      );
    }
    await expect(
      decodeImage(new TextEncoder().encode('<html></html>'), { size: 8, name: 'a.jpg' }),
    ).rejects.toThrow('a.jpg: must be a complete image, but ');
  });

  it('survives files whose header is damaged anywhere', async () => {
    const bytes = await drawn(40, 40).keepExif().jpeg({ quality: 80 }).toBuffer();
    const stream = streamOf(3, 'damage');
    for (let round = 0; round < 60; round++) {
      const damaged = Uint8Array.from(bytes);
      for (let k = 0; k < 3; k++) damaged[2 + stream.integer(600)] = stream.integer(256);
      // An image or a DataError: never another error, never pixels of another size.
      const made = await decodeImage(damaged, 32).catch((error: unknown) => error);
      if (made instanceof Error) expect(made.name).toBe('DataError');
      else expect(made).toHaveLength(32 * 32 * 3);
    }
  });
});

it('decodeRecipe names size, kernel and the versions of the decoders', () => {
  const record = decodeRecipe(224);
  expect(record).toMatchObject({ size: 224, kernel: 'lanczos3', crop: 'middle square' });
  expect(record.decoders).toMatch(/^@napi-rs\/image \d+\.\d+\.\d+ \(common JPEG\), sharp \d/);
});
