import { expect, it } from 'vitest';
import { demoSeconds, demoTimeText } from './demo-time.js';

const WORK = { faces: 2000, steps: 1200 };

it('the estimate is what was measured where its constants come from', () => {
  // 2 cores with AMX: 2 min 16 s.
  expect(demoSeconds(WORK, { float32: 332, bfloat16: 1440 })).toBeCloseTo(130, -1);
  // wasm, half as much: 16 minutes in all, with another classifier.
  expect(demoSeconds({ faces: 1000, steps: 600 }, { float32: 25 }) / 60).toBeCloseTo(10, 0);
});

it('the faster precision counts, and slower machines take longer', () => {
  const fast = demoSeconds(WORK, { float32: 200, bfloat16: 400 });
  expect(fast).toBe(demoSeconds(WORK, { float32: 400 }));
  expect(fast).toBeLessThan(demoSeconds(WORK, { float32: 200 }));
});

it.each([
  [20, 'less than a minute'],
  [61, 'about 1 minute'],
  [250, 'about 4 minutes'],
])('%i seconds are %s', (seconds, text) => {
  expect(demoTimeText(seconds)).toBe(text);
});
