/** What `model/janus.json` of a translation says to whoever loads its generators. */
import { join } from 'node:path';
import { writeJson } from '@janus/core';
import { imageSides, type ImageSides } from '@janus/models';

/** Writes `model/janus.json` of a run. */
export async function writeTranslationDescription(
  folder: string,
  { x, y, ...sides }: ImageSides & { readonly x: string; readonly y: string },
): Promise<void> {
  const { width, height } = imageSides(sides);
  await writeJson(join(folder, 'model', 'janus.json'), {
    format: 1,
    domains: { x, y },
    imageSize: height,
    ...(width === height ? {} : { imageWidth: width }),
    preprocessing: 'signed',
  });
}
