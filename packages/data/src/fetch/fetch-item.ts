/** One address from the list to its outcome: redirects, retries, waits. */

import { discardBody, type Body } from './fetch-body.js';
import { refusalOf } from './fetch-addresses.js';
import { exchange, type Exchange, type ExchangeOptions } from './fetch-exchange.js';
import type { Next } from './fetch-hosts.js';
import type { ResolvedFetchOptions } from './fetch-options.js';
import { backoffOf } from './fetch-retry.js';
import { blamesHost, type FetchOutcome, type FetchStatus } from './fetch-status.js';

/** An address to fetch. */
export interface Wanted {
  /** The first 32 hexadecimal digits of the address's sha256: its name in the journal and of its file. */
  readonly key: string;
  readonly url: string;
  /** The sha256 must be one of these; null accepts any bytes. */
  readonly expected: readonly string[] | null;
}

/** An address and its progress. */
export interface FetchItem extends Wanted {
  /** The current address, after redirects; undefined when it cannot be parsed. */
  readonly at: URL | undefined;
  readonly redirects: number;
  /** Tries that have ended. */
  readonly tries: number;
  /** Time of the current try in ms. */
  readonly tryMs: number;
  /** Time of all tries in ms. */
  readonly ms: number;
}

/** Returns an item that has not been tried. */
export function itemOf(wanted: Wanted): FetchItem {
  const at = URL.canParse(wanted.url) ? new URL(wanted.url) : undefined;
  return { ...wanted, at, redirects: 0, tries: 0, tryMs: 0, ms: 0 };
}

/** Returns the host whose connections an item needs. */
export function hostOfItem(item: FetchItem): string {
  return item.at?.hostname ?? '';
}

/** What {@link fetchWork} needs. */
interface FetchWorkContext {
  readonly options: ResolvedFetchOptions;
  readonly exchangeOptions: Omit<ExchangeOptions, 'timeoutMs'>;
  readonly allowed: (address: string) => boolean;
  /** Receives an outcome, and the image if there is one. */
  readonly finish: (item: FetchItem, outcome: FetchOutcome, body?: Body) => Promise<void>;
}

/** Hosts whose failures are remembered; the oldest is dropped first. */
const FAILING_HOSTS = 65_536;

/** Returns a function that makes one request for an item and decides what follows from the response. */
export function fetchWork(
  context: FetchWorkContext,
): (item: FetchItem) => Promise<Next<FetchItem>> {
  const { options, exchangeOptions, allowed, finish } = context;
  const { clock } = exchangeOptions;
  const failuresInRow = new Map<string, number>();
  const count = (host: string, status: FetchStatus): void => {
    if (status === 'host_failing') return;
    if (!blamesHost(status)) failuresInRow.delete(host);
    else failuresInRow.set(host, (failuresInRow.get(host) ?? 0) + 1);
    const [oldest] = failuresInRow.keys();
    if (failuresInRow.size > FAILING_HOSTS && oldest !== undefined) failuresInRow.delete(oldest);
  };

  const end = async (
    item: FetchItem,
    status: FetchStatus,
    found?: Exchange,
  ): Promise<Next<FetchItem>> => {
    const body = found?.kind === 'image' ? found.body : undefined;
    const kept = status === 'ok' ? body : undefined;
    if (body !== undefined && kept === undefined) await discardBody(body);
    const outcome: FetchOutcome = {
      status,
      httpCode: found?.httpCode ?? null,
      contentType: found?.contentType ?? null,
      bytes: body?.bytes ?? null,
      sha256: body?.sha256 ?? null,
      finalUrl: item.redirects > 0 ? (item.at?.href ?? null) : null,
      path: kept === undefined ? null : pathOf(item.key, kept.extension),
      tries: item.tries,
      ms: Math.round(item.ms),
    };
    if (item.at !== undefined && item.tries > 0) count(item.at.hostname, status);
    await finish(item, outcome, kept);
    return { kind: 'done' };
  };

  const followed = async (
    item: FetchItem,
    to: string,
    found: Exchange,
  ): Promise<Next<FetchItem>> => {
    const ended = { ...item, tries: item.tries + 1 };
    if (item.redirects >= options.maxRedirects) return await end(ended, 'redirects', found);
    if (!URL.canParse(to, item.at?.href)) return await end(ended, 'redirects', found);
    const at = new URL(to, item.at);
    const moved = { ...item, at, redirects: item.redirects + 1 };
    return { kind: 'again', item: moved, waitMs: 0, holdHost: false };
  };

  return async (item) => {
    const { at } = item;
    if (at === undefined) return await end(item, 'bad_url');
    const refusal = refusalOf(at, allowed);
    if (refusal !== undefined) {
      return await end(item.redirects > 0 ? { ...item, tries: item.tries + 1 } : item, refusal);
    }
    const failures = failuresInRow.get(at.hostname) ?? 0;
    if (options.hostFailures > 0 && failures >= options.hostFailures) {
      return await end(item, 'host_failing');
    }
    const began = clock.now();
    const timeoutMs = Math.max(1, Math.round(options.timeoutMs - item.tryMs));
    const found = await exchange(at, { ...exchangeOptions, timeoutMs });
    const spent = clock.now() - began;
    const after = { ...item, tryMs: item.tryMs + spent, ms: item.ms + spent };
    if (options.signal?.aborted === true) {
      if (found.kind === 'image') await discardBody(found.body);
      return { kind: 'again', item, waitMs: 0, holdHost: false };
    }
    if (found.kind === 'redirect') return await followed(after, found.to, found);
    const tried = { ...after, tries: item.tries + 1 };
    if (found.kind === 'image') {
      const { expected } = item;
      const good = expected === null || expected.includes(found.body.sha256);
      return await end(tried, good ? 'ok' : 'hash_mismatch', found);
    }
    const { status, again, waitMs } = found;
    if (!again || tried.tries > options.retries) return await end(tried, status, found);
    // A retry starts at the first address again: a host may redirect it elsewhere.
    const retry = { ...itemOf(item), tries: tried.tries, ms: tried.ms };
    const backoffMs = backoffOf(item.key, tried.tries, options);
    return {
      kind: 'again',
      item: retry,
      waitMs: Math.min(options.maxWaitMs, Math.max(backoffMs, waitMs ?? 0)),
      // A host that names a wait means all requests, not this one only.
      holdHost: waitMs !== undefined,
    };
  };
}

/**
 * Returns the path of an image relative to the data folder: one of 256 folders, and a name of hexadecimal digits with
 * a known ending, whatever the address looks like.
 */
export function pathOf(key: string, extension: string): string {
  return `images/${key.slice(0, 2)}/${key}.${extension}`;
}
