/** How much an update of a CycleGAN has to compute. */
import { sumOfWork, workOf, type Work } from '../network-work.js';
import type { CycleGanOptions } from './cyclegan-presets.js';
import type { CycleGanNetworks } from './cyclegan-parts.js';

/** A pass with the gradients of its weights and its input: three times the work of the pass alone. */
const TRAINED = 3;
/** A pass with the gradient of its input alone. */
const PASSED_THROUGH = 2;

/** Returns the work of one update of all four networks. */
export function cycleGanWork(
  { G, F, DX, DY }: CycleGanNetworks,
  options: Pick<CycleGanOptions, 'batchSize' | 'lambdaCycle' | 'lambdaIdentity'>,
): Work {
  const { batchSize, lambdaCycle, lambdaIdentity } = options;
  // A generator makes fakes, may bring the other's fakes back, and may be shown its own domain.
  const passes = 1 + (lambdaCycle > 0 ? 1 : 0) + (lambdaIdentity > 0 ? 1 : 0);
  // A discriminator judges a fake for its generator; then it is trained on a real image and a fake.
  const judged = PASSED_THROUGH + 2 * TRAINED;
  return sumOfWork([
    ...[G, F].map((network) => [workOf(network), batchSize * passes * TRAINED] as const),
    ...[DX, DY].map((network) => [workOf(network), batchSize * judged] as const),
  ]);
}
