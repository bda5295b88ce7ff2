import { stepsPerEpochOf } from '@janus/core';
import { codedTrainingSet } from '../attributes/coded-data.js';
import type { StarGanRunOptions } from './options.js';

/**
 * Returns the schedule of that many updates in which the learning rate falls from the first epoch on, on images of
 * whatever number.
 *
 * @param updates whole number, at least 1
 * @throws DataError when the data has no training images with these attributes
 */
export async function starGanSchedule(
  options: Pick<StarGanRunOptions, 'data' | 'attributes' | 'batchSize'>,
  updates: number,
): Promise<Pick<StarGanRunOptions, 'constantEpochs' | 'decayEpochs' | 'maxSteps'>> {
  const { batchSize } = options;
  const { count } = await codedTrainingSet(options);
  const decayEpochs = Math.ceil(updates / stepsPerEpochOf({ count, batchSize }));
  return { constantEpochs: 0, decayEpochs, maxSteps: updates };
}
