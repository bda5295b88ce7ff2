import { OptionsError } from '@janus/core';
import type { Precision } from '@janus/engine';
import { expect, it } from 'vitest';
import { precisionOfRun } from './precision.js';

const lines: string[] = [];
const reporter = { log: (text: string) => void lines.push(text) };
const missing = (): never => {
  throw new OptionsError('no bfloat16');
};

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
