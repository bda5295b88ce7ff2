import { OptionsError } from '@janus/core';

/** Options of {@link linearDecay}. */
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
  const { constantEpochs, decayEpochs } = options;
  if (!(constantEpochs >= 0) || !(decayEpochs >= 0)) {
    throw new OptionsError(
      `linearDecay: constantEpochs and decayEpochs must be 0 or more, but got ${constantEpochs} and ${decayEpochs}. The paper's values are 100 and 100.`,
    );
  }
  const past = Math.max(0, epoch + 1 - constantEpochs);
  return Math.max(0, 1 - past / (decayEpochs + 1));
}
