/** How much an update of a CycleGAN has to compute. */
import { PASSED_THROUGH, sumOfWork, TRAINED, workOf, type Work } from '../network-work.js';
import type { CycleGanOptions } from './cyclegan-presets.js';
import { cycleWeights, type CycleGanNetworks } from './cyclegan-parts.js';

/** Returns the work of one update of all four networks. */
export function cycleGanWork(
  { G, F, DX, DY }: CycleGanNetworks,
  options: Pick<
    CycleGanOptions,
    'batchSize' | 'lambdaCycle' | 'lambdaCycleX' | 'lambdaCycleY' | 'lambdaIdentity'
  > &
    Partial<Pick<CycleGanOptions, 'freezeDiscriminators'>>,
): Work {
  const { batchSize, lambdaIdentity, freezeDiscriminators = false } = options;
  const lambda = cycleWeights(options);
  // A generator makes fakes, may bring the other's fakes back, and may be shown its own domain.
  const passes = (weight: number): number =>
    1 + (weight > 0 ? 1 : 0) + (weight * lambdaIdentity > 0 ? 1 : 0);
  // A discriminator judges a fake for its generator; then it is trained on a real image and a fake.
  const judged = PASSED_THROUGH + (freezeDiscriminators ? 0 : 2 * TRAINED);
  const generated = [
    [G, lambda.y],
    [F, lambda.x],
  ] as const;
  return sumOfWork([
    ...generated.map(
      ([network, weight]) => [workOf(network), batchSize * passes(weight) * TRAINED] as const,
    ),
    ...[DX, DY].map((network) => [workOf(network), batchSize * judged] as const),
  ]);
}
