/** About how long a CycleGAN's training takes. */
import type { MeasuredSpeed } from '@janus/engine';
import { createCycleGan, cycleGanWork, imageSides, sumOfWork } from '@janus/models';
import { secondsOfWork } from '../training-time.js';
import type { CycleGanRunOptions } from './options.js';

/** Bending an image, there and back, in seconds a pixel: 0.09 s of a step of 16 images of 64 px. */
export const BEND_SECONDS = 1.3e-6;

/**
 * Returns about how long `updates` of a CycleGAN take here. Start the engine first.
 *
 * @param options `speed`: as `measureSpeed` of the engine returns it
 * @returns seconds, within a third on 2 processor cores where nothing else runs
 * @throws ShapeError or OptionsError when the networks cannot be built
 */
export function cycleGanSeconds(
  options: Omit<CycleGanRunOptions, 'x' | 'y'>,
  { updates, speed }: { readonly updates: number; readonly speed: MeasuredSpeed },
): number {
  const { precision, bend, batchSize } = options;
  const { width, height } = imageSides(options);
  const bent = bend > 0 ? updates * 2 * batchSize * width * height * BEND_SECONDS : 0;
  // What an average has to compute is little; its networks are as many again to build.
  const cyclegan = createCycleGan({ ...options, averageDecay: 0, precision: 'float32' });
  try {
    const work = sumOfWork([[cycleGanWork(cyclegan.networks, options), updates]]);
    return bent + secondsOfWork(work, { calls: updates, speed, precision });
  } finally {
    cyclegan.dispose();
  }
}
