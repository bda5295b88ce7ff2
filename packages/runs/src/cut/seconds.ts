/** About how long a CUT's training takes. */
import type { MeasuredSpeed } from '@janus/engine';
import { createCut, cutWork, sumOfWork } from '@janus/models';
import { BEND_SECONDS } from '../cyclegan/seconds.js';
import { secondsOfWork } from '../training-time.js';
import type { CutRunOptions } from './options.js';

/**
 * Returns about how long `updates` of a CUT take here. Start the engine first.
 *
 * @param options `speed`: as `measureSpeed` of the engine returns it
 * @returns seconds
 * @throws ShapeError or OptionsError when the networks cannot be built
 */
export function cutSeconds(
  options: Omit<CutRunOptions, 'x' | 'y'>,
  { updates, speed }: { readonly updates: number; readonly speed: MeasuredSpeed },
): number {
  const { precision, bend, batchSize, imageSize } = options;
  const bent = bend > 0 ? updates * batchSize * imageSize ** 2 * BEND_SECONDS : 0;
  const cut = createCut({ ...options, averageDecay: 0, precision: 'float32' });
  try {
    const work = sumOfWork([[cutWork(cut.networks, options), updates]]);
    return bent + secondsOfWork(work, { calls: updates, speed, precision });
  } finally {
    cut.dispose();
  }
}
