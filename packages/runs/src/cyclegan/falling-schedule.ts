/** Schedules by updates. */
import { unpairedStepsPerEpoch } from '@janus/images';
import { openDomain } from './domains.js';
import { halvedSchedule, type CycleGanRunOptions } from './options.js';

/**
 * Returns the schedule of that many updates in which the learning rate falls from the first epoch on, on images of
 * whatever number.
 *
 * @param options `x` and `y` are domains as {@link CycleGanRunOptions} names them
 * @param updates whole number, at least 1
 * @throws DataError when a domain has no images
 */
export async function fallingSchedule(
  { x, y, batchSize }: Pick<CycleGanRunOptions, 'x' | 'y' | 'batchSize'>,
  updates: number,
): Promise<Pick<CycleGanRunOptions, 'constantEpochs' | 'decayEpochs' | 'maxSteps'>> {
  const domains = [await openDomain(x, 'train'), await openDomain(y, 'train')] as const;
  const [countX, countY] = [domains[0].items.length, domains[1].items.length];
  const stepsPerEpoch = unpairedStepsPerEpoch([countX, countY], batchSize);
  return {
    constantEpochs: 0,
    decayEpochs: Math.ceil(updates / stepsPerEpoch),
    maxSteps: updates,
  };
}

/**
 * Returns the schedule of that many updates: the learning rate falls from the start where the options have no constant
 * epochs, else over the second half, as the paper's does.
 *
 * @param updates whole number, at least 1
 * @throws DataError when a domain has no images
 */
export async function updatesSchedule(
  options: Pick<CycleGanRunOptions, 'x' | 'y' | 'batchSize' | 'constantEpochs'>,
  updates: number,
): Promise<Pick<CycleGanRunOptions, 'constantEpochs' | 'decayEpochs' | 'maxSteps'>> {
  const falling = await fallingSchedule(options, updates);
  if (options.constantEpochs === 0) return falling;
  return { ...falling, ...halvedSchedule(falling.decayEpochs) };
}
