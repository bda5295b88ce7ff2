import { existsSync } from 'node:fs';
import { WATCH_DEFAULTS, watchRuns } from '@janus/runs';
import type { Command } from 'commander';
import { wholeNumber } from '../flags.js';
import { openFile } from '../open-file.js';
import { createTerminal } from '../terminal.js';

interface Flags {
  readonly runs: string;
  readonly port: number;
  readonly open?: boolean;
}

const HELP = `
The page is served to this machine alone. Of a machine that you are logged in to, forward its port:
  $ ssh -L 8123:127.0.0.1:8123 <machine>

Examples:
  $ npx janus watch --open
  $ npx janus watch --runs runs --port 8123`;

/** `janus watch`. */
export function addWatchCommand(program: Command): void {
  program
    .command('watch')
    .description(
      'serve a live page of running and finished runs: curves, samples, speed, time left, and a button that stops a run so that it can be resumed',
    )
    .option('--runs <dir>', 'folder that holds the run folders', WATCH_DEFAULTS.runs)
    .option(
      '--port <n>',
      'port on 127.0.0.1; 0: one that is free',
      wholeNumber(0),
      WATCH_DEFAULTS.port,
    )
    .option('--open', 'open the page in the browser')
    .addHelpText('after', HELP)
    .action(async ({ runs, port, open }: Flags) => {
      const terminal = createTerminal(false);
      const { url, close } = await watchRuns({ runs, port });
      terminal.log(`Runs in ${runs}: ${url} (Ctrl-C ends the page, not the runs)`);
      if (!existsSync(runs)) terminal.log(`${runs} does not exist yet; a training makes it.`);
      if (open === true && !(await openFile(url))) {
        terminal.log('No program opens pages here. Open the address in a browser.');
      }
      await interrupted();
      await close();
    });
}

/** Waits for Ctrl-C or SIGTERM. */
async function interrupted(): Promise<void> {
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        done();
      });
    }
  });
}
