import { OptionsError } from '@janus/core';

/**
 * Returns how many threads `JANUS_THREADS` asks the engine to compute on; undefined when it is
 * unset: then one a processor.
 *
 * @throws OptionsError when it is no whole number from 1 on
 */
export function threadsAsked(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): number | undefined {
  const text = environment['JANUS_THREADS'];
  if (text === undefined || text === '') return undefined;
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new OptionsError(
      `JANUS_THREADS: must be a whole number from 1 on, but got ${text}. Unset it for one a processor.`,
    );
  }
  return threads;
}
