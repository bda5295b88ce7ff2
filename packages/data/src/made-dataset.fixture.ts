import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { streamOf } from '@janus/core';
import sharp from 'sharp';
import { type ManifestRow, newRow } from './manifest/manifest-row.js';
import { finishImport } from './sources/importing.js';

/** Cells of a drawn image's coarse pattern: enough that no two are near duplicates. */
const CELLS = 8;

/**
 * Makes a data folder of JPEGs of 32 px, each a coarse pattern of its own, with the labels `kind` (a or b)
 * and `weight` (a number).
 */
export async function makeDataset(folder: string, count: number): Promise<void> {
  await mkdir(join(folder, 'images'), { recursive: true });
  const rows: ManifestRow[] = [];
  for (let i = 0; i < count; i++) {
    const stream = streamOf(1, 'pattern', i);
    const pattern = Uint8Array.from({ length: CELLS * CELLS * 3 }, () => stream.integer(256));
    const path = `images/image-${i}.jpg`;
    const { width, height } = await sharp(pattern, {
      raw: { width: CELLS, height: CELLS, channels: 3 },
    })
      .resize(32, 32, { kernel: 'nearest' })
      .jpeg({ quality: 90 })
      .toFile(join(folder, path));
    const labels = { kind: i % 2 === 0 ? 'a' : 'b', weight: i / 2 };
    rows.push(newRow({ id: `image-${i}`, path, width, height, labels }));
  }
  await finishImport(folder, {
    ...{ rows, rejects: [], source: `${count} patterns`, licence: 'none', options: {} },
  });
}
