import { existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Progress } from '@janus/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBadServer, type BadServer } from './fetch-bad-server.fixture.js';
import { fetchDataset } from './fetch-dataset.js';
import { journalFile } from './fetch-journal.js';
import type { FetchOptions } from './fetch-options.js';
import { newRow, type ManifestRow } from '../manifest/manifest-row.js';
import { readDatasetRecord } from '../manifest/dataset-record.js';
import { readManifest } from '../manifest/manifest.js';
import { writeDatasetRecord } from '../record/record-step.js';
import { updateManifest, writeManifestStream } from '../manifest/manifest-stream.js';
import { readTable } from '../manifest/tables.js';

let root = '';
let server: BadServer;
/** Paths that answer; the others are missing. */
let there = /^\/there/;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-fetch-'));
  const image = sharp({ create: { width: 64, height: 64, channels: 3, background: '#c84' } });
  const jpeg = await image.jpeg().toBuffer();
  const large = await sharp({
    create: {
      width: 1200,
      height: 1200,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .png({ compressionLevel: 1 })
    .toBuffer();
  server = await startBadServer(
    {
      '/large.png': (response) => response.writeHead(200).end(large),
      '/large-truncated.png': (response) => {
        response.writeHead(200, { 'content-length': String(large.length) });
        response.write(large.subarray(0, large.length - 1), () => response.socket?.end());
      },
    },
    (response, { request }) => {
      if (there.test(request.url ?? '')) response.writeHead(200).end(jpeg);
      else response.writeHead(404).end();
    },
  );
});

afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

/** Makes a data folder with a row for each path. */
async function folderOf(
  name: string,
  paths: readonly string[],
  more: (row: ManifestRow) => ManifestRow = (row) => row,
): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  await writeManifestStream(
    folder,
    paths.map((path, i) =>
      more(
        newRow({
          id: `r${i}`,
          path: '',
          url: server.url(path),
          labels: { n: i, place: 'x', key: 'y' },
        }),
      ),
    ),
  );
  await writeDatasetRecord(folder, {
    format: 1,
    name,
    source: 'test',
    licence: 'none',
    options: {},
    steps: [{ step: 'import', rows: paths.length, rejected: 0, reasons: {}, options: {} }],
  });
  return folder;
}

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `/${prefix}/${i}`);

/** No answer is too late, however slow the machine is. */
const UNLIMITED_MS = 2 ** 31 - 1;
const LOCAL: FetchOptions = {
  ...{ allowPrivate: true, retries: 0 },
  ...{ timeoutMs: UNLIMITED_MS, connectTimeoutMs: UNLIMITED_MS },
};

const asked = (prefix: string): readonly string[] =>
  server.log.filter((path) => path.startsWith(`/${prefix}/`));

describe('fetchDataset', () => {
  it('returns and records what it did', async () => {
    const folder = await folderOf('record', [...numbered('there-a', 5), '/gone/1', '/gone/2']);
    const result = await fetchDataset(folder, LOCAL);
    expect(result).toMatchObject({
      rows: 5,
      rejected: 2,
      reasons: { http_404: 2 },
      fetched: 5,
      finished: true,
    });
    const { steps } = await readDatasetRecord(folder);
    expect(steps.map(({ step }) => step)).toEqual(['import', 'fetch']);
    expect(steps[1]).toMatchObject({
      rows: 5,
      rejected: 2,
      options: { perHost: 4, allowPrivate: true },
    });
    const rows = await readManifest(folder);
    expect(rows.map(({ labels }) => labels)).toEqual(
      rows.map((_, n) => ({ n, place: 'x', key: 'y' })),
    );
    expect((await readTable(join(folder, 'fetch.parquet'))).map(({ id }) => id)).toEqual(
      (await readManifest(folder)).map(({ id }) => id),
    );
  });

  it.each([
    // 127.0.0.1 and localhost are two hosts that are one server.
    ['per host', { perHost: 3, concurrency: 64 }, 6],
    ['over all', { perHost: 16, concurrency: 5 }, 5],
  ])('keeps to the limit %s, by the count of the server', async (name, limits, limit) => {
    const held: ServerResponse[] = [];
    let [asked, most] = [0, 0];
    // Answers wait until the limit is reached, and then leave one by one, for each request that comes.
    const own = await startBadServer({}, (response) => {
      asked += 1;
      held.push(response);
      most = Math.max(most, held.length);
      if (held.length < limit) return;
      for (const each of asked === 60 ? held.splice(0) : held.splice(0, 1)) {
        each.writeHead(200).end('\xff\xd8\xff', 'latin1');
      }
    });
    const folder = await folderOf(`limit ${name}`, numbered('x', 60), (row) => ({
      ...row,
      url: own.url(`/${row.id}`, Number(row.labels['n']) % 2 === 0 ? '127.0.0.1' : 'localhost'),
    }));
    expect(await fetchDataset(folder, { ...LOCAL, ...limits })).toMatchObject({ rows: 60 });
    await own.close();
    expect(most).toBe(limit);
    expect(own.mostConnections()).toBeLessThanOrEqual(2 * limits.perHost);
  });

  it('says so when nothing could be fetched, and has recorded why', async () => {
    const folder = await folderOf('none', ['/gone/3', '/gone/4']);
    await expect(fetchDataset(folder, LOCAL)).rejects.toThrow(
      /none: .*none of 2.*2 http_404.*--retry-failed/,
    );
    expect((await readManifest(folder)).map(({ reason }) => reason)).toEqual([
      'http_404',
      'http_404',
    ]);
  });

  it('fetches nothing twice in a second run, failures neither', async () => {
    const folder = await folderOf('second', [...numbered('there-b', 8), '/gone-b/1']);
    const first = await fetchDataset(folder, LOCAL);
    const before = server.log.length;
    const manifest = await readFile(join(folder, 'manifest.parquet'));
    const second = await fetchDataset(folder, LOCAL);
    expect(server.log.length).toBe(before);
    expect(second).toMatchObject({ rows: first.rows, rejected: 1, fetched: 0 });
    expect(manifest.equals(await readFile(join(folder, 'manifest.parquet')))).toBe(true);
  });

  it('tries failures again with retryFailed, and keeps what it had', async () => {
    const folder = await folderOf('again', [...numbered('there-c', 4), '/late-c/1', '/gone-c/1']);
    await fetchDataset(folder, LOCAL);
    there = /^\/(there|late)/;
    const before = server.log.length;
    const result = await fetchDataset(folder, { ...LOCAL, retryFailed: true });
    expect([...server.log.slice(before)].sort()).toEqual(['/gone-c/1', '/late-c/1']);
    expect(result).toMatchObject({ rows: 5, rejected: 1, reasons: { http_404: 1 }, fetched: 1 });
    there = /^\/there/;
  });

  it('resumes after an interruption, and requests nothing that was done', async () => {
    const folder = await folderOf('stopped', numbered('there-d', 60));
    const controller = new AbortController();
    const first = await fetchDataset(folder, {
      ...LOCAL,
      signal: controller.signal,
      report: ({ done }) => {
        if (done > 0) controller.abort();
      },
      perHost: 2,
    });
    expect(first.finished).toBe(false);
    expect(first.fetched).toBeGreaterThan(0);
    expect(first.fetched).toBeLessThan(60);
    expect((await readManifest(folder)).every(({ path }) => path === '')).toBe(true);
    const journal = await readFile(journalFile(folder), 'utf8');
    const done = journal.split('\n').filter((line) => line.startsWith('{"key"')).length;
    expect(done).toBe(first.fetched);
    const second = await fetchDataset(folder, LOCAL);
    expect(second).toMatchObject({ rows: 60, rejected: 0, fetched: 60 - done });
    const times = new Map<string, number>();
    for (const path of asked('there-d')) times.set(path, (times.get(path) ?? 0) + 1);
    // Only what was under way when the signal came is asked for twice.
    expect([...times.values()].filter((count) => count > 1).length).toBeLessThanOrEqual(2);
    expect(existsSync(journalFile(folder))).toBe(false);
  });

  it('fetches again what a crash of the machine took from the disk', async () => {
    const folder = await folderOf('crashed', numbered('there-k', 20));
    const controller = new AbortController();
    const report = (): void => {
      controller.abort();
    };
    await fetchDataset(folder, { ...LOCAL, perHost: 2, signal: controller.signal, report });
    const lines = (await readFile(journalFile(folder), 'utf8')).split('\n');
    const done = lines.filter((line) => line.startsWith('{"key"'));
    const { path } = JSON.parse(done[0] ?? '') as { readonly path: string };
    // Nothing was marked as durable yet, and what was not is cut short.
    await writeFile(journalFile(folder), `${done.join('\n')}\n`);
    await writeFile(join(folder, path), '');
    const before = server.log.length;
    expect(await fetchDataset(folder, LOCAL)).toMatchObject({ rows: 20 });
    expect(server.log.length - before).toBe(20 - done.length + 1);
    expect((await stat(join(folder, path))).size).toBeGreaterThan(100);
  });

  it('leaves a row that a later step removed as it is while its image does not change', async () => {
    const folder = await folderOf('later', ['/there-e/1', '/there-e/2', '/gone-e/1']);
    await fetchDataset(folder, LOCAL);
    await updateManifest(folder, [
      { id: 'r0', status: 'removed', reason: 'blank', removedBy: 'clean' },
    ]);
    await fetchDataset(folder, { ...LOCAL, retryFailed: true });
    const [first] = await readManifest(folder);
    expect(first).toMatchObject({ status: 'removed', reason: 'blank', removedBy: 'clean' });
  });

  it('fetches again what one row refused and another takes', async () => {
    const folder = await folderOf('refused', ['/there-f/1', '/there-f/2'], (row) =>
      row.id === 'r0' ? { ...row, sha256: '0'.repeat(64) } : row,
    );
    expect(await fetchDataset(folder, LOCAL)).toMatchObject({ reasons: { hash_mismatch: 1 } });
    await updateManifest(folder, [{ id: 'r0', sha256: null }]);
    expect(await fetchDataset(folder, LOCAL)).toMatchObject({ rows: 2, rejected: 0, fetched: 1 });
  });

  it('gives up a host whose images all fail, and no other', async () => {
    const closed = 'http://127.0.0.1:1';
    const folder = await folderOf('failing', [...numbered('there-g', 3)]);
    await writeManifestStream(
      folder,
      Array.from({ length: 20 }, (_, i) =>
        newRow({
          id: `r${i}`,
          path: '',
          url: i < 17 ? `${closed}/${i}` : server.url(`/there-g/${i}`, 'localhost'),
          labels: {},
        }),
      ),
    );
    const options = { ...LOCAL, hostFailures: 5, perHost: 1 };
    expect(await fetchDataset(folder, options)).toMatchObject({
      rows: 3,
      reasons: { refused: 5, host_failing: 12 },
    });
  });

  it('keeps an image that does not fit into memory whole, and no part of one that breaks', async () => {
    const folder = await folderOf('large', ['/large.png', '/large-truncated.png']);
    await fetchDataset(folder, LOCAL);
    const rows = await readManifest(folder);
    expect(rows.map(({ reason }) => reason)).toEqual([null, 'truncated']);
    const path = join(folder, rows[0]?.path ?? '');
    expect((await stat(path)).size).toBeGreaterThan(1024 * 1024);
    const { width } = await sharp(path, { failOn: 'truncated' }).metadata();
    expect(width).toBe(1200);
    expect(await readdir(join(folder, 'images'))).toHaveLength(1);
  });

  it('reports its progress, and what failed', async () => {
    const folder = await folderOf('told', ['/there-h/1', '/gone-h/1', '/gone-h/2']);
    const told: Progress[] = [];
    await fetchDataset(folder, { ...LOCAL, report: (progress) => told.push(progress) });
    expect(told.at(-1)).toMatchObject({ done: 3, total: 3, unit: 'images', label: 'fetching' });
    expect(told.at(-1)?.note).toMatch(/MB, 2 http_404$/);
  });

  it('lets nobody else fetch into the folder at the same time', async () => {
    const held: ServerResponse[] = [];
    let seen = (): void => undefined;
    const asked = new Promise<void>((resolve) => (seen = resolve));
    const own = await startBadServer({}, (response) => {
      held.push(response);
      if (held.length === 4) seen();
    });
    const folder = await folderOf('twice', numbered('x', 4), (row) => ({
      ...row,
      url: own.url(`/${row.id}`),
    }));
    const first = fetchDataset(folder, LOCAL);
    await asked;
    await expect(fetchDataset(folder, LOCAL)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/one fetch at a time/) as unknown,
    });
    for (const each of held) each.writeHead(200).end('\xff\xd8\xff', 'latin1');
    expect(await first).toMatchObject({ rows: 4 });
    expect(await fetchDataset(folder, LOCAL)).toMatchObject({ rows: 4, fetched: 0 });
    await own.close();
  });

  it('writes nowhere else when images leads out of the folder', async () => {
    const folder = await folderOf('link', ['/there-j/1']);
    const outside = await mkdtemp(join(root, 'outside-'));
    await symlink(outside, join(folder, 'images'));
    await expect(fetchDataset(folder, LOCAL)).rejects.toThrow(
      /images: must lie in the data folder/,
    );
    await unlink(join(folder, 'images'));
    await mkdir(join(folder, 'images'));
    for (let i = 0; i < 256; i++) {
      await symlink(outside, join(folder, 'images', i.toString(16).padStart(2, '0')));
    }
    await expect(fetchDataset(folder, LOCAL)).rejects.toThrow(/must be a folder, but is a link/);
    expect(await readdir(outside)).toEqual([]);
  });

  it('needs a manifest, and makes no folder without', async () => {
    await expect(fetchDataset(join(root, 'absent'))).rejects.toThrow(/manifest\.parquet/);
    expect(existsSync(join(root, 'absent'))).toBe(false);
  });
});
