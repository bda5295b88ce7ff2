/**
 * The course paper's Table 3: CycleGANs of men and women. Its images are of both domains together. The fifth is a program of
 * its own there, whose discriminators were frozen by mistake or design: here, with the weights that they begin with.
 */
import type { SweepRow } from '@janus/runs';

const TABLE = { kind: 'cyclegan' } as const;

/** Five rows, in the paper's order. */
export const rows: readonly SweepRow[] = [
  {
    ...{ ...TABLE, name: '155k images, 1 epoch', images: 155_000, epochs: 1, options: {} },
    paper: 'aborted: several eyes, noses',
  },
  {
    ...{ ...TABLE, name: '2k images, 200 epochs', images: 2000, epochs: 200, options: {} },
    paper: 'fast, mediocre',
  },
  {
    ...{ ...TABLE, name: '20k images, 100 epochs', images: 20_000, epochs: 100, options: {} },
    paper: 'good after 80 epochs',
  },
  {
    ...{ ...TABLE, name: '50k images, 30 epochs, skip', images: 50_000, epochs: 30 },
    options: { skip: 'pre-tanh' },
    paper: 'converges faster, good after 20 epochs (chosen)',
  },
  {
    ...{ ...TABLE, name: '100k images, 100 epochs, discriminators frozen', images: 100_000 },
    ...{ epochs: 100, options: { freezeDiscriminators: true } },
    paper: 'faster; conversion not noticeable',
  },
];
