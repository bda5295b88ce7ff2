/** How much an update of CUT has to compute. */
import { PASSED_THROUGH, sumOfWork, TRAINED, workOf, type Work } from '../network-work.js';
import type { CutNetworks } from './cut-parts.js';
import type { CutOptions } from './cut-presets.js';

/** Returns the work of one update of all networks. */
export function cutWork(
  { G, DY, encoder, projections }: Pick<CutNetworks, 'G' | 'DY' | 'encoder' | 'projections'>,
  options: Pick<CutOptions, 'batchSize' | 'nceIdentity' | 'patches'>,
): Work {
  const { batchSize, nceIdentity, patches } = options;
  // Images of X, and those of Y too where the identity is asked for.
  const images = batchSize * (nceIdentity ? 2 : 1);
  return sumOfWork([
    [workOf(G), images * TRAINED],
    // Keys of the originals, queries of the fakes.
    [workOf(encoder), images * (1 + TRAINED)],
    ...projections.map((model) => [workOf(model), images * patches * (1 + TRAINED)] as const),
    // The discriminator judges a fake for the generator; then it is trained on a real image and a fake.
    [workOf(DY), batchSize * (PASSED_THROUGH + 2 * TRAINED)],
  ]);
}
