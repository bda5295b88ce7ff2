import { useEngine } from '@janus/engine';
import { CLASSIFIER_DEFAULTS } from '@janus/runs';
import { beforeAll, expect, it } from 'vitest';
import { demoSeconds, stepsWithin } from './demo-time.js';

const WORK = { faces: 2000, steps: 1200, classifier: { ...CLASSIFIER_DEFAULTS, size: 64 } };

beforeAll(async () => {
  await useEngine();
});

it('the estimate is what was measured where its constants come from', () => {
  // 2 cores with AMX: 4 min 27 s.
  expect(demoSeconds(WORK, { float32: 332, bfloat16: 1440 })).toBeCloseTo(270, -1.7);
});

it('the faster precision counts, and slower machines take longer', () => {
  const fast = demoSeconds(WORK, { float32: 200, bfloat16: 400 });
  expect(fast).toBe(demoSeconds(WORK, { float32: 400 }));
  expect(fast).toBeLessThan(demoSeconds(WORK, { float32: 200 }));
});

it('a slow machine makes fewer updates, but not too few', () => {
  expect(stepsWithin(260, 1200, { float32: 1440 })).toBe(1200);
  const some = stepsWithin(200, 1200, { float32: 150 });
  expect(some).toBeGreaterThan(500);
  expect(some).toBeLessThan(1200);
  expect(some % 50).toBe(0);
  expect(stepsWithin(200, 1200, { float32: 20 })).toBe(500);
  expect(stepsWithin(200, 4, { float32: 20 })).toBe(4);
});
