/**
 * Why a classifier's defaults are what they are: a linear head fitted exactly or a hidden layer trained by steps, the block
 * where the backbone is cut, what is taken of its maps, and how features are scaled. The first row has the defaults, the
 * others change one thing; the last has the paper's settings, with the epoch of the lowest validation loss kept. Where
 * the table stands in docs/training.md are the commands.
 */
import type { ClassifierSweepRow } from '@janus/runs';

const DEFAULTS: ClassifierSweepRow['options'] = {
  ...{ head: 'linear', cut: 'block4', pooling: 'average+max+grid', normalisation: 'sqrt-l2' },
  ...{ classWeights: 'balanced', epochs: 40, patience: 5, learningRate: 1e-4, weightDecay: 0.1 },
};

const row = (name: string, options: ClassifierSweepRow['options']): ClassifierSweepRow => ({
  ...{ kind: 'classifier', name, target: 'gender' },
  options: { ...DEFAULTS, ...options },
});

/** Nine rows; `--target` sets another label column. */
export const rows: readonly ClassifierSweepRow[] = [
  row('linear, block4, grid of four, sqrt-l2', {}),
  row('linear, block4, grid of nine, sqrt-l2', { pooling: 'average+max+grid3' }),
  row('linear, block4, no grid, sqrt-l2', { pooling: 'average+max' }),
  row('linear, block5, grid of four, sqrt-l2', { cut: 'block5' }),
  row('linear, block4, grid of four, standard', { normalisation: 'standard' }),
  row('linear, block4, grid of four, none', { normalisation: 'none' }),
  row('1x1024 by steps, block4, grid of four, sqrt-l2', { head: '1x1024' }),
  row('1x1024 by steps, block4, grid of four, standard', {
    ...{ head: '1x1024', normalisation: 'standard' },
  }),
  row('1x1024 by steps, block5, flattened, none: the paper', {
    ...{ head: '1x1024', cut: 'block5', pooling: 'flatten', normalisation: 'none' },
    ...{ epochs: 20, patience: 0, learningRate: 1e-5, weightDecay: 0 },
  }),
];
