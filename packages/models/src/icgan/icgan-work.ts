/** How much a training of IcGAN has to compute. */
import { PASSED_THROUGH, sumOfWork, TRAINED, workOf, type Work } from '../network-work.js';
import type { IcGanParts } from './icgan-halves.js';
import type { IcGanOptions } from './icgan-presets.js';

/** Returns the work of one update of generator and discriminator, and of one of the encoders. */
export function icGanWork(
  { G, D, Ez, Ey }: IcGanParts['networks'],
  {
    batchSize,
    wrongShare,
    lambdaReconstruction,
  }: Pick<IcGanOptions, 'batchSize' | 'wrongShare' | 'lambdaReconstruction'>,
): { readonly gan: Work; readonly encoders: Work } {
  const seen = wrongShare > 0 ? 3 : 2;
  // Images that are made again beside the fakes.
  const again = lambdaReconstruction > 0 ? 1 : 0;
  return {
    gan: sumOfWork([
      [workOf(G), batchSize * (1 + (1 + again) * TRAINED)],
      [workOf(D), batchSize * (seen * TRAINED + (1 + again) * PASSED_THROUGH)],
      [workOf(Ez), batchSize * again * TRAINED],
    ]),
    encoders: sumOfWork([
      [workOf(G), batchSize * (1 + again * PASSED_THROUGH)],
      [workOf(Ez), batchSize * (1 + again) * TRAINED],
      [workOf(Ey), batchSize * TRAINED],
    ]),
  };
}
