import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OptionsError, writeRun } from '@janus/core';
import type { choosePrecision, Precision, PrecisionChoice } from '@janus/engine';
import { expect, it } from 'vitest';
import { decidePrecision, precisionOfRun } from './precision.js';

const lines: string[] = [];
const reporter = { log: (text: string) => void lines.push(text) };
const missing = (): never => {
  throw new OptionsError('no bfloat16');
};

const machine =
  (ratio: number): typeof choosePrecision =>
  (choice) =>
    Promise.resolve(
      choice === 'auto'
        ? { precision: ratio > 1 ? 'bfloat16' : 'float32', ratio }
        : { precision: choice },
    );

it('decidePrecision takes what the machine is faster in, and says so', async () => {
  const run = { folder: join(tmpdir(), 'nowhere'), existing: 'refuse', reporter } as const;
  const auto = { precision: 'auto', seed: 3 } as const;
  expect(await decidePrecision(auto, run, machine(4.3))).toEqual({
    precision: 'bfloat16',
    seed: 3,
  });
  expect(lines.splice(0)).toEqual([
    'Precision: bfloat16; bfloat16 is 4.3 times as fast as float32 here',
  ]);
  const asked = { precision: 'float32' } as const;
  expect(await decidePrecision(asked, run, machine(4.3))).toEqual(asked);
  expect(lines).toEqual([]);
});

it('decidePrecision keeps that of the run to resume, whatever this machine is faster in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'janus-precision-'));
  try {
    for (const recorded of ['float32', 'bfloat16'] as const) {
      await writeRun(folder, {
        ...{ format: 2, kind: 'classifier', name: 'a run', started: '2026-01-01T00:00:00.000Z' },
        ...{ options: { precision: recorded }, seed: 1, versions: {}, dataHash: '', engine: '' },
        status: 'stopped',
      });
      const decide = async (precision: PrecisionChoice): Promise<Precision> => {
        const run = { folder, existing: 'resume', reporter } as const;
        return (await decidePrecision({ precision }, run, machine(recorded === 'float32' ? 4 : 0)))
          .precision;
      };
      expect(await decide('auto')).toBe(recorded);
      expect(await decide('bfloat16')).toBe('bfloat16');
    }
    expect(lines).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('precisionOfRun is what the run was trained in', () => {
  const same = (options: { readonly precision: Precision }) =>
    precisionOfRun(options, reporter, (precision) => precision);
  expect(same({ precision: 'bfloat16' })).toBe('bfloat16');
  expect(same({ precision: 'float32' })).toBe('float32');
  expect(lines).toEqual([]);
});

it('precisionOfRun is float32 where there is no bfloat16, and says so', () => {
  expect(precisionOfRun({ precision: 'bfloat16' }, reporter, missing)).toBe('float32');
  expect(lines.splice(0)).toEqual([expect.stringMatching(/^Precision: float32, because/)]);
  expect(() =>
    precisionOfRun({ precision: 'bfloat16' }, reporter, () => {
      throw new RangeError('a bug');
    }),
  ).toThrow(RangeError);
});
