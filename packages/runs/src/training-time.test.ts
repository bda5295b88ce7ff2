import { expect, it } from 'vitest';
import { secondsOfWork } from './training-time.js';

const WORK = { operations: 1e12, numbers: 0 };

it('the faster precision counts, unless float32 is asked for', () => {
  const speed = { float32: 100, bfloat16: 400 };
  const seconds = (precision: 'auto' | 'float32' | 'bfloat16'): number =>
    secondsOfWork(WORK, { calls: 0, speed, precision });
  expect(seconds('auto')).toBeCloseTo(1.1 * (1000 / 400));
  expect(seconds('bfloat16')).toBe(seconds('auto'));
  expect(seconds('float32')).toBeCloseTo(1.1 * (1000 / 100));
});

it('calls and numbers take their time however fast the arithmetic is', () => {
  const speed = { float32: 1e12 };
  expect(secondsOfWork({ operations: 0, numbers: 4e9 }, { calls: 50, speed })).toBeCloseTo(1 + 1);
});

// Seconds a step of CycleGANs on 2 cores with AMX, 345 and 1,490 GFLOP/s, when nothing else ran.
it.each([
  ['64 px, 16 filters', { operations: 14.8e9, numbers: 67e6 }, { float32: 0.101, bfloat16: 0.058 }],
  ['64 px, 32 filters', { operations: 76.7e9, numbers: 238e6 }, { float32: 0.36, bfloat16: 0.14 }],
  ['128 px', { operations: 340e9, numbers: 434e6 }, { float32: 1.37, bfloat16: 0.41 }],
  ['256 px', { operations: 1885e9, numbers: 2116e6 }, { float32: 7.1, bfloat16: 1.65 }],
])('a step of %s is estimated within a third', (_, work, measured) => {
  const speed = { float32: 345, bfloat16: 1490 };
  for (const precision of ['float32', 'bfloat16'] as const) {
    const ratio = secondsOfWork(work, { calls: 1, speed, precision }) / measured[precision];
    expect(ratio).toBeGreaterThan(2 / 3);
    expect(ratio).toBeLessThan(4 / 3);
  }
});
