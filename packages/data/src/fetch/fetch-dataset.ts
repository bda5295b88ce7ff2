import { DataError, type ProgressListener } from '@janus/core';
import type { DuckDBConnection } from '@duckdb/node-api';
import { withDatabase } from '../manifest/database.js';
import { guardedLookup, publicAddresses, type Resolve } from './fetch-addresses.js';
import { SYSTEM_CLOCK, type Clock } from './fetch-clock.js';
import { openConnections } from './fetch-exchange.js';
import { workByHost } from './fetch-hosts.js';
import { fetchWork, hostOfItem, itemOf, type FetchItem } from './fetch-item.js';
import { lockFolder } from '../manifest/folder-lock.js';
import { repairJournal } from './fetch-journal.js';
import {
  resolveFetchOptions,
  type FetchOptions,
  type ResolvedFetchOptions,
} from './fetch-options.js';
import { robotName } from './fetch-robots.js';
import type { FetchOutcome, FetchStatus } from './fetch-status.js';
import { openFetchStore } from './fetch-store.js';
import {
  applyOutcomes,
  countManifest,
  judgeRows,
  planFetch,
  readPlan,
  writeOutcomes,
} from './fetch-tables.js';
import { recordStep } from '../record/record-step.js';
import type { StepResult } from '../manifest/dataset-record.js';
import { manifestFile } from '../manifest/manifest-stream.js';

/** What {@link fetchDataset} did. */
export interface FetchResult extends StepResult {
  /** Images that this run downloaded. */
  readonly fetched: number;
  /** Their bytes. */
  readonly bytes: number;
  readonly seconds: number;
  /**
   * False when the signal ended the run: the manifest is then unchanged, `rows` and `rejected` count this run only,
   * and the next run resumes it.
   */
  readonly finished: boolean;
}

/** What a fetch takes from the system unless a test passes its own. */
interface FetchSurroundings {
  readonly resolve?: Resolve;
  readonly clock?: Clock;
}

/** Memory of the database in MB; the rest spills to disk. */
const TABLES_MB = 400;

/** Each thread holds rows of its own: for a million rows, sixteen threads need more than that memory. */
const TABLES_THREADS = 2;

/** Addresses that are read ahead of what is done, so that a slow host does not hold up the others. */
const WINDOW = 4096;

/**
 * Downloads the images of all rows that have an address and no file. The outcome of each row goes to the manifest
 * (path and sha256, or removed with the reason) and to `fetch.parquet`. The process may be killed at any time: the
 * next run resumes, and repeats failures only with `retryFailed`. An address that several rows share is fetched once.
 * Memory does not depend on the number of rows.
 *
 * @param surroundings for tests: the resolver and the clock; default: the system's
 *
 * @throws OptionsError for a bad option; DataError when the folder holds no manifest, or no row has an image in
 * the end; EnvironmentError when another fetch writes into the folder, the process may open no more connections,
 * or the disk is full
 */
export async function fetchDataset(
  folder: string,
  options: FetchOptions = {},
  surroundings: FetchSurroundings = {},
): Promise<FetchResult> {
  const resolved = resolveFetchOptions(options);
  manifestFile(folder);
  const unlock = await lockFolder(folder, 'fetch');
  try {
    return await withDatabase(async (connection) => {
      await connection.run(`SET threads = ${TABLES_THREADS}`);
      await repairJournal(folder);
      const plan = await planFetch(connection, folder, resolved);
      const tally = newTally(plan.total, resolved.report);
      const began = performance.now();
      if (plan.total > 0) {
        const items = itemsOf(readPlan(connection, plan));
        await fetchAll(folder, items, { options: resolved, tally, surroundings });
      }
      const seconds = (performance.now() - began) / 1000;
      const { fetched, bytes } = tally.sums();
      if (resolved.signal?.aborted === true) {
        const { rows, rejected, reasons } = tally.result();
        return { rows, rejected, reasons, fetched, bytes, seconds, finished: false };
      }
      await connection.run(`DROP TABLE ${plan.wanted.table}`);
      const result = await fold(connection, folder, resolved);
      if (result.rows === 0) throw nothingFetched(folder, result);
      return { ...result, fetched, bytes, seconds, finished: true };
    }, TABLES_MB);
  } finally {
    unlock();
  }
}

function nothingFetched(folder: string, { rejected, reasons }: StepResult): DataError {
  const why = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
  return new DataError(
    `${folder}: a data set needs images, but none of ${rejected} could be fetched (${why.join(', ')}). Check the addresses and the network, then add --retry-failed.`,
    { path: folder },
  );
}

/** The counts of a run so far. */
interface Tally {
  readonly add: (outcome: FetchOutcome) => void;
  readonly sums: () => { readonly fetched: number; readonly bytes: number };
  readonly result: () => StepResult;
}

/** Shortest time between two reports of progress, in ms. */
const REPORT_MS = 100;

function newTally(total: number, report: ProgressListener | undefined): Tally {
  const counts = new Map<FetchStatus, number>();
  let done = 0;
  let bytes = 0;
  let reported = -REPORT_MS;
  const failures = (): [FetchStatus, number][] =>
    [...counts].filter(([status]) => status !== 'ok').sort((a, b) => b[1] - a[1]);
  return {
    add: (outcome) => {
      done += 1;
      counts.set(outcome.status, (counts.get(outcome.status) ?? 0) + 1);
      if (outcome.status === 'ok') bytes += outcome.bytes ?? 0;
      const now = performance.now();
      if (report === undefined || (now - reported < REPORT_MS && done < total)) return;
      reported = now;
      const failed = failures().map(([status, count]) => `${count} ${status}`);
      const note = [`${(bytes / 1e6).toFixed(1)} MB`, ...failed].join(', ');
      report({ done, total, unit: 'images', label: 'fetching', note });
    },
    sums: () => ({ fetched: counts.get('ok') ?? 0, bytes }),
    result: () => {
      const fetched = counts.get('ok') ?? 0;
      return { rows: fetched, rejected: done - fetched, reasons: Object.fromEntries(failures()) };
    },
  };
}

async function fetchAll(
  folder: string,
  items: AsyncIterator<readonly FetchItem[]>,
  run: {
    readonly options: ResolvedFetchOptions;
    readonly tally: Tally;
    readonly surroundings: FetchSurroundings;
  },
): Promise<void> {
  const { options, tally } = run;
  const { resolve, clock = SYSTEM_CLOCK } = run.surroundings;
  const isPublic = publicAddresses();
  const allowed = options.allowPrivate ? (): boolean => true : isPublic;
  const connections = openConnections(
    guardedLookup({ allowed, ...(resolve === undefined ? {} : { resolve }) }),
  );
  const store = await openFetchStore(folder);
  options.signal?.addEventListener('abort', connections.close);
  try {
    await workByHost<FetchItem>({
      source: items,
      hostOf: hostOfItem,
      work: fetchWork({
        options,
        allowed,
        exchangeOptions: {
          connections,
          spoolName: store.temporaryName,
          userAgent: options.userAgent,
          robot: options.ignoreRobots ? undefined : robotName(options.userAgent),
          connectTimeoutMs: options.connectTimeoutMs,
          maxBytes: options.maxBytes,
          clock,
        },
        finish: async ({ key }, outcome, body) => {
          await store.keep(key, outcome, body);
          tally.add(outcome);
        },
      }),
      onIdle: connections.release,
      concurrency: options.concurrency,
      perHost: options.perHost,
      window: WINDOW,
      signal: options.signal,
      clock,
    });
  } finally {
    options.signal?.removeEventListener('abort', connections.close);
    connections.close();
    await store.close();
  }
}

async function* itemsOf(
  plan: ReturnType<typeof readPlan>,
): AsyncGenerator<readonly FetchItem[], void, void> {
  for await (const piece of plan) yield piece.map(itemOf);
}

/**
 * Writes the outcomes to the manifest and to `fetch.parquet`; after a kill in between, the next run repeats
 * this.
 */
async function fold(
  connection: DuckDBConnection,
  folder: string,
  options: ResolvedFetchOptions,
): Promise<StepResult> {
  const judged = await judgeRows(connection, folder);
  await applyOutcomes(connection, folder, judged);
  await writeOutcomes(connection, folder, judged);
  await connection.run(`DROP TABLE ${judged.outcomes.table}`);
  const { rows, reasons } = await countManifest(connection, folder);
  const rejected = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  const result = { rows, rejected, reasons };
  // A signal and a listener are not part of the record.
  await recordStep(folder, 'fetch', {
    result,
    options: { ...options, signal: undefined, report: undefined },
  });
  return result;
}
