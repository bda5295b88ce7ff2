/** What `model/janus.json` of a translation says to whoever loads its generators. */
import { join } from 'node:path';
import { writeJson } from '@janus/core';

/** Writes `model/janus.json` of a run. */
export async function writeTranslationDescription(
  folder: string,
  { x, y, imageSize }: { readonly x: string; readonly y: string; readonly imageSize: number },
): Promise<void> {
  await writeJson(join(folder, 'model', 'janus.json'), {
    format: 1,
    domains: { x, y },
    imageSize,
    preprocessing: 'signed',
  });
}
