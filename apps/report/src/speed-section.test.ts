import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBench, type BenchRecord, type BenchRow } from '@janus/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readableText } from './fixture.js';
import { writeReport } from './write-report.js';

const ROW: BenchRow = {
  work: 'cyclegan-64',
  title: 'CycleGAN step, 64 px',
  config: 'precision bfloat16, threads 2',
  ours: 0.151,
  theirs: 0.21,
  unit: 's/step',
  peer: 'PyTorch default',
  peerConfig: 'torch 2.13.0, precision f32',
  ratio: 1.4,
  ratios: [1.3, 1.4, 1.52],
  rounds: 3,
  oursPeakRssMb: 1876,
  theirsPeakRssMb: 529,
  measured: '2026-01-02T10:00:00.000Z',
};

const RECORD: BenchRecord = {
  format: 1,
  device: 'A processor, 2 threads',
  versions: { janus: '0.1.0', torch: '2.13.0' },
  rows: [
    ROW,
    { ...ROW, peer: 'PyTorch best', theirs: 0.144, ratio: 0.95, ratios: [0.94, 0.95, 0.97] },
    {
      ...ROW,
      work: 'frozen-head',
      title: 'Head',
      unit: 'img/s',
      ours: 1234.5,
      theirs: null,
      peer: null,
      peerConfig: null,
      ratio: null,
      ratios: [],
      theirsPeakRssMb: null,
    },
  ],
  tried: [
    {
      work: 'cyclegan-64',
      peer: 'PyTorch best',
      peerConfig: 'precision bf16, compile false',
      theirs: 0.174,
      unit: 's/step',
      ratio: 1.13,
      rounds: 2,
    },
  ],
  leftOut: [
    {
      work: 'frozen-head',
      peer: 'Keras default',
      peerConfig: 'precision f32',
      reason: 'needs <a Python> with keras',
    },
  ],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-speed-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a report of a bench alone has its table, its chart and what was left out', async () => {
  const runs = join(folder, 'runs');
  await writeBench(runs, RECORD);
  const { index, figures } = await writeReport({ runs, out: join(folder, 'report') });
  const page = await readFile(index, 'utf8');
  const words = readableText(page);
  expect(words).toContain('A processor, 2 threads with janus 0.1.0, torch 2.13.0');
  expect(words).toContain('PyTorch best 0.151 s/step 0.144 s/step 0.95 0.94–0.97, 3 rounds');
  expect(words).toContain('Head none measured 1,235 img/s 1,876 MB');
  expect(words).toContain('precision bf16, compile false 0.174 s/step 1.13 2');
  expect(words).toContain('Keras default: precision f32 needs &lt;a Python&gt; with keras');
  expect(figures).toEqual(
    ['svg', 'png', 'pdf'].map((ending) =>
      join(folder, 'report', 'figures', `speed-ratios.${ending}`),
    ),
  );
});

test('a broken bench record is one line that says what is wrong', async () => {
  const runs = join(folder, 'broken');
  await writeBench(runs, { ...RECORD, rows: [{ ...ROW, ratio: -1 }] });
  await expect(writeReport({ runs, out: join(folder, 'none') })).rejects.toThrow(
    /bench\.json: must be what `janus bench` wrote, but rows\.0\.ratio: .*Measure again/,
  );
  await writeFile(join(runs, 'bench.json'), '{');
  await expect(writeReport({ runs, out: join(folder, 'none') })).rejects.toThrow(/but it is not\./);
});
