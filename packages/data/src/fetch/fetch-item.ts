/** One address on its way from the list to an outcome: redirects, tries, waits. */

import { discardBody, type Body } from './fetch-body.js';
import { refusalOf } from './fetch-addresses.js';
import { exchange, type Exchange, type ExchangeOptions } from './fetch-exchange.js';
import type { Next } from './fetch-hosts.js';
import type { ResolvedFetchOptions } from './fetch-options.js';
import { backoffOf } from './fetch-retry.js';
import { blamesHost, type FetchOutcome, type FetchStatus } from './fetch-status.js';

/** An address to be fetched. */
export interface Wanted {
  /** 32 hexadecimal digits of the address' sha256: its name in the journal and of its file. */
  readonly key: string;
  readonly url: string;
  /** The sha256 values of which the bytes must have one; null: any bytes will do. */
  readonly expected: readonly string[] | null;
}

/** A {@link Wanted} and how far it has come. */
export interface FetchItem extends Wanted {
  /** Where it is now; undefined when that is no address. */
  readonly at: URL | undefined;
  readonly redirects: number;
  /** Tries that have ended. */
  readonly tries: number;
  /** Spent on the present try. */
  readonly tryMs: number;
  /** Spent on all. */
  readonly ms: number;
}

/** Returns an item at its beginning. */
export function itemOf(wanted: Wanted): FetchItem {
  const at = URL.canParse(wanted.url) ? new URL(wanted.url) : undefined;
  return { ...wanted, at, redirects: 0, tries: 0, tryMs: 0, ms: 0 };
}

/** Whose connections an item needs. */
export function hostOfItem(item: FetchItem): string {
  return item.at?.hostname ?? '';
}

/** What {@link fetchWork} needs beside the options. */
interface FetchWorkContext {
  readonly options: ResolvedFetchOptions;
  readonly exchangeOptions: Omit<ExchangeOptions, 'timeoutMs'>;
  readonly allowed: (address: string) => boolean;
  /** Takes an outcome, and the image that belongs to it. */
  readonly finish: (item: FetchItem, outcome: FetchOutcome, body?: Body) => Promise<void>;
}

/** Hosts remembered for their failures; the oldest goes first. */
const FAILING_HOSTS = 65_536;

/** Returns the work to be done for an item: one request, and what follows from its answer. */
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
    // Redirects are followed anew: a host may send the next try elsewhere.
    const anew = { ...itemOf(item), tries: tried.tries, ms: tried.ms };
    const backoffMs = backoffOf(item.key, tried.tries, options);
    return {
      kind: 'again',
      item: anew,
      waitMs: Math.min(options.maxWaitMs, Math.max(backoffMs, waitMs ?? 0)),
      // Who names a time means all requests, not this one.
      holdHost: waitMs !== undefined,
    };
  };
}

/**
 * Returns where an image goes, relative to the data folder: 256 folders, names of hexadecimal digits and a
 * known ending, whatever the address looks like.
 */
export function pathOf(key: string, extension: string): string {
  return `images/${key.slice(0, 2)}/${key}.${extension}`;
}
