import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { perceptualHash } from '../duplicates/perceptual-hash.js';
import { measureImage, type ImageMeasures } from './image-measures.js';

/** What was found of an image's file. */
export type Inspection =
  | { readonly kind: 'missing file' }
  | { readonly kind: 'cannot be decoded'; readonly sha256: Uint8Array }
  | {
      readonly kind: 'image';
      readonly sha256: Uint8Array;
      readonly width: number;
      readonly height: number;
      readonly phash: bigint;
      readonly measures: ImageMeasures;
    };

/** Inspects a file: it is read once and decoded once, and everything is measured on the same pixels. */
export async function inspectImage(path: string): Promise<Inspection> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return { kind: 'missing file' };
  }
  const sha256 = createHash('sha256').update(bytes).digest();
  try {
    // Colour profiles do not change what an image shows; imagededup's hash does not apply them either.
    const image = sharp(bytes, { failOn: 'truncated', ignoreIcc: true });
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({
      resolveWithObject: true,
    });
    const { width, height, channels } = info;
    const raw = { pixels: data, width, height, channels };
    const phash = perceptualHash(raw);
    return { kind: 'image', sha256, width, height, phash, measures: measureImage(raw) };
  } catch {
    return { kind: 'cannot be decoded', sha256 };
  }
}
