import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeUpright } from '../decode/decode-upright.js';
import { TRAINED_MEDIA } from './provenance.js';
import { writeDescribedPng, writeImage } from './write-image.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-write-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const pixels = Uint8Array.from({ length: 6 * 4 * 3 }, (_, i) => (i * 37) % 256);
const image = { pixels, width: 6, height: 4 };
const provenance = {
  program: 'Janus 9.9',
  model: 'run a&b, "x" to ä',
  description: 'Synthetic: made by <a network>, ä.',
};

describe('writeImage', () => {
  it.each(['png', 'jpg', 'webp'] as const)('says how a %s file was made', async (format) => {
    const path = join(folder, `made.${format}`);
    await writeImage(path, image, provenance);
    const { xmp, exif, width, height } = await sharp(path).metadata();
    expect([width, height]).toEqual([6, 4]);
    const text = xmp?.toString('utf8') ?? '';
    expect(text).toContain(`Iptc4xmpExt:DigitalSourceType="${TRAINED_MEDIA}"`);
    expect(text).toContain('xmp:CreatorTool="Janus 9.9"');
    expect(text).toContain('AISystemUsed="run a&#38;b, &#34;x&#34; to ä"');
    expect(text).toContain('made by &#60;a network&#62;, ä.');
    const fields = exif?.toString('latin1') ?? '';
    expect(fields).toContain('Janus 9.9');
    expect(fields).toContain('Synthetic: made by <a network>, ?.');
  });

  it('keeps every pixel in PNG, and puts readable text into it', async () => {
    const path = join(folder, 'text.png');
    await writeImage(path, image, provenance);
    expect(Uint8Array.from((await decodeUpright(path)).pixels)).toEqual(pixels);
    const bytes = await readFile(path);
    const chunks = [...pngChunks(bytes)];
    expect(chunks.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['IHDR', 'iTXt', 'IDAT', 'IEND']),
    );
    const texts = chunks.filter(({ type }) => type === 'iTXt').map(({ data }) => data.toString());
    expect(texts).toContain(`Description\0\0\0\0\0${provenance.description}`);
    const data = Buffer.concat(chunks.flatMap((each) => (each.type === 'IDAT' ? each.data : [])));
    expect(inflateSync(data)).toHaveLength(4 * (6 * 3 + 1));
  });

  it('describes a PNG that is encoded already, and leaves nothing half-written', async () => {
    const path = join(folder, 'sheet.png');
    const png = await sharp(pixels, { raw: { width: 6, height: 4, channels: 3 } })
      .png()
      .toBuffer();
    await writeDescribedPng(path, png, provenance);
    expect((await sharp(path).metadata()).xmp?.toString()).toContain(TRAINED_MEDIA);
    expect(Uint8Array.from((await decodeUpright(path)).pixels)).toEqual(pixels);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('refuses another ending', async () => {
    await expect(writeImage(join(folder, 'a.gif'), image)).rejects.toThrow(
      /a file must end in \.png, \.jpg, \.webp, but got .*a\.gif/,
    );
  });
});

function* pngChunks(bytes: Buffer): Generator<{ readonly type: string; readonly data: Buffer }> {
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    yield { type, data: bytes.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}
