import { OptionsError } from '@janus/core';

/** Options of {@link linearDecay}. */
export interface LinearDecayOptions {
  /** Epochs at the full rate; the paper: 100. */
  readonly constantEpochs: number;
  /** Epochs over which the rate falls towards 0; the paper: 100. */
  readonly decayEpochs: number;
}

/**
 * Returns the factor of the learning rate in an epoch: 1 during the constant epochs, then falling by
 * 1 / (decayEpochs + 1) an epoch.
 *
 * The rate is set at the end of each epoch, as the reference did until 2020. Differs from the
 * reference's present order, which sets it at the start and so trains its last epoch at rate 0.
 *
 * @param epoch counted from 0
 * @returns from 1 down to 1 / (decayEpochs + 1) in the last epoch, and 0 after it
 * @throws OptionsError when a count is negative
 */
export function linearDecay(epoch: number, options: LinearDecayOptions): number {
  const { constantEpochs, decayEpochs } = options;
  if (!(constantEpochs >= 0) || !(decayEpochs >= 0)) {
    throw new OptionsError(
      `linearDecay: epochs must be 0 or more, but got ${constantEpochs} and ${decayEpochs}. The paper takes 100 and 100.`,
    );
  }
  const past = Math.max(0, epoch + 1 - constantEpochs);
  return Math.max(0, 1 - past / (decayEpochs + 1));
}
