import { OptionsError, type ProgressListener } from '@janus/core';

/** How {@link fetchDataset} behaves; the defaults are polite to the hosts. */
export interface FetchOptions {
  /** Requests under way over all hosts, 1 to 1024; default 64, at which two cores are busy. */
  readonly concurrency?: number;
  /** Connections to one host, 1 to 1024; default 4: fewer than a browser's 6. */
  readonly perHost?: number;
  /** For one try, from the name's look-up to the last byte, in ms; default 30,000. */
  readonly timeoutMs?: number;
  /** For the look-up and the connection alone, in ms; default 10,000, at most `timeoutMs`. */
  readonly connectTimeoutMs?: number;
  /** Further tries after a failure that can pass, 0 to 20; default 3. */
  readonly retries?: number;
  /** Wait before the first further try in ms, doubled each time, half of it by chance; default 500. */
  readonly backoffMs?: number;
  /** The longest wait in ms, also where a host asks for a longer one; default 120,000. */
  readonly maxWaitMs?: number;
  /** Bytes of one image, on the wire and unpacked; default 64 MiB. */
  readonly maxBytes?: number;
  /** Redirects followed for one image, 0 to 20; default 5. */
  readonly maxRedirects?: number;
  /**
   * What the hosts are told; its first word, up to a slash, is the name under which X-Robots-Tag can
   * address it. Default {@link FETCH_USER_AGENT}.
   */
  readonly userAgent?: string;
  /** Allow private, loopback and other addresses that are not public; default false. */
  readonly allowPrivate?: boolean;
  /** Take images although X-Robots-Tag says no; default false. */
  readonly ignoreRobots?: boolean;
  /** Try again what failed in an earlier run; default false. */
  readonly retryFailed?: boolean;
  /**
   * Images of one host that must fail in a row, all tries used up and none answered, before the
   * host's others are given up untried; default 16, 0: never.
   */
  readonly hostFailures?: number;
  /** Of the waits' chance; default 1. */
  readonly seed?: number;
  /** Ends the run early, in a state to go on from. */
  readonly signal?: AbortSignal;
  readonly report?: ProgressListener;
}

/** What hosts see of us by default: who asks, and what for. */
export const FETCH_USER_AGENT = 'janus-lab/0.1 (image data sets)';

/** {@link FetchOptions} with nothing left open. */
export type ResolvedFetchOptions = Required<Omit<FetchOptions, 'signal' | 'report'>> &
  Pick<FetchOptions, 'signal' | 'report'>;

/** The defaults of {@link FetchOptions}, each with its reason there. */
export const FETCH_DEFAULTS: Required<Omit<FetchOptions, 'signal' | 'report'>> = {
  concurrency: 64,
  perHost: 4,
  timeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  retries: 3,
  backoffMs: 500,
  maxWaitMs: 120_000,
  maxBytes: 64 * 1024 * 1024,
  maxRedirects: 5,
  userAgent: FETCH_USER_AGENT,
  allowPrivate: false,
  ignoreRobots: false,
  retryFailed: false,
  hostFailures: 16,
  seed: 1,
};

/** Lowest and highest value of each number. */
const RANGES = {
  concurrency: [1, 1024],
  perHost: [1, 1024],
  timeoutMs: [1, 2 ** 31 - 1],
  connectTimeoutMs: [1, 2 ** 31 - 1],
  retries: [0, 20],
  backoffMs: [0, 2 ** 31 - 1],
  maxWaitMs: [0, 2 ** 31 - 1],
  maxBytes: [1, Number.MAX_SAFE_INTEGER],
  maxRedirects: [0, 20],
  hostFailures: [0, Number.MAX_SAFE_INTEGER],
} as const;

/**
 * Returns the options with their defaults.
 *
 * @throws OptionsError when a number is out of its range, or the user agent is no header's value
 */
export function resolveFetchOptions(options: FetchOptions): ResolvedFetchOptions {
  const resolved = { ...FETCH_DEFAULTS, ...options };
  for (const [name, [low, high]] of Object.entries(RANGES)) {
    const value = resolved[name as keyof typeof RANGES];
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new OptionsError(
        `fetch: ${name} must be a whole number from ${low} to ${high}, but got ${value}. Leave it out for ${FETCH_DEFAULTS[name as keyof typeof RANGES]}.`,
      );
    }
  }
  if (!/^[\x21-\x7e][\x20-\x7e]*$/.test(resolved.userAgent)) {
    throw new OptionsError(
      `fetch: userAgent must be printable ASCII that does not begin with a space, but got ${JSON.stringify(resolved.userAgent)}. Write for example ${FETCH_USER_AGENT}.`,
    );
  }
  return { ...resolved, connectTimeoutMs: Math.min(resolved.connectTimeoutMs, resolved.timeoutMs) };
}
