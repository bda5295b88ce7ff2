import { streamOf } from '@janus/core';

/** What the length of a wait depends on. */
interface BackoffOptions {
  readonly backoffMs: number;
  readonly maxWaitMs: number;
  readonly seed: number;
}

/**
 * Returns the wait before another try in ms: doubled with each, the second half of it by chance, so that
 * what failed together does not come back together.
 *
 * @param key what is tried: another one, another chance
 * @param tries how often it was tried already, from 1
 */
export function backoffOf(key: string, tries: number, options: BackoffOptions): number {
  const { backoffMs, maxWaitMs, seed } = options;
  const whole = Math.min(maxWaitMs, backoffMs * 2 ** (tries - 1));
  return Math.round(whole * (0.5 + 0.5 * streamOf(seed, 'fetch', key, tries).next()));
}

/**
 * Returns the wait that `Retry-After` asks for in ms, or undefined when it says nothing that can be
 * understood (RFC 9110, 10.2.3: seconds, or a date).
 *
 * @param date the answer's own `Date`, so that no two clocks are compared
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
