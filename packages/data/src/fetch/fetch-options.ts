import { OptionsError, type ProgressListener } from '@janus/core';

/** Options of {@link fetchDataset}; the defaults are polite to the hosts. */
export interface FetchOptions {
  /** Concurrent requests over all hosts, 1 to 1024; default 64, which keeps two cores busy. */
  readonly concurrency?: number;
  /** Connections to one host, 1 to 1024; default 4, fewer than the 6 of a browser. */
  readonly perHost?: number;
  /** Limit for one try in ms, from the name's look-up to the last byte; default 30,000. */
  readonly timeoutMs?: number;
  /** Limit for the look-up and the connection in ms, at most `timeoutMs`; default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Retries after a transient failure, 0 to 20; default 3. */
  readonly retries?: number;
  /** Wait before the first retry in ms, doubled for each further one, half of it random; default 500. */
  readonly backoffMs?: number;
  /** Longest wait in ms, even where a host asks for a longer one; default 120,000. */
  readonly maxWaitMs?: number;
  /** Largest image in bytes, both on the wire and decompressed; default 64 MiB. */
  readonly maxBytes?: number;
  /** Redirects followed for one image, 0 to 20; default 5. */
  readonly maxRedirects?: number;
  /**
   * The User-Agent header; its first word, up to a slash, is the name by which X-Robots-Tag can address us. Default
   * {@link FETCH_USER_AGENT}.
   */
  readonly userAgent?: string;
  /** Whether private, loopback and other addresses that are not public are allowed; default false. */
  readonly allowPrivate?: boolean;
  /** Whether images are taken although X-Robots-Tag forbids it; default false. */
  readonly ignoreRobots?: boolean;
  /** Whether the failures of earlier runs are tried again; default false. */
  readonly retryFailed?: boolean;
  /**
   * Consecutive images of one host that must fail, with no retries left, before the remaining ones are skipped;
   * default 16, 0: no limit.
   */
  readonly hostFailures?: number;
  /** Seed of the random half of the waits, a whole number; default 1. */
  readonly seed?: number;
  /** Ends the run early; the next run resumes it. */
  readonly signal?: AbortSignal;
  readonly report?: ProgressListener;
}

/** The default User-Agent header: who asks, and what for. */
export const FETCH_USER_AGENT = 'janus-lab/0.1 (image data sets)';

/** {@link FetchOptions} with their defaults. */
export type ResolvedFetchOptions = Required<Omit<FetchOptions, 'signal' | 'report'>> &
  Pick<FetchOptions, 'signal' | 'report'>;

/** The defaults of {@link FetchOptions}; the reasons stand there. */
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

/** Range of each number. */
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
 * @throws OptionsError when a number is out of range, or the user agent cannot be sent as a header
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
