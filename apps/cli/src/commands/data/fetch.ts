import { FETCH_DEFAULTS, FETCH_USER_AGENT, fetchDataset, type FetchResult } from '@janus/data';
import { Option, type Command } from 'commander';
import { jsonFlag, wholeNumber } from '../../flags.js';
import { INTERRUPTED, interruptSignal } from '../../interrupt.js';
import { createTerminal, type Terminal } from '../../terminal.js';
import { printStep } from './print-step.js';

interface FetchFlags {
  readonly concurrency: number;
  readonly perHost: number;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly retries: number;
  readonly maxBytes: number;
  readonly maxRedirects: number;
  readonly hostFailures: number;
  readonly userAgent: string;
  readonly allowPrivate?: boolean;
  readonly ignoreRobots?: boolean;
  readonly retryFailed?: boolean;
  readonly json?: boolean;
}

const HELP = `
X-Robots-Tag is honoured: noai, noimageai, noindex, noimageindex and none, addressed to all robots or to the
first word of the user agent. robots.txt is not read, and proxies are not used.
An interrupted command resumes where it stopped when it is repeated; failures are retried with --retry-failed only.
<dir>/fetch.parquet holds the status of every row.

Examples:
  $ npx janus data fetch data/congress
  $ npx janus data fetch data/congress --per-host 2 --user-agent "my-study/1.0 (me@example.org)"`;

/** `janus data fetch`. */
export function addFetch(data: Command): void {
  const { concurrency, perHost, timeoutMs, retries, maxBytes, maxRedirects } = FETCH_DEFAULTS;
  data
    .command('fetch')
    .description('download the images of rows that have only an address')
    .argument('<dir>', 'data folder')
    .option(
      '--concurrency <n>',
      'maximum number of concurrent requests over all hosts, 1 to 1024',
      wholeNumber(1),
      concurrency,
    )
    .option(
      '--per-host <n>',
      'maximum number of connections per host, 1 to 1024',
      wholeNumber(1),
      perHost,
    )
    .option(
      '--timeout-ms <ms>',
      'time limit of one attempt, up to the last byte',
      wholeNumber(1),
      timeoutMs,
    )
    .option(
      '--connect-timeout-ms <ms>',
      'time limit of name lookup and connection',
      wholeNumber(1),
      FETCH_DEFAULTS.connectTimeoutMs,
    )
    .option('--retries <n>', 'retries after a transient failure, 0 to 20', wholeNumber(0), retries)
    .option('--max-bytes <n>', 'maximum size of one image in bytes', wholeNumber(1), maxBytes)
    .option(
      '--max-redirects <n>',
      'maximum number of redirects per image, 0 to 20',
      wholeNumber(0),
      maxRedirects,
    )
    .option(
      '--host-failures <n>',
      'give up a host after this many consecutive failed images; 0: never',
      wholeNumber(0),
      FETCH_DEFAULTS.hostFailures,
    )
    .addOption(
      new Option('--user-agent <text>', 'User-Agent header of the requests').default(
        FETCH_USER_AGENT,
      ),
    )
    .option('--allow-private', 'allow private, loopback and other addresses that are not public')
    .option('--ignore-robots', 'download images even if X-Robots-Tag forbids it')
    .option('--retry-failed', 'retry images that failed in an earlier run')
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (dir: string, flags: FetchFlags) => {
      const { json, ...options } = flags;
      const terminal = createTerminal(json === true);
      const result = await fetchDataset(dir, {
        ...options,
        signal: interruptSignal(),
        report: terminal.progress,
      });
      print(terminal, dir, result);
      if (!result.finished) process.exitCode = INTERRUPTED;
    });
}

function print(terminal: Terminal, dir: string, result: FetchResult): void {
  const { fetched, bytes, seconds, finished, rejected } = result;
  const rate = seconds > 0 ? fetched / seconds : 0;
  const summary = `${fetched} images, ${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s (${rate.toFixed(1)}/s)`;
  if (!finished) {
    terminal.endProgress();
    terminal.result(result, [
      `Stopped after ${summary}, ${rejected} failures. Repeat the command to resume.`,
    ]);
    return;
  }
  printStep(terminal, `Fetched ${summary} into ${dir}`, result);
}
