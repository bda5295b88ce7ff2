/**
 * Seconds and peak memory of the steps over a manifest of a million rows, each in a process of its own:
 *
 * node --import tsx --conditions=@janus/source benchmarks/manifest-scale.ts [--rows 1000000] [--json]
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { streamOf } from '@janus/core';
import {
  datasetStats,
  importCsv,
  manifestChunks,
  nearDuplicateClusters,
  splitDataset,
  updateManifest,
  type ManifestChange,
} from '@janus/data';
import { peakRssMb } from './measure.js';

/** What a step works on. */
interface Place {
  readonly rows: number;
  readonly csv: string;
  readonly data: string;
}

/** What a process of one step prints. */
interface Measured {
  readonly seconds: number;
  readonly peakRssMb: number;
  /** What the step says of its work. */
  readonly found: string;
}

interface Step {
  /** Seconds that it may take for a million rows; null where nothing is promised. */
  readonly bar: number | null;
  readonly work: (place: Place) => Promise<string>;
}

/** In the order in which they are done: each reads what the one before left. */
const STEPS: Readonly<Record<string, Step>> = {
  import: {
    bar: 10,
    work: async ({ csv, data }) => {
      const { rows, rejected } = await importCsv(csv, { out: data });
      return `${rows} rows, ${rejected} rejected`;
    },
  },
  // What fetch and clean leave: a sha256 and a perceptual hash for each row.
  update: {
    bar: null,
    work: async ({ data }) => {
      await updateManifest(data, hashedRows(data));
      return 'sha256 and phash of every row';
    },
  },
  stats: {
    bar: 1,
    work: async ({ data }) => {
      const { kept, identities } = await datasetStats(data);
      return `${kept} kept, ${identities} identities`;
    },
  },
  split: {
    bar: 5,
    work: async ({ data }) => {
      const { splits, groups } = await splitDataset(data, { stratify: ['gender', 'age'] });
      return `${splits.train}/${splits.validation}/${splits.test}, ${groups} groups`;
    },
  },
  'near-duplicates': {
    bar: 60,
    work: async ({ rows }) => {
      const hashes = BigUint64Array.from({ length: rows }, (_, i) => hashOf(i));
      const clusters = nearDuplicateClusters(hashes, 4);
      return await Promise.resolve(`${new Set(clusters).size} clusters`);
    },
  },
};

/** Peak memory that every step may have, in megabytes. */
const MEMORY_BAR = 1000;

/** A random hash; every hundredth row has that of the row before with three bits changed. */
function hashOf(row: number): bigint {
  const stream = streamOf(1, 'hash', row % 100 === 99 ? row - 1 : row);
  const hash = (BigInt(stream.integer(2 ** 32)) << 32n) | BigInt(stream.integer(2 ** 32));
  return row % 100 === 99 ? hash ^ (1n << BigInt(row % 13)) ^ (3n << 40n) : hash;
}

async function* hashedRows(data: string): AsyncGenerator<ManifestChange, void, void> {
  let row = 0;
  for await (const chunk of manifestChunks(data, { columns: ['id'] })) {
    for (const { id } of chunk) {
      const hex = hashOf(row++).toString(16).padStart(16, '0');
      yield { id, phash: hex, sha256: hex.repeat(4) };
    }
  }
}

/** Images of people, three on average, as a list of addresses with labels. */
function* csvLines(rows: number): Generator<string, void, void> {
  yield 'id,url,identity,gender,age,party\n';
  const stream = streamOf(1, 'people');
  for (let row = 0; row < rows; row++) {
    const person = stream.integer(Math.ceil(rows / 3));
    const gender = person % 10 < 6 ? 'male' : 'female';
    const party = ['democrat', 'republican', 'independent'][person % 3] ?? '';
    yield `r${row},https://images.example/${person}/${row}.jpg,p${person},${gender},${20 + stream.integer(60)},${party}\n`;
  }
}

async function measure(name: string, place: Place): Promise<Measured> {
  const began = performance.now();
  const found = (await STEPS[name]?.work(place)) ?? '';
  return { seconds: (performance.now() - began) / 1000, peakRssMb: peakRssMb(), found };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' },
      json: { type: 'boolean', default: false },
      // How this program starts itself for one step.
      step: { type: 'string' },
      folder: { type: 'string' },
    },
  });
  const rows = Number(values.rows);
  const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'janus-scale-')));
  const place = { rows, csv: join(folder, 'list.csv'), data: join(folder, 'data') };
  if (values.step !== undefined) {
    process.stdout.write(JSON.stringify(await measure(values.step, place)));
    return;
  }
  try {
    await pipeline(Readable.from(csvLines(rows)), createWriteStream(place.csv));
    const results: object[] = [];
    for (const [step, { bar }] of Object.entries(STEPS)) {
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...process.execArgv,
        fileURLToPath(import.meta.url),
        ...['--rows', String(rows), '--step', step, '--folder', folder],
      ]);
      const measured = JSON.parse(stdout) as Measured;
      results.push({ step, rows, ...measured, barSeconds: bar, barRssMb: MEMORY_BAR });
      if (!values.json) {
        const { seconds, peakRssMb: peak, found } = measured;
        const within = (bar === null || seconds < bar) && peak < MEMORY_BAR;
        process.stdout.write(
          `${step.padEnd(16)} ${seconds.toFixed(2).padStart(6)} s ${(bar === null ? '' : `(bar ${bar} s)`).padEnd(11)} ${String(peak).padStart(4)} MB  ${within ? 'ok  ' : 'OVER'}  ${found}\n`,
        );
      }
    }
    if (values.json) process.stdout.write(`${JSON.stringify({ rows: results })}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
