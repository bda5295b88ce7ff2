/**
 * The course paper's Table 1: party, everypolitician, 1,845 members of Congress. It names epochs, and no learning rate
 * a row; `CLASSIFIER_PAPER` has the largest that it names.
 */
import type { SweepRow } from '@janus/runs';

const TABLE = { kind: 'classifier', target: 'party' } as const;

/** Six rows, in the paper's order. */
export const rows: readonly SweepRow[] = [
  { ...TABLE, paper: 0.568, options: { head: '1x1024', dropout: 0.5, epochs: 20, batchSize: 20 } },
  { ...TABLE, paper: 0.536, options: { head: '2x1024', dropout: 0.5, epochs: 20, batchSize: 20 } },
  {
    ...TABLE,
    name: '2x1024, dropout 50 %, batch 20, frozen, 40 epochs',
    paper: 0.566,
    options: { head: '2x1024', dropout: 0.5, epochs: 40, batchSize: 20 },
  },
  { ...TABLE, paper: 0.57, options: { head: '2x1024', dropout: 0, epochs: 40, batchSize: 8 } },
  { ...TABLE, paper: 0.518, options: { head: '1x2048', dropout: 0, epochs: 40, batchSize: 8 } },
  {
    ...TABLE,
    paper: 0.566,
    // 20 epochs in all: the head alone first, since an untrained head sends bad gradients down.
    options: {
      ...{ head: '1x1024', dropout: 0.5, batchSize: 20, unfreeze: 'block4' },
      ...{ epochs: 10, fineTuneEpochs: 10 },
    },
  },
];
