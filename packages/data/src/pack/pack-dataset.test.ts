import { existsSync } from 'node:fs';
import {
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLoader, decodeImages, PACK_START, packedSource } from '@janus/images';
import { makeDataset } from '../made-dataset.fixture.js';
import { lockFolder } from '../manifest/folder-lock.js';
import { imagePathOf, readManifest } from '../manifest/manifest.js';
import { updateManifest } from '../manifest/manifest-stream.js';
import { findPack, type FreshPack } from './find-pack.js';
import { packDataset, type PackOptions } from './pack-dataset.js';
import { cleanDataset } from '../clean/clean.js';

const COUNT = 70;
const SIZE = 16;
const BYTES = SIZE * SIZE * 3;
let root = '';
let folder = '';
let ids: readonly string[] = [];
let expected: Uint8Array = new Uint8Array();

const pack = async (options: PackOptions = {}) =>
  await packDataset(folder, { size: SIZE, workers: 1, ...options });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-pack-'));
  folder = join(root, 'made');
  await makeDataset(folder, COUNT);
  await cleanDataset(folder, { minSize: 8, labels: [], duplicates: true });
  const rows = (await readManifest(folder)).filter(({ status }) => status === 'kept');
  ids = rows.map(({ id }) => id);
  expected = await decodeImages(
    rows.map(({ path }) => imagePathOf(folder, path)),
    SIZE,
  );
  await pack();
  await rename(join(folder, 'packed'), saved());
});

const saved = (): string => join(root, 'saved');

/** Puts back a pack that was made once; returns its folder. */
async function restored(): Promise<string> {
  await cp(saved(), join(folder, 'packed'), { recursive: true });
  const [name = ''] = (await readdir(saved())).filter((each) => !each.startsWith('.'));
  return join(folder, 'packed', name);
}

beforeEach(async () => {
  await rm(join(folder, 'packed'), { recursive: true, force: true });
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Where a pack is while it is made. */
const partialOf = (made: string): string =>
  join(folder, 'packed', `.${made.split('/').at(-1) ?? ''}.partial`);

/** Makes a pack what an interrupted run leaves: so many bytes of images, and of checksums. */
async function interrupt(made: string, images: number, sums: number): Promise<void> {
  const partial = partialOf(made);
  await rename(made, partial);
  await rm(join(partial, 'images.parquet'));
  await truncate(join(partial, 'images.u8'), images);
  await truncate(join(partial, 'checksums.u32'), sums);
}

async function fresh(): Promise<FreshPack> {
  const found = await findPack(folder, SIZE);
  if (found.state !== 'fresh') throw new Error(`not fresh: ${found.reason}`);
  return found;
}

/** Reads images by a loader, in batches of seven. */
async function readAll(found: FreshPack, chosen: readonly string[]): Promise<Uint8Array> {
  const sources = [packedSource(found, chosen)];
  const loader = createLoader({ sources, size: SIZE, batchSize: 7, workers: 1 });
  const pixels = new Uint8Array(chosen.length * BYTES);
  try {
    for (let from = 0; from < chosen.length; from += 7) {
      const length = Math.min(7, chosen.length - from);
      loader.request(Array.from({ length }, (_, i) => ({ index: from + i })));
    }
    for (let from = 0; from < chosen.length; from += 7)
      pixels.set(await loader.take(), from * BYTES);
    return pixels;
  } finally {
    await loader.close();
  }
}

describe('packDataset', () => {
  it('keeps the pixels that decoding gives, bit for bit, in any order', async () => {
    const result = await pack();
    expect(result).toMatchObject({ rows: ids.length, packed: ids.length, size: SIZE });
    expect(result.bytes).toBe(PACK_START + ids.length * BYTES);
    const found = await fresh();
    expect(await readAll(found, ids)).toEqual(expected);
    const backwards = await readAll(found, [...ids].reverse());
    expect(backwards.subarray(0, BYTES)).toEqual(expected.subarray(-BYTES));
  });

  it('gives the same bytes with more threads, and reads as raw pixels from byte 4096 on', async () => {
    await pack({ workers: 3 });
    const [name = ''] = (await readdir(join(folder, 'packed'))).filter(
      (each) => !each.startsWith('.'),
    );
    const bytes = await readFile(join(folder, 'packed', name, 'images.u8'));
    expect(bytes.subarray(0, 12).toString()).toBe('JANUSPACK 2\n');
    expect(Uint8Array.from(bytes.subarray(4096))).toEqual(expected);
  });

  it('leaves an existing pack as it is, and makes it again with force', async () => {
    await restored();
    expect(await pack()).toMatchObject({ packed: 0, rows: ids.length });
    expect(await pack({ force: true })).toMatchObject({ packed: ids.length });
  });

  it('resumes where it was interrupted, and decodes again what is damaged there', async () => {
    const made = await restored();
    const partial = partialOf(made);
    const interrupted = async (images: number, sums: number): Promise<number> => {
      await interrupt(made, images, sums);
      const { packed } = await pack();
      expect(await readAll(await fresh(), ids)).toEqual(expected);
      return packed;
    };
    // Ten images and a bit, with checksums of ten and a bit.
    expect(await interrupted(PACK_START + 10 * BYTES + 5, 42)).toBe(ids.length - 10);
    // Checksums of images that never reached the disk.
    expect(await interrupted(PACK_START + 10 * BYTES + 5, 48)).toBe(ids.length - 10);
    const file = await open(join(made, 'images.u8'), 'r+');
    await file.write(new Uint8Array([1, 2, 3]), 0, 3, PACK_START + 4 * BYTES + 1);
    await file.close();
    expect(await interrupted(PACK_START + 20 * BYTES, 80)).toBe(ids.length - 4);
    expect(existsSync(partial)).toBe(false);
  });

  it('replaces the pack of a size when images changed, and leaves other sizes', async () => {
    const first = await restored();
    await pack({ size: 8 });
    const id = ids[3] ?? '';
    await updateManifest(folder, [{ id, status: 'removed', reason: 'test', removedBy: 'clean' }]);
    try {
      expect((await findPack(folder, SIZE)).state).toBe('fresh');
      const { folder: second, rows } = await pack();
      expect(rows).toBe(ids.length - 1);
      expect(existsSync(first)).toBe(false);
      expect((await findPack(folder, 8)).state).toBe('fresh');
      expect(second).not.toBe(first);
    } finally {
      await updateManifest(folder, [{ id, status: 'kept', reason: null, removedBy: null }]);
    }
    expect(await findPack(folder, SIZE)).toEqual({
      state: 'stale',
      reason: `it lacks 1 of ${ids.length} images as they are now`,
    });
  });

  it('says which image cannot be decoded, keeps what it had, and has nothing half-made', async () => {
    const rows = (await readManifest(folder)).filter(({ status }) => status === 'kept');
    const path = imagePathOf(folder, rows.at(-1)?.path ?? '');
    const whole = await readFile(path);
    await interrupt(await restored(), PACK_START + 64 * BYTES, 4 * 64);
    await writeFile(path, whole.subarray(0, 300));
    try {
      await expect(pack()).rejects.toMatchObject({ name: 'DataError', path });
      expect(await findPack(folder, SIZE)).toMatchObject({ state: 'absent' });
    } finally {
      await writeFile(path, whole);
    }
    expect(await pack()).toMatchObject({ packed: ids.length - 64 });
  });

  it('does not let two of them write at once', async () => {
    await mkdir(join(folder, 'packed'));
    const unlock = await lockFolder(join(folder, 'packed'), 'pack');
    const lost: unknown = await pack().catch((error: unknown) => error);
    expect(String(lost)).toMatch(/EnvironmentError: .*one pack at a time may write into a folder/);
    expect((await findPack(folder, SIZE)).state).toBe('absent');
    unlock();
    await pack();
    expect((await findPack(folder, SIZE)).state).toBe('fresh');
  });
});

describe('findPack', () => {
  it('finds none where none was made', async () => {
    expect(await findPack(folder, SIZE)).toEqual({ state: 'absent', reason: '' });
  });

  it.each([
    [
      'a header that is none',
      'images.u8',
      3,
      /images\.u8: must be as it was packed, but its header is invalid/,
    ],
    [
      'a header of other images',
      'images.u8',
      40,
      /images\.u8: must be as it was packed, but its header/,
    ],
    [
      'damaged checksums',
      'checksums.u32',
      5,
      /checksums\.u32: must be as it was packed, but it is not what the header says/,
    ],
    [
      'a damaged table',
      'images.parquet',
      99,
      /images\.parquet: must be as it was packed, but it is not what/,
    ],
  ])('refuses %s', async (...[, name, at, message]) => {
    const made = await restored();
    const file = await open(join(made, name), 'r+');
    const byte = new Uint8Array(1);
    await file.read(byte, 0, 1, at);
    await file.write(Uint8Array.of(byte[0]! ^ 1), 0, 1, at);
    await file.close();
    await expect(findPack(folder, SIZE)).rejects.toThrow(message);
    await expect(findPack(folder, SIZE)).rejects.toThrow(
      'Rebuild it with `janus data pack --force`.',
    );
  });

  it('refuses a truncated and an absent file', async () => {
    const made = await restored();
    const path = join(made, 'images.u8');
    const whole = PACK_START + ids.length * BYTES;
    await truncate(path, whole - 1);
    await expect(findPack(folder, SIZE)).rejects.toThrow(
      `it has ${whole - 1} bytes instead of ${whole}`,
    );
    await rm(path);
    await expect(findPack(folder, SIZE)).rejects.toThrow('it is missing');
  });
});

it('a loader finds an image that rotted, or that was cut off after the pack was opened', async () => {
  const made = await restored();
  const found = await fresh();
  const path = join(made, 'images.u8');
  const file = await open(path, 'r+');
  await file.write(Uint8Array.of(expected[9 * BYTES]! ^ 255), 0, 1, PACK_START + 9 * BYTES);
  await file.close();
  await expect(readAll(found, ids)).rejects.toThrow(
    `${path}: must be as it was packed, but image 9 is not what its checksum says. Rebuild it with \`janus data pack --force\`.`,
  );
  await truncate(path, PACK_START + 5 * BYTES + 1);
  await expect(readAll(found, ids.slice(0, 7))).rejects.toThrow('but it ends within image 5.');
});
