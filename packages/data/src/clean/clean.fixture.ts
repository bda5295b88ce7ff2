import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamOf } from '@janus/core';
import sharp from 'sharp';
import { afterAll, beforeAll } from 'vitest';
import { readManifest } from '../manifest/manifest.js';
import { importCsv } from '../sources/import-csv.js';

/** A folder for all tests of a file. */
export let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-clean-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Colourful patches of 8 pixels: good by every rule, and different for each seed. */
export function patches(seed: number, width = 96, height = 80): sharp.Sharp {
  const stream = streamOf(seed, 'patches');
  const [columns, rows] = [Math.ceil(width / 8), Math.ceil(height / 8)];
  const raw = Uint8Array.from({ length: columns * rows * 3 }, () => stream.integer(256));
  return sharp(raw, { raw: { width: columns, height: rows, channels: 3 } }).resize(width, height, {
    kernel: 'nearest',
    fit: 'fill',
  });
}

/** Makes a folder of images and a table about them; returns the data folder. */
export async function setOf(
  name: string,
  files: Readonly<Record<string, sharp.Sharp | Buffer>>,
  table: readonly Readonly<Record<string, string | number>>[] = Object.keys(files)
    .sort()
    .map((image) => ({ image })),
): Promise<string> {
  const source = join(root, `${name}-source`);
  await mkdir(source, { recursive: true });
  for (const [file, image] of Object.entries(files)) {
    const bytes = Buffer.isBuffer(image) ? image : await image.png().toBuffer();
    await writeFile(join(source, file), bytes);
  }
  const out = join(root, name);
  const columns = Object.keys(table[0] ?? {});
  const lines = table.map((row) => columns.map((column) => `"${row[column] ?? ''}"`).join(','));
  await writeFile(join(source, 'table.csv'), [columns.join(','), ...lines, ''].join('\n'));
  await importCsv(join(source, 'table.csv'), { out });
  return out;
}

/** Returns why each row was removed, by the name of its file without the ending; null for a kept row. */
export async function reasonsOf(folder: string): Promise<Record<string, string | null>> {
  const rows = await readManifest(folder);
  return Object.fromEntries(
    rows.map(({ path, reason }) => [path.replace(/^.*\//, '').replace(/\..*$/, ''), reason]),
  );
}
