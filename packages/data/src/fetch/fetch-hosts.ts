/** Work spread over hosts, limited in total and per host, with waits. */

import { SYSTEM_CLOCK, type Clock } from './fetch-clock.js';

/** What follows for an item after it was worked on. */
export type Next<T> =
  | { readonly kind: 'done' }
  /** It is worked on again, perhaps at another host. */
  | {
      readonly kind: 'again';
      readonly item: T;
      /** Wait before that, in ms. */
      readonly waitMs: number;
      /** Whether all other items of the host wait as well. */
      readonly holdHost: boolean;
    };

/** Options of {@link workByHost}. */
export interface WorkByHostOptions<T> {
  /** Items in order, in pieces. */
  readonly source: AsyncIterator<readonly T[]>;
  readonly hostOf: (item: T) => string;
  readonly work: (item: T) => Promise<Next<T>>;
  /** Called when no item of a host is under way or waiting. */
  readonly onIdle?: (host: string) => void;
  /** Most items under way over all hosts. */
  readonly concurrency: number;
  /** Most items under way at one host. */
  readonly perHost: number;
  /** Most items read from the source and not done, which a slow host can hold up. */
  readonly window: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: the system's. */
  readonly clock?: Clock;
}

interface Host<T> {
  readonly name: string;
  readonly queue: T[];
  active: number;
  /** Timers that are pending: items that will come again, and ends of holds. */
  expected: number;
  heldUntil: number;
  ready: boolean;
}

/**
 * Works on all items, and returns when they are done; when the signal fires, returns early, as soon as the items under
 * way are finished.
 *
 * @throws the first error of `work` or of the source, after the items under way have ended
 */
export async function workByHost<T>(options: WorkByHostOptions<T>): Promise<void> {
  const { source, hostOf, work, onIdle, concurrency, perHost, window, signal } = options;
  const { clock = SYSTEM_CLOCK } = options;
  const hosts = new Map<string, Host<T>>();
  // Hosts that may have work, in turn.
  const ready: Host<T>[] = [];
  const waits = new Set<() => void>();
  let active = 0;
  let admitted = 0;
  let exhausted = false;
  let filling = false;
  let failure: { readonly error: unknown } | undefined;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const stopped = (): boolean => failure !== undefined || signal?.aborted === true;
  const later = (ms: number, then: () => void): void => {
    const cancel = clock.after(ms, () => {
      waits.delete(cancel);
      then();
    });
    waits.add(cancel);
  };
  const hostNamed = (name: string): Host<T> => {
    let host = hosts.get(name);
    if (host === undefined) {
      host = { name, queue: [], active: 0, expected: 0, heldUntil: 0, ready: false };
      hosts.set(name, host);
    }
    return host;
  };
  const consider = (host: Host<T>): void => {
    if (host.queue.length === 0 && host.active === 0 && host.expected === 0) {
      hosts.delete(host.name);
      onIdle?.(host.name);
      return;
    }
    const may = host.queue.length > 0 && host.active < perHost;
    if (!may || host.ready || host.heldUntil > clock.now()) return;
    host.ready = true;
    ready.push(host);
  };
  const hold = (host: Host<T>, ms: number): void => {
    const until = clock.now() + ms;
    if (until <= host.heldUntil) return;
    host.heldUntil = until;
    host.expected += 1;
    later(ms + 1, () => {
      host.expected -= 1;
      consider(host);
      pump();
    });
  };
  const enqueue = (item: T): void => {
    const host = hostNamed(hostOf(item));
    host.queue.push(item);
    consider(host);
  };
  const settle = (host: Host<T>, next: Next<T>): void => {
    if (next.kind === 'done') admitted -= 1;
    else if (next.holdHost) {
      hold(host, next.waitMs);
      host.queue.unshift(next.item);
    } else if (next.waitMs > 0) {
      host.expected += 1;
      later(next.waitMs, () => {
        host.expected -= 1;
        enqueue(next.item);
        consider(host);
        pump();
      });
    } else enqueue(next.item);
  };
  const start = (host: Host<T>, item: T): void => {
    active += 1;
    host.active += 1;
    work(item)
      .then((next) => {
        settle(host, next);
      })
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        active -= 1;
        host.active -= 1;
        consider(host);
        pump();
      });
  };
  const pump = (): void => {
    while (!stopped() && active < concurrency) {
      const host = ready.shift();
      if (host === undefined) break;
      host.ready = false;
      if (host.active >= perHost || host.heldUntil > clock.now()) continue;
      const item = host.queue.shift();
      if (item === undefined) continue;
      start(host, item);
      consider(host);
    }
    const over = stopped() || (exhausted && admitted === 0);
    if (over && active === 0 && !filling) finish();
    else if (!over) void fill();
  };
  // Half a window at once: the source is read seldom, and never far ahead.
  const fill = async (): Promise<void> => {
    if (filling || exhausted || admitted > window / 2) return;
    filling = true;
    try {
      while (!stopped() && admitted <= window / 2) {
        const piece = await source.next();
        if (piece.done === true) {
          exhausted = true;
          break;
        }
        admitted += piece.value.length;
        for (const item of piece.value) enqueue(item);
      }
    } catch (error) {
      failure ??= { error };
    }
    filling = false;
    pump();
  };

  signal?.addEventListener('abort', pump);
  pump();
  await finished;
  signal?.removeEventListener('abort', pump);
  for (const cancel of waits) cancel();
  if (failure !== undefined) throw failure.error;
}
