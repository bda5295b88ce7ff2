/** Images inside the page: compressed, and each only once. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DataError, html, type Html, raw } from '@janus/core';
import { pagePicture } from '@janus/figures';

const PNG_SIGNATURE = '89504e470d0a1a0a';

/** What an image's place on the page needs to know. */
export interface PictureOptions {
  readonly alt: string;
  /** Pixels that are enough where it is shown; default that of an image as wide as the page's column. */
  readonly maxWidth?: number;
}

/**
 * Returns a PNG file as an element that needs no file.
 *
 * @throws DataError when the file is not a readable PNG
 */
export async function pictureTag(path: string, options: PictureOptions): Promise<Html> {
  const { alt, maxWidth } = options;
  const png = await pngOf(path);
  const image = await pagePicture(png, maxWidth === undefined ? {} : { maxWidth }).catch(
    (error: unknown) => {
      throw new DataError(
        `report: an image must be a readable PNG file, but ${path} is broken. Make it again, or remove it.`,
        { path, cause: error },
      );
    },
  );
  const { bytes, width, height } = image;
  const id = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const address = `data:image/webp;base64,${bytes.toString('base64')}`;
  return html`<img src="${raw(address)}" data-image="${id}" width="${width}" height="${height}" alt="${alt}" decoding="async">`;
}

async function pngOf(path: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new DataError(
      `report: an image must be a readable PNG file, but ${path} is not. Make it again, or take it out of the summary.`,
      { path, cause: error },
    );
  }
  if (bytes.subarray(0, 8).toString('hex') === PNG_SIGNATURE) return bytes;
  throw new DataError(
    `report: an image must be a PNG file, but ${path} is not one. Make it again, or remove it.`,
    { path },
  );
}

/** A transparent pixel, in the place of an image that the page's script takes from where it stands first. */
const PLACEHOLDER = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

/** Returns a page's markup with each image's bytes only where it stands first. */
export function sharedPictures(markup: string): string {
  const seen = new Set<string>();
  return markup.replace(/<img src="data:[^"]*" data-image="([0-9a-f]+)"/g, (tag, id: string) => {
    if (seen.has(id)) return `<img src="${PLACEHOLDER}" data-same="${id}"`;
    seen.add(id);
    return tag;
  });
}
