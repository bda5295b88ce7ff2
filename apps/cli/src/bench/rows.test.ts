import type { BenchRecord } from '@janus/core';
import { describe, expect, it } from 'vitest';
import { reasonIn, type Measurement } from './programs.js';
import type { ComparisonResult, Pair } from './rounds.js';
import { linesOf, rowsOf, withWorkload } from './rows.js';
import { WORKLOADS, workloadsOf, type PeerProgram, type Workload } from './workloads.js';

const program = (...args: readonly string[]): PeerProgram => ({ script: 'torch_peer.py', args });
const DEFAULTS = program('cyclegan', '--size', '64', '--precision', 'f32');
const COMPILED = program('cyclegan', '--size', '64', '--precision', 'bf16', '--compile');
const BROKEN = program('cyclegan', '--size', '64', '--layout', 'channels_last');

const WORKLOAD: Workload = {
  name: 'cyclegan-64',
  title: 'CycleGAN step',
  unit: 's/step',
  ours: ['cyclegan', '--size', '64'],
  readsImages: false,
  peers: [
    { name: 'PyTorch default', candidates: [DEFAULTS] },
    { name: 'PyTorch best', candidates: [DEFAULTS, COMPILED, BROKEN] },
  ],
};

const CONTEXT = { settings: 'MALLOC_X=1', measured: '2026-01-01T00:00:00.000Z' };

const ours = (value: number, peakRssMb: number): Measurement => ({
  peer: 'janus on tensorflow 2.21.0',
  config: { size: '64', ngf: '64', precision: 'bfloat16', threads: 2, folder: '/secret' },
  value,
  peakRssMb,
});

const torch = (value: number, config: Record<string, unknown>): Measurement => ({
  peer: 'torch 2.13.0',
  config: { size: 64, ngf: 64, compile: false, threads: 2, ...config },
  value,
  peakRssMb: 500,
});

const pair = (mine: Measurement, theirs: Measurement): Pair => ({
  ours: mine,
  theirs,
  ratio: theirs.value / mine.value,
});

const defaultPairs = [
  pair(ours(0.2, 800), torch(0.5, { precision: 'f32' })),
  pair(ours(0.1, 900), torch(0.3, { precision: 'f32' })),
  pair(ours(0.3, 850), torch(0.6, { precision: 'f32' })),
];
const compiledPairs = [pair(ours(0.2, 1000), torch(0.18, { precision: 'bf16', compile: true }))];

const RESULT: ComparisonResult<PeerProgram> = {
  ours: [...defaultPairs, ...compiledPairs].map((each) => each.ours),
  classes: [
    { name: 'PyTorch default', best: { candidate: DEFAULTS, pairs: defaultPairs }, others: [] },
    {
      name: 'PyTorch best',
      best: { candidate: COMPILED, pairs: compiledPairs },
      others: [
        { candidate: DEFAULTS, pairs: defaultPairs },
        { candidate: BROKEN, pairs: [], failure: 'no compiler' },
      ],
    },
  ],
};

describe('rowsOf', () => {
  it('gives one row per class: medians of its own rounds and ratios, the highest memory', () => {
    const { rows } = rowsOf(WORKLOAD, RESULT, CONTEXT);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      work: 'cyclegan-64',
      ours: 0.2,
      theirs: 0.5,
      ratio: 2.5,
      rounds: 3,
      peer: 'PyTorch default',
      oursPeakRssMb: 900,
      theirsPeakRssMb: 500,
    });
    // The median of the pairs (2.5, 3, 2), which the ratio of the medians need not be.
    expect(rows[0]?.ratios[1]).toBeCloseTo(3, 12);
    expect(rows[1]).toMatchObject({ peer: 'PyTorch best', rounds: 1, oursPeakRssMb: 1000 });
    expect(rows[1]?.ratio).toBeCloseTo(0.9, 12);
  });

  it('lists the arguments and choices of both sides, and no file', () => {
    const { rows } = rowsOf(WORKLOAD, RESULT, CONTEXT);
    expect(rows[1]?.config).toBe(
      'janus on tensorflow 2.21.0, size 64, precision bfloat16, threads 2, MALLOC_X=1',
    );
    expect(rows[1]?.peerConfig).toBe(
      'torch 2.13.0, size 64, precision bf16, compile true, threads 2, plain environment',
    );
  });

  it('lists a failure with its reason once, and the winner of another class nowhere else', () => {
    const { tried, leftOut } = rowsOf(WORKLOAD, RESULT, CONTEXT);
    expect(tried).toEqual([]);
    expect(leftOut).toEqual([
      {
        work: 'cyclegan-64',
        peer: 'PyTorch best',
        peerConfig: 'size 64 layout channels_last',
        reason: 'no compiler',
      },
    ]);
  });

  it('has our figures, and null for the rest, where there is no peer', () => {
    const alone = { ours: [ours(1, 5), ours(3, 4)], classes: [] };
    const { rows } = rowsOf(WORKLOAD, alone, CONTEXT);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      ours: 2,
      theirs: null,
      peer: null,
      peerConfig: null,
      ratio: null,
      ratios: [],
      rounds: 2,
      oursPeakRssMb: 5,
      theirsPeakRssMb: null,
    });
  });
});

it('withWorkload replaces the figures of its workload and keeps those of others', () => {
  const found = rowsOf(WORKLOAD, RESULT, CONTEXT);
  const [row] = found.rows;
  const other = { ...row!, work: 'jpeg' };
  const record: BenchRecord = {
    format: 1,
    device: 'd',
    versions: {},
    rows: [row!, other],
    tried: [],
    leftOut: [],
  };
  const { rows, leftOut } = withWorkload(record, WORKLOAD, found);
  expect(rows).toEqual([other, ...found.rows]);
  expect(leftOut).toHaveLength(1);
});

it('linesOf shows each row beside the range of its rounds, and what was left out', () => {
  const found = rowsOf(WORKLOAD, RESULT, CONTEXT);
  const lines = linesOf({ format: 1, device: 'a processor', versions: {}, ...found });
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe('a processor');
  expect(lines[2]).toMatch(
    /^cyclegan-64 +0\.2 s\/step +0\.5 s\/step +PyTorch default +2\.50 \(2\.00 to 3\.00, 3 rounds\) +900 MB \/ 500 MB$/,
  );
  expect(lines[4]).toBe(
    'left out: cyclegan-64, PyTorch best (size 64 layout channels_last): no compiler',
  );
});

it('reasonIn finds the error in a traceback, and the last line where there is none', () => {
  const traceback = [
    'Traceback (most recent call last):',
    '  File "x.py", line 1, in f',
    'torch._inductor.exc.InductorError: InvalidCxxCompiler: No working C++ compiler found',
    '',
    'Set TORCHDYNAMO_VERBOSE=1 for the internal stack trace',
  ].join('\n');
  expect(reasonIn(traceback)).toBe(
    'torch._inductor.exc.InductorError: InvalidCxxCompiler: No working C++ compiler found',
  );
  expect(reasonIn('usage: x\nx: unknown\n')).toBe('x: unknown');
  expect(reasonIn('')).toBe('no error message');
});

describe('WORKLOADS', () => {
  it('gives both sides of a step the same batch, size and network', () => {
    for (const workload of WORKLOADS.filter(({ unit }) => unit === 's/step')) {
      for (const { args } of workload.peers.flatMap(({ candidates }) => candidates)) {
        expect(args.slice(0, workload.ours.length)).toEqual(workload.ours);
      }
    }
  });

  it("takes PyTorch's best of bfloat16 in both layouts, with and without torch.compile", () => {
    const best = WORKLOADS[0]?.peers[1];
    expect(best?.name).toBe('PyTorch best');
    const settings = best?.candidates.map(({ args }) => args.slice(7).join(' '));
    expect(settings).toEqual([
      '--precision f32 --layout default',
      '--precision bf16 --layout default',
      '--precision bf16 --layout default --compile',
      '--precision bf16 --layout channels_last',
      '--precision bf16 --layout channels_last --compile',
    ]);
  });

  it('of bytes are measured where they are named, in the size that is asked for', () => {
    const all = workloadsOf({ batch: 64, size: 128 }).filter(({ onlyNamed }) => onlyNamed);
    expect(all.map(({ name }) => name)).toEqual([
      ...['bytes-maps', 'bytes-means', 'bytes-block5', 'bytes-all', 'bytes-cyclegan'],
    ]);
    for (const { ours, title, peers } of all) {
      expect(ours.slice(1, 5)).toEqual(['--batch', '64', '--size', '128']);
      expect(title).toContain('128 px, batch 64');
      for (const { script, args } of peers.flatMap(({ candidates }) => candidates)) {
        expect([script, args.slice(0, ours.length)]).toEqual(['bytes_peer.py', ours]);
      }
    }
    const sizes = workloadsOf({}).map(({ name, ours }) => [name, ours.slice(3, 5).join(' ')]);
    expect(Object.fromEntries(sizes)).toMatchObject({
      ...{ 'bytes-maps': '--size 224', 'bytes-cyclegan': '--size 64' },
    });
  });
});
