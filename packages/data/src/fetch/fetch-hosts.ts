/** Work spread over hosts: so much at once in all, so much at one host, hosts left alone for a while. */

import { SYSTEM_CLOCK, type Clock } from './fetch-clock.js';

/** What becomes of an item after it was worked on. */
export type Next<T> =
  | { readonly kind: 'done' }
  /** It comes again, with another host perhaps. */
  | {
      readonly kind: 'again';
      readonly item: T;
      /** After so many ms. */
      readonly waitMs: number;
      /** Whether the host is left alone for as long, its other items too. */
      readonly holdHost: boolean;
    };

/** Options of {@link workByHost}. */
export interface WorkByHostOptions<T> {
  /** Items in the order in which they are wanted, a piece at a time. */
  readonly source: AsyncIterator<readonly T[]>;
  readonly hostOf: (item: T) => string;
  readonly work: (item: T) => Promise<Next<T>>;
  /** Called when nothing of a host is under way or waiting. */
  readonly onIdle?: (host: string) => void;
  /** Items under way, over all hosts. */
  readonly concurrency: number;
  /** Items under way at one host. */
  readonly perHost: number;
  /** Items taken from the source and not done: what a host that is slow or held can block. */
  readonly window: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: the system's. */
  readonly clock?: Clock;
}

interface Host<T> {
  readonly name: string;
  readonly queue: T[];
  active: number;
  /** Items that will come again, and an end of a hold. */
  expected: number;
  heldUntil: number;
  ready: boolean;
}

/**
 * Works on all items, and ends when they are done; ends early, with what is under way finished, when the
 * signal fires.
 *
 * @throws the first thing that `work` or the source throws, when what is under way has ended
 */
export async function workByHost<T>(options: WorkByHostOptions<T>): Promise<void> {
  const { source, hostOf, work, onIdle, concurrency, perHost, window, signal } = options;
  const { clock = SYSTEM_CLOCK } = options;
  const hosts = new Map<string, Host<T>>();
  // Hosts that may have something to do, in turn.
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
  // Half a window at a time: the source is asked seldom, and never runs far ahead.
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
