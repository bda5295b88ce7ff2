import { useEngine } from '@janus/engine';
import { CLASSIFIER_DEFAULTS } from '@janus/runs';
import { beforeAll, expect, it } from 'vitest';
import { demoSeconds } from './demo-time.js';

const WORK = { faces: 2000, steps: 1200, classifier: { ...CLASSIFIER_DEFAULTS, size: 64 } };

beforeAll(async () => {
  await useEngine();
});

it('the estimate is what was measured where its constants come from', () => {
  // 2 cores with AMX: 2 min 16 s.
  expect(demoSeconds(WORK, { float32: 332, bfloat16: 1440 })).toBeCloseTo(130, -1.5);
});

it('the faster precision counts, and slower machines take longer', () => {
  const fast = demoSeconds(WORK, { float32: 200, bfloat16: 400 });
  expect(fast).toBe(demoSeconds(WORK, { float32: 400 }));
  expect(fast).toBeLessThan(demoSeconds(WORK, { float32: 200 }));
});
