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
What an image's host says in X-Robots-Tag is honoured: noai, noimageai, noindex, noimageindex (and none), said
to all robots or to the first word of the user agent. robots.txt is not read, proxies are not used.
A run that was stopped or killed goes on where it was; failures are tried again with --retry-failed only.
What became of every row stands in <dir>/fetch.parquet.

Examples:
  $ npx janus data fetch data/congress
  $ npx janus data fetch data/congress --per-host 2 --user-agent "my-study/1.0 (me@example.org)"`;

/** `janus data fetch`. */
export function addFetch(data: Command): void {
  const { concurrency, perHost, timeoutMs, retries, maxBytes, maxRedirects } = FETCH_DEFAULTS;
  data
    .command('fetch')
    .description('get the images of rows that have only an address')
    .argument('<dir>', 'data folder')
    .option('--concurrency <n>', 'requests at once, over all hosts', wholeNumber(1), concurrency)
    .option('--per-host <n>', 'connections to one host', wholeNumber(1), perHost)
    .option('--timeout-ms <ms>', 'for one try, to the last byte', wholeNumber(1), timeoutMs)
    .option(
      '--connect-timeout-ms <ms>',
      'for look-up and connection alone',
      wholeNumber(1),
      FETCH_DEFAULTS.connectTimeoutMs,
    )
    .option('--retries <n>', 'further tries after what can pass', wholeNumber(0), retries)
    .option('--max-bytes <n>', 'of one image', wholeNumber(1), maxBytes)
    .option('--max-redirects <n>', 'followed for one image', wholeNumber(0), maxRedirects)
    .option(
      '--host-failures <n>',
      'images that fail in a row before a host is given up; 0: never',
      wholeNumber(0),
      FETCH_DEFAULTS.hostFailures,
    )
    .addOption(
      new Option('--user-agent <text>', 'what hosts are told of who asks').default(
        FETCH_USER_AGENT,
      ),
    )
    .option('--allow-private', 'allow private, loopback and other addresses that are not public')
    .option('--ignore-robots', 'take images although X-Robots-Tag says no')
    .option('--retry-failed', 'try again what failed in an earlier run')
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
  const brought = `${fetched} images, ${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s (${rate.toFixed(1)}/s)`;
  if (!finished) {
    terminal.endProgress();
    terminal.result(result, [
      `Stopped after ${brought}, ${rejected} failures. Go on: repeat the command`,
    ]);
    return;
  }
  printStep(terminal, `Fetched ${brought} into ${dir}`, result);
}
