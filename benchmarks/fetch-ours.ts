/**
 * Our side of `fetch.ts`, in a process of its own: makes a data folder of a list of addresses, fetches it, and
 * prints one JSON line. Arguments: list (one address a line), data folder, connections.
 */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { fetchDataset, writeDatasetRecord, writeManifest, type ManifestRow } from '@janus/data';
import { peakRssMb } from './measure.js';

const [list = '', folder = '', connections = '64'] = process.argv.slice(2);
const urls = readFileSync(list, 'utf8').trim().split('\n');
const rows = urls.map((url, i): ManifestRow => ({
  ...{ id: String(i), path: '', url, sha256: null, phash: null, width: null, height: null },
  ...{ x1: null, y1: null, x2: null, y2: null, identity: null, status: 'kept', reason: null },
  ...{ removedBy: null, split: null, labels: {} },
}));
await mkdir(folder);
await writeManifest(folder, rows);
await writeDatasetRecord(folder, {
  ...{ format: 1, name: 'fetch', source: list, licence: 'none', options: {}, steps: [] },
});

const cpuBefore = process.cpuUsage();
const began = performance.now();
const result = await fetchDataset(folder, {
  allowPrivate: true,
  concurrency: Number(connections),
  perHost: Number(connections),
  timeoutMs: 10_000,
  retries: 0,
});
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(
  `${JSON.stringify({
    images: result.fetched,
    seconds: result.seconds,
    wholeSeconds: seconds,
    cpuSeconds: (user + system) / 1e6,
    peakRssMb: peakRssMb(),
  })}\n`,
);
