/** What happens when a CycleGAN's numbers are no longer finite. */
import { join } from 'node:path';
import { NumericalError } from '@janus/core';
import { latestCheckpoint, type Checkpoint } from '@janus/models';

/**
 * Checks the weights of a checkpoint before it is kept, so that those in a run's folder are always good.
 *
 * @throws NumericalError when a number is not finite
 */
export function checkFiniteWeights({ arrays, step }: Checkpoint): void {
  const broken = arrays.find(({ data }) => !data.every(Number.isFinite));
  if (broken === undefined) return;
  throw new NumericalError(
    `trainCycleGan: weights must be finite, but ${broken.name} is not after step ${step}. Lower the learning rate.`,
    { step, losses: { weights: NaN } },
  );
}

/** Returns the error with the last checkpoint of the run and how to go on from it. */
export async function withLastCheckpoint(
  { message, step, losses }: NumericalError,
  folder: string,
): Promise<NumericalError> {
  const path = await latestCheckpoint(join(folder, 'checkpoints'));
  const way =
    path === undefined
      ? 'There is no checkpoint before it.'
      : `The last good checkpoint is ${path}: begin another run with its weights (--from ${folder} --run <new folder>); --resume would repeat what happened.`;
  return new NumericalError(`${message} ${way}`, { step, losses });
}
