/** The program behind `janus report`. */
import { parseArgs } from 'node:util';
import { JanusError, systemFailureText } from '@janus/core';
import { writeReport } from './write-report.js';

const HELP = `Usage: janus report [--runs <dir>] [--out <dir>] [--write-up <file>] [--title <text>] [--json]

Writes <out>/index.html, a page with the figures and tables of every run below <dir>, each of them as files, and
<out>/report.pdf. A write-up is a .md or .tex template with {{value:run.metric}}, {{figure:id}} and {{table:id}}.

  --runs <dir>    folder with run folders (default: runs)
  --out <dir>     where the page goes (default: report)
  --title <text>  title of the page
  --write-up <file>  template to fill in, in place of report.pdf
  --json          print what was written as JSON
  --help          show this

Example:
  $ npx janus report --runs runs --out report
`;

interface Flags {
  readonly runs: string;
  readonly out: string;
  readonly title?: string | undefined;
  readonly 'write-up'?: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

function flagsOf(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      runs: { type: 'string', default: 'runs' },
      out: { type: 'string', default: 'report' },
      title: { type: 'string' },
      'write-up': { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

/** Exit status of a command that was interrupted, as the shell has it for SIGINT. */
const INTERRUPTED = 130;

/** Returns a signal that fires on Ctrl-C or SIGTERM. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      controller.abort();
    });
  }
  return controller.signal;
}

/** Returns the exit status: 0, 1 for an expected failure, 2 for wrong flags, 130 when it was interrupted. */
async function main(args: readonly string[]): Promise<number> {
  let flags: Flags;
  try {
    flags = flagsOf(args);
  } catch (error) {
    process.stderr.write(`report: ${(error as Error).message.split('\n')[0] ?? ''}\nTry --help.\n`);
    return 2;
  }
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const signal = interrupted();
  try {
    const result = await writeReport({
      runs: flags.runs,
      out: flags.out,
      ...(flags.title === undefined ? {} : { title: flags.title }),
      ...(flags['write-up'] === undefined ? {} : { writeUp: flags['write-up'] }),
      report: (line) => process.stderr.write(`${line}\n`),
      signal,
    });
    process.stdout.write(
      flags.json
        ? `${JSON.stringify(result)}\n`
        : `Wrote ${[result.index, ...result.writeUp].join(', ')}\n`,
    );
    return 0;
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      process.stderr.write('report: stopped; nothing was written. Repeat the command.\n');
      return INTERRUPTED;
    }
    if (error instanceof JanusError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    const failure = systemFailureText(error, flags.out);
    if (failure !== undefined) {
      process.stderr.write(`report: ${failure}\n`);
      return 1;
    }
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
