import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { perceptualHash } from '../duplicates/perceptual-hash.js';
import { measurePicture, type PictureMeasures } from './image-measures.js';

/** What the file of a picture says. */
export type Inspection =
  | { readonly kind: 'missing file' }
  | { readonly kind: 'cannot be decoded'; readonly sha256: Uint8Array }
  | {
      readonly kind: 'picture';
      readonly sha256: Uint8Array;
      readonly width: number;
      readonly height: number;
      readonly phash: bigint;
      readonly measures: PictureMeasures;
    };

/** Reads a picture's file once and decodes it once: everything comes from the same pixels. */
export async function inspectImage(path: string): Promise<Inspection> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return { kind: 'missing file' };
  }
  const sha256 = createHash('sha256').update(bytes).digest();
  try {
    // Colour profiles change neither what a picture shows nor, in imagededup, its hash.
    const picture = sharp(bytes, { failOn: 'truncated', ignoreIcc: true });
    const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({
      resolveWithObject: true,
    });
    const { width, height, channels } = info;
    const raw = { pixels: data, width, height, channels };
    const phash = perceptualHash(raw);
    return { kind: 'picture', sha256, width, height, phash, measures: measurePicture(raw) };
  } catch {
    return { kind: 'cannot be decoded', sha256 };
  }
}
