import { expect, it } from 'vitest';
import { WORKLOADS } from './workloads.js';
import {
  measure,
  ourProgram,
  ourSettings,
  peerProgram,
  type Failure,
  type Measurement,
} from './programs.js';

const script = (code: string): Promise<Measurement | Failure> =>
  measure(peerProgram(process.execPath, ['-e', code]));

it('measure returns what a program prints last, whatever it prints before', async () => {
  const line = '{"peer":"torch 9","config":{"batch":8},"value":2.5,"unit":"img/s","peak_rss_mb":7}';
  expect(await script(`console.log('hello'); console.log('${line}')`)).toEqual({
    peer: 'torch 9',
    config: { batch: 8 },
    value: 2.5,
    peakRssMb: 7,
  });
});

it('measure gives the reason of a failure: an error, a kill, bad output, a missing program', async () => {
  expect(await script('throw new TypeError("no compiler")')).toEqual({
    reason: 'TypeError: no compiler',
  });
  expect(await script('process.kill(process.pid, "SIGKILL")')).toEqual({
    reason: 'killed by SIGKILL',
  });
  expect(await script('console.log(1)')).toEqual({ reason: 'no JSON line in its output' });
  expect(await script('console.log("{}")')).toHaveProperty(
    'reason',
    expect.stringMatching(/JSON line must have peer, config, a value above 0 and peak_rss_mb/),
  );
  expect(await measure(peerProgram('/absent/python', []))).toHaveProperty(
    'reason',
    expect.stringMatching(/ENOENT/),
  );
});

it('measure kills its program when it is interrupted', async () => {
  const controller = new AbortController();
  const ended = measure(
    peerProgram(process.execPath, ['-e', 'setInterval(() => {}, 2 ** 30)']),
    controller.signal,
  );
  controller.abort();
  expect(await ended).toHaveProperty('reason', expect.stringMatching(/aborted/));
});

it('a peer starts without the settings of our processes, which have them', () => {
  const before = process.env['MALLOC_MMAP_MAX_'];
  process.env['MALLOC_MMAP_MAX_'] = '0';
  try {
    expect(ourProgram([]).environment['MALLOC_MMAP_MAX_']).toBe('0');
    expect(ourProgram([]).environment['TF_CPP_MIN_LOG_LEVEL']).toBeDefined();
    expect(ourSettings()).toContain('MALLOC_MMAP_MAX_=0');
    const { environment } = peerProgram('python3', []);
    expect(environment['PATH']).toBe(process.env['PATH']);
    const names = Object.keys(environment);
    expect(names.filter((name) => /^(MALLOC_|TF_CPP)/.test(name))).toEqual([]);
  } finally {
    if (before === undefined) delete process.env['MALLOC_MMAP_MAX_'];
    else process.env['MALLOC_MMAP_MAX_'] = before;
  }
});

it('our side measures a network in a process of its own', async () => {
  const args = ['vgg-predict', '--batch', '1', '--size', '32', '--rounds', '1'];
  const found = await measure(ourProgram(args));
  expect(found).toMatchObject({ config: { batch: '1', size: '32', layout: 'NHWC' } });
  if ('reason' in found) return;
  expect(found.peer).toMatch(/^janus on (tensorflow|wasm) \d/);
  expect(found.value).toBeGreaterThan(0);
  // It held the weights: 14,714,688 numbers of float32.
  expect(found.peakRssMb * 2 ** 20).toBeGreaterThan(14_714_688 * 4);
});

it('our side names every workload that a comparison starts', async () => {
  const found = await measure(ourProgram(['swim']));
  expect(found).toHaveProperty('reason', expect.stringMatching(/^ours: .* but got swim\./));
  const { reason } = found as Failure;
  for (const { ours } of WORKLOADS) expect(reason).toContain(ours[0]);
});
