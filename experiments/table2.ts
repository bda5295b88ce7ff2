/**
 * The course paper's Table 2: gender, Diversity in Faces. `images` are those of the train split: 70 % of 1,000, 90 % of
 * 10,000, 99 % of 855,397.
 */
import type { SweepRow } from '@janus/runs';

const TABLE = { kind: 'classifier', target: 'gender' } as const;
const SMALL = { ...TABLE, images: 700 } as const;
const MIDDLE = { ...TABLE, images: 9000 } as const;
const LARGE = { ...TABLE, images: 846_843 } as const;

/** Fourteen rows, in the paper's order. */
export const rows: readonly SweepRow[] = [
  { ...SMALL, paper: 0.685, batches: 2000, options: { head: '1x1024', batchSize: 20 } },
  { ...MIDDLE, paper: 0.758, batches: 5000, options: { head: '1x1024', batchSize: 20 } },
  {
    ...{ ...MIDDLE, paper: 0.64, batches: 10_000 },
    options: { head: '1x1024', batchSize: 20, unfreeze: 'block5' },
  },
  {
    ...{ ...MIDDLE, paper: 0.695, batches: 25_000 },
    name: '1x1024, dropout 50 %, batch 20, trained from block5, 9000 images, 25k batches',
    options: { head: '1x1024', batchSize: 20, unfreeze: 'block5' },
  },
  { ...MIDDLE, paper: 0.736, batches: 5000, options: { head: '2x512', batchSize: 64 } },
  { ...MIDDLE, paper: 0.71, batches: 5000, options: { head: '3x512', batchSize: 32 } },
  { ...LARGE, paper: 0.891, batches: 5000, options: { head: '1x1024', batchSize: 10 } },
  { ...LARGE, paper: 0.888, batches: 40_000, options: { head: '1x2048', batchSize: 10 } },
  { ...LARGE, paper: 0.875, batches: 20_000, options: { head: '2x1024', batchSize: 20 } },
  {
    ...{ ...LARGE, paper: 0.868, batches: 40_000 },
    options: { head: '3x1024', dropout: 0.8, batchSize: 20 },
  },
  {
    ...{ ...LARGE, paper: 0.892, batches: 40_000 },
    options: { head: '3x1024', dropout: 0.2, batchSize: 20 },
  },
  {
    ...{ ...LARGE, paper: 0.949, batches: 26_000 },
    options: { head: '2x1024', batchSize: 20, unfreeze: 'block4' },
  },
  {
    ...{ ...LARGE, paper: 0.952, batches: 28_000 },
    options: { head: '2x1024', batchSize: 20, unfreeze: 'block3' },
  },
  {
    ...{ ...LARGE, paper: 0.951, batches: 658_000 },
    options: { head: '2x1024', batchSize: 10, unfreeze: 'all' },
  },
];
