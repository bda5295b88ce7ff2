import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readShards, type ShardSample } from '@janus/images';
import { makeDataset } from '../made-dataset.fixture.js';
import { imagePathOf, readManifest } from '../manifest/manifest.js';
import type { ManifestRow } from '../manifest/manifest-row.js';
import { updateManifest } from '../manifest/manifest-stream.js';
import { writeShards } from './write-shards.js';

let root = '';
let folder = '';
let rows: readonly ManifestRow[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-shards-'));
  folder = join(root, 'made');
  await makeDataset(folder, 11);
  const [first] = await readManifest(folder);
  await updateManifest(folder, [
    { id: first?.id ?? '', status: 'removed', reason: 'test', removedBy: 'clean' },
  ]);
  rows = (await readManifest(folder)).filter(({ status }) => status === 'kept');
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

describe('writeShards', () => {
  const names = async (out: string): Promise<string[]> => (await readdir(out)).sort();

  it('keeps the bytes of every kept image, and its row', async () => {
    const out = join(root, 'shards');
    const result = await writeShards(folder, { out, shardSize: 4 });
    expect(result).toEqual({ folder: out, rows: 10, shards: 3, written: 3, finished: true });
    expect(await names(out)).toEqual([
      'index.json',
      'shard-000000.tar',
      'shard-000001.tar',
      'shard-000002.tar',
    ]);
    const samples: ShardSample[] = await all(readShards(out));
    expect(samples.map(({ key }) => key)).toEqual(rows.map((_, i) => String(i).padStart(9, '0')));
    expect(samples.map(({ shard }) => shard)).toEqual(
      rows.map((_, i) => `shard-00000${Math.floor(i / 4)}.tar`),
    );
    for (const [i, { files }] of samples.entries()) {
      const row = rows[i]!;
      const bytes = await readFile(imagePathOf(folder, row.path));
      expect([...files.keys()]).toEqual(['jpg', 'json']);
      expect(Buffer.from(files.get('jpg')!).equals(bytes)).toBe(true);
      expect(JSON.parse(text(files.get('json')))).toMatchObject({
        id: row.id,
        split: row.split,
        labels: row.labels,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
    }
  });

  it('writes the same bytes again, and nothing when nothing changed', async () => {
    const out = join(root, 'twice');
    await writeShards(folder, { out, shardSize: 6 });
    const path = join(out, 'shard-000001.tar');
    const before = await readFile(path);
    expect(await writeShards(folder, { out, shardSize: 6 })).toMatchObject({ written: 0 });
    expect(await writeShards(folder, { out, shardSize: 6, force: true })).toMatchObject({
      written: 2,
    });
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await writeShards(folder, { out, shardSize: 5 })).toMatchObject({
      shards: 2,
      written: 2,
    });
    expect(await names(out)).toHaveLength(3);
  });

  it('resumes after the last complete archive', async () => {
    const out = join(root, 'resumed');
    const aborted = new AbortController();
    const stopped = await writeShards(folder, {
      out,
      shardSize: 4,
      signal: aborted.signal,
      report: ({ done }) => {
        if (done === 6) aborted.abort();
      },
    });
    expect(stopped).toMatchObject({ finished: false, written: 2 });
    expect(existsSync(out)).toBe(false);
    expect(await writeShards(folder, { out, shardSize: 4 })).toMatchObject({
      written: 1,
      shards: 3,
    });
    expect(await all(readShards(out))).toHaveLength(10);
    expect((await readdir(root)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('refuses an image that differs from the manifest, and leaves nothing', async () => {
    const out = join(root, 'refused');
    const copy = join(root, 'copy');
    await cp(folder, copy, { recursive: true });
    const { path, id } = rows[3]!;
    await updateManifest(copy, [{ id, sha256: '0'.repeat(64) }]);
    await expect(writeShards(copy, { out })).rejects.toThrow('but was changed since');
    await updateManifest(copy, [{ id, sha256: null }]);
    await writeFile(join(copy, path), 'no image');
    await expect(writeShards(copy, { out })).rejects.toThrow('but is not an image');
    await rename(join(copy, path), join(copy, 'elsewhere'));
    await expect(writeShards(copy, { out })).rejects.toThrow('cannot be read');
    expect(existsSync(out)).toBe(false);
  });

  it('replaces only its own folder', async () => {
    const out = join(root, 'somebody');
    await cp(folder, out, { recursive: true });
    await expect(writeShards(folder, { out })).rejects.toThrow('must be free');
    expect(existsSync(join(out, 'manifest.parquet'))).toBe(true);
  });
});

/** Names a Python with the webdataset library. */
const python = process.env['JANUS_WEBDATASET_PYTHON'] ?? 'python3';

function importError(): string | undefined {
  try {
    execFileSync(python, ['-c', 'import webdataset'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `${python} has no webdataset; JANUS_WEBDATASET_PYTHON names one that has`;
  }
}

const lacking = importError();
const because = lacking === undefined ? '' : ` (skipped: ${lacking})`;

it.skipIf(lacking !== undefined)(`the webdataset library reads the shards${because}`, async () => {
  const out = join(root, 'python');
  await writeShards(folder, { out, shardSize: 4 });
  const program = `
import hashlib, json, sys, webdataset
data = webdataset.WebDataset(sys.argv[1], shardshuffle=False)
print(json.dumps([[s["__key__"], hashlib.sha256(s["jpg"]).hexdigest(), json.loads(s["json"])["id"]] for s in data]))`;
  const output = execFileSync(python, ['-c', program, join(out, 'shard-{000000..000002}.tar')]);
  const found = JSON.parse(output.toString()) as [string, string, string][];
  const expected = await Promise.all(
    rows.map(async ({ id, path }, i) => [
      String(i).padStart(9, '0'),
      createHash('sha256')
        .update(await readFile(imagePathOf(folder, path)))
        .digest('hex'),
      id,
    ]),
  );
  expect(found).toEqual(expected);
});
