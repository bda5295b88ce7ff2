import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { jsonFlag } from '../flags.js';

const REPORT_MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../../report/src/main.ts');

/**
 * Runs `apps/report` in a separate process, since the command may not import it, and returns its exit
 * status.
 *
 * @param args flags of the report: `--runs`, `--out`, `--title`, `--json`
 */
export async function runReport(args: readonly string[]): Promise<number> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = spawn(
    process.execPath,
    ['--conditions=@janus/source', '--import', loader, REPORT_MAIN, ...args],
    { stdio: 'inherit' },
  );
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** `janus report`. */
export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('write a report of all runs: one HTML page with figures and tables')
    .option('--runs <dir>', 'folder that holds the run folders', 'runs')
    .option('--out <dir>', 'folder for the page', 'report')
    .option('--title <text>', 'title of the page')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus report --runs runs --out report')
    .action(async (flags: { runs: string; out: string; title?: string; json?: boolean }) => {
      const args = ['--runs', flags.runs, '--out', flags.out];
      if (flags.title !== undefined) args.push('--title', flags.title);
      if (flags.json === true) args.push('--json');
      process.exitCode = await runReport(args);
    });
}
