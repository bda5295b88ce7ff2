/** How the learning rate of a CycleGAN goes from epoch to epoch. */
import { OptionsError, type BatchCursor } from '@janus/core';

/** Options of `linearDecay`. */
export interface LinearDecayOptions {
  /** Epochs at the full rate, 0 or more; the paper: 100. */
  readonly constantEpochs: number;
  /** Epochs over which the rate falls towards 0, 0 or more; the paper: 100. */
  readonly decayEpochs: number;
}

/**
 * Returns the factor by which the learning rate of an epoch is multiplied: 1 during the constant
 * epochs, then lower by 1 / (decayEpochs + 1) in each epoch.
 *
 * Differs from the paper's code as it is today, which updates the rate at the start of an epoch and so
 * trains the last one at rate 0. Here it is updated at the end, as that code did until 2020.
 *
 * @param epoch counted from 0
 * @returns from 1 down to 1 / (decayEpochs + 1) in the last epoch, and 0 after it
 * @throws OptionsError when a number of epochs is negative
 * Source: Zhu et al. 2017, arXiv 1703.10593, section 4.
 */
export function linearDecay(epoch: number, options: LinearDecayOptions): number {
  return Math.max(0, 1 - fallenShare(epoch, options));
}

/** Returns how much of the fall is over, in [0, 1] up to the last epoch. */
function fallenShare(epoch: number, { constantEpochs, decayEpochs }: LinearDecayOptions): number {
  if (!(constantEpochs >= 0) || !(decayEpochs >= 0)) {
    throw new OptionsError(
      `linearDecay: constantEpochs and decayEpochs must be 0 or more, but got ${constantEpochs} and ${decayEpochs}. The paper's values are 100 and 100.`,
    );
  }
  return Math.max(0, epoch + 1 - constantEpochs) / (decayEpochs + 1);
}

/** Options of {@link changeWeightAt}. */
export interface ChangeWeightOptions extends LinearDecayOptions {
  /** At the start. */
  readonly lambdaChange: number;
  /** At the end; default the same. */
  readonly lambdaChangeEnd?: number;
}

/**
 * Returns the weight of an image's change at a batch: that of the start in the constant epochs, then evenly towards that of the
 * end, which the last update has almost reached. It moves with each update, while the learning rate moves with each epoch, since a short
 * training on many images has few epochs.
 *
 * @param cursor the batch, of `stepsPerEpoch` in an epoch
 */
export function changeWeightAt(
  { epoch, batch }: BatchCursor,
  stepsPerEpoch: number,
  options: ChangeWeightOptions,
): number {
  const { lambdaChange, lambdaChangeEnd = lambdaChange, constantEpochs, decayEpochs } = options;
  if (lambdaChangeEnd === lambdaChange || decayEpochs === 0) return lambdaChange;
  const share = (epoch + batch / stepsPerEpoch - constantEpochs) / decayEpochs;
  return lambdaChange + (lambdaChangeEnd - lambdaChange) * Math.min(1, Math.max(0, share));
}

/** How the learning rate goes; see {@link epochFactor}. */
export type EpochSchedule = 'linear' | 'cosine' | 'step' | 'plateau';

/** All of them, the default first. */
export const EPOCH_SCHEDULES: readonly EpochSchedule[] = ['linear', 'cosine', 'step', 'plateau'];

/** Options of {@link epochFactor}. */
export interface EpochScheduleOptions extends LinearDecayOptions {
  readonly schedule: EpochSchedule;
  /** Epochs from one tenth to the next of `step`, at least 1; the reference (`lr_decay_iters`): 50. */
  readonly stepEpochs: number;
  /** Of `plateau`: the generators' mean loss in each epoch before this one. */
  readonly earlierLosses: readonly number[];
}

/** Factor of the rate from one part of `step` to the next (reference, `get_scheduler`). */
const STEP_FACTOR = 0.1;
/** Factor of the rate at each plateau (reference, `get_scheduler`). */
const PLATEAU_FACTOR = 0.2;
/** Share of the best loss by which another must be lower to count as better (reference, `get_scheduler`). */
const PLATEAU_THRESHOLD = 0.01;
/** Epochs in a row without a better loss that are waited for (reference, `get_scheduler`). */
const PLATEAU_PATIENCE = 5;

/**
 * Returns the factor by which the learning rate of an epoch is multiplied.
 *
 * - `linear`: `linearDecay`, the paper's.
 * - `cosine`: the full rate in the constant epochs, then along a half cosine, with the same ends as `linear`.
 * - `step`: a tenth after each `stepEpochs` epochs. The constant and decaying epochs only say how many there are.
 * - `plateau`: a fifth whenever the generators' loss has not fallen by a hundredth for more than five epochs. Differs from
 *   the reference, which passes no loss to its scheduler, so that the rate falls by the clock.
 *
 * @param epoch counted from 0
 * @throws OptionsError when a number of epochs is out of range
 * Source: the CycleGAN reference's `models/networks.py`, `get_scheduler`; PyTorch's `ReduceLROnPlateau`.
 */
export function epochFactor(epoch: number, options: EpochScheduleOptions): number {
  const { stepEpochs, earlierLosses } = options;
  switch (options.schedule) {
    case 'linear':
      return linearDecay(epoch, options);
    case 'cosine':
      return (1 + Math.cos(Math.PI * Math.min(1, fallenShare(epoch, options)))) / 2;
    case 'step':
      if (Number.isInteger(stepEpochs) && stepEpochs >= 1) {
        return STEP_FACTOR ** Math.floor(epoch / stepEpochs);
      }
      throw new OptionsError(
        `epochFactor: stepEpochs must be a whole number of at least 1, but got ${stepEpochs}. The reference takes 50.`,
      );
    case 'plateau':
      return plateauFactor(earlierLosses);
  }
}

/** Returns the factor after the epochs that had these losses. */
function plateauFactor(losses: readonly number[]): number {
  let [factor, best, waited] = [1, Infinity, 0];
  for (const loss of losses) {
    const isBetter = loss < (best === Infinity ? best : best - Math.abs(best) * PLATEAU_THRESHOLD);
    if (isBetter) [best, waited] = [loss, 0];
    else waited++;
    if (waited > PLATEAU_PATIENCE) [factor, waited] = [factor * PLATEAU_FACTOR, 0];
  }
  return factor;
}
