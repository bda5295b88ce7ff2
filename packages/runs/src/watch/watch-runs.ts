/** A live page of runs, served to this machine. */
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { resolve } from 'node:path';
import { EnvironmentError, OptionsError } from '@janus/core';
import { openEvents, type EventStream } from './events.js';
import { pageFiles } from './page.js';
import { openRunsReader, type RunsReader } from './read-runs.js';
import { requestListener } from './serve.js';

/** Options of {@link watchRuns}. */
export interface WatchRunsOptions {
  /** Folder of run folders, up to three deep; it may come into being later. Default `runs`. */
  readonly runs?: string;
  /** 0 to 65535; default 0: any that is free. */
  readonly port?: number;
  /** Milliseconds between two looks at the folder while a page is open, 50 or more; default 1000: as often as records come. */
  readonly intervalMs?: number;
}

/** Defaults of {@link watchRuns}. */
export const WATCH_DEFAULTS: Required<WatchRunsOptions> = {
  runs: 'runs',
  port: 0,
  intervalMs: 1000,
};

/** A page that is served. */
export interface Watching {
  /** `http://127.0.0.1:8123/`. */
  readonly url: string;
  /** Ends the page; trainings are not affected. */
  readonly close: () => Promise<void>;
}

/** The only address: other machines cannot reach it. */
const HOST = '127.0.0.1';
const MAX_PORT = 65_535;
const MIN_INTERVAL_MS = 50;

/**
 * Serves a live page of the running and finished runs in a folder, on 127.0.0.1 only: curves, newest samples, images per
 * second, time left, and a button that stops a run so that it can be resumed. All open pages share one reader, which
 * reads what was appended, and nothing while no page is open.
 *
 * @throws OptionsError when an option is out of range, or the folder of runs is none; EnvironmentError when the port is taken
 */
export async function watchRuns(options: WatchRunsOptions = {}): Promise<Watching> {
  const { runs, port, intervalMs } = { ...WATCH_DEFAULTS, ...options };
  checkOptions({ port, intervalMs });
  await checkFolder(runs);
  const reader = openRunsReader(runs);
  const page = await pageFiles(resolve(runs));
  const look = openLook(reader, intervalMs);
  const server = createServer(requestListener({ page, reader, events: look.events }));
  const url = await listen(server, port);
  return {
    url,
    close: async () => {
      look.close();
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
    },
  };
}

function checkOptions({
  port,
  intervalMs,
}: Pick<Required<WatchRunsOptions>, 'port' | 'intervalMs'>): void {
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
    throw new OptionsError(
      `watchRuns: port must be a whole number from 0 to ${MAX_PORT}, but got ${port}. Take 0 for one that is free.`,
    );
  }
  if (!(intervalMs >= MIN_INTERVAL_MS)) {
    throw new OptionsError(
      `watchRuns: intervalMs must be at least ${MIN_INTERVAL_MS}, but got ${intervalMs}. Leave it out for 1000.`,
    );
  }
}

/** Throws an OptionsError for what is not a folder and cannot become one. */
async function checkFolder(runs: string): Promise<void> {
  try {
    if ((await stat(runs)).isDirectory()) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
  }
  throw new OptionsError(
    `--runs: must be a folder that can be read, or one that a training will make, but ${runs} is not. Name the folder that holds the run folders.`,
  );
}

/** Looks at the runs again and again while a page is open. */
function openLook(
  reader: RunsReader,
  intervalMs: number,
): { readonly events: EventStream; readonly close: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    await reader.read();
    looking = false;
    events.send([...reader.runs().values()].map(({ view }) => view));
    if (!isClosed && events.count() > 0) timer = setTimeout(() => void look(), intervalMs);
  };
  const events = openEvents(() => {
    clearTimeout(timer);
    void look();
  });
  return {
    events,
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      events.close();
    },
  };
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      fail(
        new EnvironmentError(
          `--port: must be a port that this user may open and that is free, but ${port} is not (${error.code ?? error.message}). Leave it out for one that is.`,
          { cause: error },
        ),
      );
    });
    server.listen(port, HOST, done);
  });
  const address = server.address();
  return `http://${HOST}:${typeof address === 'object' ? (address?.port ?? port) : port}/`;
}
