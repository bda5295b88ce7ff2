import { OptionsError } from '@janus/core';

/**
 * Returns the number of threads that `JANUS_THREADS` sets for the engine; `undefined` when it is unset
 * or empty, which means one thread per core.
 *
 * @throws OptionsError when it is not a whole number of 1 or more
 */
export function threadsAsked(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): number | undefined {
  const text = environment['JANUS_THREADS'];
  if (text === undefined || text === '') return undefined;
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new OptionsError(
      `JANUS_THREADS: must be a whole number of 1 or more, but got ${text}. Unset it for one thread per core.`,
    );
  }
  return threads;
}
