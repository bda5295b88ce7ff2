/** How much an update of StarGAN has to compute. */
import { PASSED_THROUGH, sumOfWork, TRAINED, workOf, type Work } from '../network-work.js';
import type { StarGanParts } from './stargan-halves.js';
import type { StarGanOptions } from './stargan-presets.js';

/** A pass whose gradient is derived again. */
const PENALISED = 6;

/** Returns the work of one update of the discriminator, and its share of those of the generator. */
export function starGanWork(
  { G, D }: StarGanParts['networks'],
  options: Pick<
    StarGanOptions,
    'batchSize' | 'criticSteps' | 'adversarial' | 'lambdaReconstruction'
  >,
): Work {
  const { batchSize, criticSteps, adversarial, lambdaReconstruction } = options;
  const passes = lambdaReconstruction > 0 ? 2 : 1;
  const penalty = adversarial === 'wgan-gp' ? PENALISED : 0;
  return sumOfWork([
    // A fake for the discriminator, then those that the generator learns from.
    [workOf(G), batchSize * (1 + (passes * TRAINED) / criticSteps)],
    [workOf(D), batchSize * (2 * TRAINED + penalty + PASSED_THROUGH / criticSteps)],
  ]);
}
