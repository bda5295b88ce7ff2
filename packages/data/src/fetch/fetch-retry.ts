import { streamOf } from '@janus/core';

/** Options of {@link backoffOf}; see `FetchOptions`. */
interface BackoffOptions {
  readonly backoffMs: number;
  readonly maxWaitMs: number;
  readonly seed: number;
}

/**
 * Returns the wait before a retry in ms: doubled with each try, the second half of it random, so that requests that
 * failed together are not repeated together.
 *
 * @param key the address's key, one of the seeds of the random half
 * @param tries tries so far, from 1
 */
export function backoffOf(key: string, tries: number, options: BackoffOptions): number {
  const { backoffMs, maxWaitMs, seed } = options;
  const whole = Math.min(maxWaitMs, backoffMs * 2 ** (tries - 1));
  return Math.round(whole * (0.5 + 0.5 * streamOf(seed, 'fetch', key, tries).next()));
}

/**
 * Returns the wait that `Retry-After` asks for in ms, or undefined when the header cannot be parsed (RFC 9110, 10.2.3:
 * seconds, or a date).
 *
 * @param date the `Date` header of the same response, so that only the host's clock counts
 */
export function retryAfterMs(
  value: string | undefined,
  date: string | undefined,
): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  // Date.parse takes a lone number for a year.
  if (!/[a-z]{3}/i.test(value)) return undefined;
  const wait = Date.parse(value) - Date.parse(date ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
