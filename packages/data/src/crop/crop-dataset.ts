import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import {
  commitRename,
  DataError,
  forEachConcurrently,
  OptionsError,
  temporaryNameFor,
} from '@janus/core';
import { withDatabase } from '../manifest/database.js';
import { readDatasetRecord, type StepResult } from '../manifest/dataset-record.js';
import { lockFolder } from '../manifest/folder-lock.js';
import { imagePathOf } from '../manifest/manifest.js';
import { manifestChunks, updateManifest } from '../manifest/manifest-stream.js';
import { recordStep } from '../record/record-step.js';
import {
  cropKey,
  resolveCropOptions,
  type CropOptions,
  type ResolvedCropOptions,
} from './crop-options.js';
import { cropImage, type CropOutcome } from './crop-image.js';
import {
  countCrops,
  cropChanges,
  cropTable,
  planCrop,
  wantedImages,
  writeCropTable,
  type CropLine,
  type WantedImage,
} from './crop-tables.js';

/** What {@link cropDataset} did. */
export interface CropResult extends StepResult {
  /** Crops whose region reached outside the image and was moved, shrunk or cut off. */
  readonly clipped: number;
  /** Images that this run cropped or rejected; earlier runs did the others. */
  readonly cropped: number;
  readonly seconds: number;
  /** False when the signal ended the run: the manifest is then unchanged, and the next run resumes it. */
  readonly finished: boolean;
}

/** Images under way at once: twice the batch of a detector, so that its next batch is full in time. */
const CONCURRENCY = 16;

const CROPS = 'crops';

/**
 * Crops every image of a data folder to one size, by its box or by a face, after turning it upright. The crops lie in
 * `crops/`, and the originals stay; the manifest then has the paths, sizes and hashes of the crops, `crop.parquet`
 * keeps the original and the box of each, and a later run starts from the originals again. Images that cannot be
 * cropped are removed with the reason. The process may be killed at any time: the next run resumes. Memory does not
 * depend on the number of rows.
 *
 * @throws OptionsError for a bad option; DataError when the folder holds no manifest or no image is left;
 * EnvironmentError when another crop writes into the folder, or the disk is full
 */
export async function cropDataset(folder: string, options: CropOptions = {}): Promise<CropResult> {
  const { options: imported } = await readDatasetRecord(folder);
  const unit = imported['boxUnit'] === 'fraction' ? 'fraction' : 'pixel';
  const resolved = resolveCropOptions(options, await hasBoxes(folder));
  const unlock = await lockFolder(folder, 'crop');
  try {
    await checkFolder(folder);
    const began = performance.now();
    const seconds = (): number => (performance.now() - began) / 1000;
    const done = await cropAll(folder, { options, resolved, unit });
    if (!done.finished) return { ...done, seconds: seconds() };
    const { rows, rejected, reasons, clipped } = done;
    await recordStep(folder, 'crop', {
      result: { rows, rejected, reasons },
      options: { ...resolved, clipped },
    });
    await removeOthers(folder, cropKey(resolved));
    return { ...done, seconds: seconds() };
  } finally {
    unlock();
  }
}

/** Returns whether any row has a box, or had one before it was cropped. */
async function hasBoxes(folder: string): Promise<boolean> {
  for await (const rows of manifestChunks(folder, { columns: ['x1'], where: 'x1 IS NOT NULL' })) {
    if (rows.length > 0) return true;
  }
  if (!existsSync(cropTable(folder))) return false;
  return await withDatabase(async (connection) => {
    const { wanted } = await planCrop(connection, folder, '');
    const found = await connection.runAndReadAll(`SELECT count(x1) FROM ${wanted.table}`);
    return Number(found.getRows()[0]?.[0]) > 0;
  });
}

/** Checks that crops are written inside the data folder: a link could lead out of it. */
async function checkFolder(folder: string): Promise<void> {
  const crops = join(folder, CROPS);
  await mkdir(crops, { recursive: true });
  if ((await realpath(crops)).startsWith((await realpath(folder)) + sep)) return;
  throw new OptionsError(
    `${crops}: must lie in the data folder, but is a link that leads out of it. Replace it with a folder.`,
  );
}

interface Work {
  readonly options: CropOptions;
  readonly resolved: ResolvedCropOptions;
  readonly unit: 'pixel' | 'fraction';
}

async function cropAll(folder: string, work: Work): Promise<Omit<CropResult, 'seconds'>> {
  const { options, resolved } = work;
  const way = join(CROPS, cropKey(resolved));
  const journal = join(folder, way, 'journal.jsonl');
  await mkdir(join(folder, way), { recursive: true });
  await removeTemporaries(join(folder, way));
  await cutTornLine(journal);
  const { cropped, finished, before } = await withDatabase(async (connection) => {
    const plan = await planCrop(connection, folder, journal);
    const { total, done } = plan;
    const handle = await open(journal, 'a');
    let count = 0;
    try {
      for await (const wanted of wantedImages(connection, plan)) {
        const pieces = piecesOf(wanted);
        for (const piece of pieces) {
          if (options.signal?.aborted === true) break;
          await cropPiece(piece, {
            ...work,
            folder,
            way,
            append: async (lines) => {
              await handle.appendFile(lines);
            },
          });
          count += piece.length;
          options.report?.({ done: done + count, total, unit: 'images', label: 'cropping' });
        }
        if (options.signal?.aborted === true) break;
      }
      await handle.datasync();
    } finally {
      await handle.close();
    }
    return { cropped: count, finished: done + count >= total, before: done };
  });
  return await withDatabase(async (connection) => {
    const plan = await planCrop(connection, folder, journal);
    const { rows, clipped, reasons } = await countCrops(connection, plan);
    const rejected = Object.values(reasons).reduce((sum, count) => sum + count, 0);
    const result = { rows, rejected, reasons, clipped, cropped, finished };
    if (!finished) return result;
    if (rows === 0) throw nothingLeft(folder, reasons, before + cropped);
    await writeCropTable(connection, folder, plan);
    await updateManifest(folder, cropChanges(connection, folder));
    return result;
  });
}

function nothingLeft(
  folder: string,
  reasons: Readonly<Record<string, number>>,
  total: number,
): DataError {
  const why = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
  return new DataError(
    `${folder}: a data set needs images, but none of ${total} could be cropped (${why.join(', ') || 'nothing to crop'}). Nothing was changed; change the options, or look at the images.`,
    { path: folder },
  );
}

/** Removes the temporary files that a killed process left. */
async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
  }
}

/** Cuts off an incomplete last line that a killed process left: the next line would be joined to it. */
async function cutTornLine(journal: string): Promise<void> {
  if (!existsSync(journal)) return;
  const handle = await open(journal, 'r+');
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, 64 * 1024);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const end = buffer.lastIndexOf(10) + 1;
    if (end < length) await handle.truncate(size - length + end);
  } finally {
    await handle.close();
  }
}

function piecesOf(wanted: readonly WantedImage[]): readonly (readonly WantedImage[])[] {
  const pieces: (readonly WantedImage[])[] = [];
  for (let i = 0; i < wanted.length; i += 4 * CONCURRENCY) {
    pieces.push(wanted.slice(i, i + 4 * CONCURRENCY));
  }
  return pieces;
}

/** Crops some images; their lines are written after their files. */
async function cropPiece(
  piece: readonly WantedImage[],
  context: Work & {
    readonly folder: string;
    readonly way: string;
    readonly append: (lines: string) => Promise<void>;
  },
): Promise<void> {
  const { folder, way, options, resolved, unit, append } = context;
  const lines: string[] = [];
  await forEachConcurrently(
    piece,
    async ({ id, original, box }, i) => {
      const [x1, y1, x2, y2] = box ?? [];
      const item = {
        file: imagePathOf(folder, original),
        box: box === null ? null : { x1: box[0], y1: box[1], x2: box[2], y2: box[3] },
        boxUnit: unit,
      };
      const outcome = await cropImage(item, resolved, options.detect);
      const digest = createHash('sha256').update(id).digest('hex').slice(0, 32);
      const path = join(way, digest.slice(0, 2), `${digest}.${resolved.format}`);
      if (outcome.bytes !== null) await writeWhole(join(folder, path), outcome.bytes);
      const line: CropLine = {
        ...{ id, original, ...lineOf(outcome, path) },
        ...{ boxX1: x1 ?? null, boxY1: y1 ?? null, boxX2: x2 ?? null, boxY2: y2 ?? null },
      };
      lines[i] = `${JSON.stringify(line)}\n`;
    },
    CONCURRENCY,
  );
  await append(lines.join(''));
}

/**
 * Writes a file under a temporary name beside the journal and then renames it, so that it is never
 * incomplete.
 */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryNameFor(join(dirname(dirname(path)), basename(path)));
  await writeFile(temporary, bytes);
  await commitRename(temporary, path);
}

function lineOf(
  outcome: CropOutcome,
  path: string,
): Omit<CropLine, 'id' | 'original' | 'boxX1' | 'boxY1' | 'boxX2' | 'boxY2'> {
  const { failure, faces, score, box, width, height, region, clipped, bytes } = outcome;
  return {
    status: failure ?? 'ok',
    ...{ faces, score, width, height, clipped },
    x1: box?.x1 ?? null,
    y1: box?.y1 ?? null,
    x2: box?.x2 ?? null,
    y2: box?.y2 ?? null,
    left: region?.left ?? null,
    top: region?.top ?? null,
    regionWidth: region?.width ?? null,
    regionHeight: region?.height ?? null,
    path: bytes === null ? null : path,
    sha256: bytes === null ? null : createHash('sha256').update(bytes).digest('hex'),
    outWidth: outcome.outWidth,
    outHeight: outcome.outHeight,
  };
}

/** Removes the crops of other options: nothing refers to them any more. */
async function removeOthers(folder: string, key: string): Promise<void> {
  for (const name of await readdir(join(folder, CROPS))) {
    if (name !== key) await rm(join(folder, CROPS, name), { recursive: true, force: true });
  }
}
