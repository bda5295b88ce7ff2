import { expect, it } from 'vitest';
import { translationSeedsLines } from './translation-seeds-lines.js';

const mean = (a: number, b: number) => ({
  values: [a, b],
  seeds: { value: (a + b) / 2, deviation: 0.02, low: 0.1, high: 0.9 },
});
const RESULT = {
  format: 1,
  kind: 'cyclegan',
  split: 'test',
  intervalMethod: 't',
  folder: 'runs/a',
  domains: { x: 'cats', y: 'dogs' },
  runs: [1, 2].map((seed) => ({ seed, run: `runs/a/seed-${seed}`, seconds: 1, updates: 2 })),
} as const;

it('translationSeedsLines says of each measure what the seeds vary, both ways', () => {
  const lines = translationSeedsLines({
    ...{ ...RESULT, judge: 'runs/judge', finished: true, left: [] },
    xToY: {
      n: 30,
      measures: {
        judgedAsTarget: mean(0.5, 0.7),
        'twinError.pixels': mean(0.6, 0.64),
        'drift.hat': mean(0.1, 0.12),
      },
    },
    yToX: { n: 29, measures: { cycleL1: { values: [0.25], seeds: null } } },
  });
  expect(lines).toEqual([
    'cats to dogs, 2 seeds, n = 30, judged by runs/judge:',
    '  judged as dogs 60.0 % (by seed 50.0, 70.0; standard deviation 2.0, other seeds [10.0, 90.0])',
    '  twin error, pixels 0.62 (by seed 0.60, 0.64; standard deviation 0.02, other seeds [0.10, 0.90])',
    '  hat changes 11.0 % (by seed 10.0, 12.0; standard deviation 2.0, other seeds [10.0, 90.0])',
    'dogs to cats, 1 seed, n = 29, judged by runs/judge:',
    '  cycle error, mean |F(G(x)) - x| 0.250',
    'Wrote runs/a/seeds.json',
  ]);
});

it('translationSeedsLines names the seeds that are left', () => {
  const left = [{ seed: 1, seconds: 9 }];
  expect(
    translationSeedsLines({ ...RESULT, judge: null, runs: [], finished: false, left }),
  ).toEqual(['Seed 1 is not finished.', 'Stopped. To go on, repeat the command.']);
});
