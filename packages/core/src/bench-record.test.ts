import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBench, writeBench, type BenchRecord } from './bench-record.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-bench-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('readBench returns what writeBench wrote, and nothing where nobody did', async () => {
  const record: BenchRecord = {
    format: 1,
    device: 'a processor',
    versions: { janus: '0.1.0' },
    rows: [
      {
        work: 'jpeg',
        title: 'JPEG',
        config: 'size 224',
        ours: 600,
        theirs: null,
        unit: 'img/s',
        peer: null,
        peerConfig: null,
        ratio: null,
        ratios: [],
        rounds: 1,
        oursPeakRssMb: 100,
        theirsPeakRssMb: null,
        measured: '2026-01-01T00:00:00.000Z',
      },
    ],
    tried: [],
    leftOut: [],
  };
  expect(await readBench(folder)).toBeUndefined();
  await writeBench(join(folder, 'runs'), record);
  expect(await readBench(join(folder, 'runs'))).toEqual(record);
});
