import type { ProbeResult, ProbeRow } from '@janus/runs';
import { expect, it } from 'vitest';
import { nestedLines, probeLines } from './probe-lines.js';

const row = (given: Partial<ProbeRow>): ProbeRow => ({
  ...{ cut: 'block4', pooling: 'average+max+grid', normalisation: 'sqrt-l2', penalty: 0.003 },
  ...{ features: 3072, loss: 0.0927 },
  accuracy: { value: 0.989, low: 0.983, high: 0.994 },
  balancedAccuracy: { value: 0.9697, low: 0.9539, high: 0.9836 },
  ...given,
});
const RESULT: ProbeResult = {
  ...{ target: 'gender', classes: ['female', 'male'], backbone: 'vgg16', size: 224 },
  ...{ cuts: ['block4'], n: 1643, aside: 290, folds: 5, seed: 1, precision: 'float32' },
  commonest: 0.8612,
  rows: [row({}), row({ pooling: 'max', normalisation: 'standard', features: 512, loss: 0.2 })],
};

it('says what was probed, a row a choice, the winner and the next command', () => {
  expect(probeLines('data/congress', RESULT)).toEqual([
    'gender (female, male) by vgg16 at 224 px: 1,643 images in 5 folds; 290 of the test split left aside',
    'always naming the commonest class: accuracy 86.1 %, balanced 50.0 %',
    'cut     pooling           normalisation  features  accuracy             balanced accuracy    loss   penalty',
    'block4  average+max+grid  sqrt-l2        3,072     98.9 % [98.3, 99.4]  97.0 % [95.4, 98.4]  0.093  0.003',
    'block4  max               standard       512       98.9 % [98.3, 99.4]  97.0 % [95.4, 98.4]  0.200  0.003',
    'Intervals are 95 %, loss is in nats; each row is at its best penalty, on images that it was not fitted on.',
    'Lowest loss: block4, average+max+grid, sqrt-l2. Next: npx janus train classifier --data data/congress --target gender --backbone vgg16 --size 224 --cut block4 --pooling average+max+grid --normalisation sqrt-l2',
  ]);
});

it('the next command is of the best row', () => {
  const standard = row({ cut: 'block5', normalisation: 'standard', loss: 0.01 });
  const lines = probeLines('d', { ...RESULT, aside: 0, rows: [standard, ...RESULT.rows] });
  expect(lines[0]).toMatch(/in 5 folds$/);
  expect(lines.at(-1)).toMatch(/^Lowest loss: block5, average\+max\+grid, standard\. /);
  expect(lines.at(-1)).toMatch(
    /--cut block5 --pooling average\+max\+grid --normalisation standard$/,
  );
});

it('the estimate of a nested probe says how often each choice was made', () => {
  const { accuracy, balancedAccuracy } = row({});
  const choice = (fold: number, cut: string) => ({
    ...({ fold, cut, pooling: 'max', normalisation: 'standard', penalty: 0.1, loss: 0.2 } as const),
    ...{ data: 'd', n: 300 },
  });
  const described = Object.fromEntries(
    Object.entries(RESULT).filter(([name]) => name !== 'rows' && name !== 'cuts'),
  ) as Omit<typeof RESULT, 'rows' | 'cuts'>;
  const nested = {
    ...{ ...described, data: ['d'], compared: 2, loss: 0.25, accuracy, balancedAccuracy },
    choices: [choice(0, 'block5'), choice(1, 'block4'), choice(2, 'block4')],
  };
  expect(nestedLines(nested)).toEqual([
    'Chosen from 2 again without each fold: accuracy 98.9 % [98.3, 99.4], balanced 97.0 % [95.4, 98.4], loss 0.250',
    '  block4, max, standard in 2 of 3 folds; block5, max, standard in 1 of 3 folds',
  ]);
});
