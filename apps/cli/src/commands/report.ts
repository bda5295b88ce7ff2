import { spawn, type ChildProcess } from 'node:child_process';
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
 * @param args flags of the report: `--runs`, `--out`, `--title`, `--write-up`, `--json`
 */
export async function runReport(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, programOf(args), { stdio: 'inherit' });
  return await exitOf(child);
}

/** What `--json` of the report prints, as far as commands read it. */
export interface PrintedReport {
  readonly index: string;
  readonly figures: readonly string[];
  readonly tables: readonly string[];
  readonly writeUp: readonly string[];
  readonly values: number;
}

/**
 * Runs the report as {@link runReport} does, and returns what it wrote; its exit status where it failed, after it said why.
 *
 * @param args flags of the report, without `--json`
 */
export async function writtenReport(args: readonly string[]): Promise<PrintedReport | number> {
  const child = spawn(process.execPath, programOf([...args, '--json']), {
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const status = await exitOf(child);
  return status === 0 ? (JSON.parse(text) as PrintedReport) : status;
}

function programOf(args: readonly string[]): readonly string[] {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--conditions=@janus/source', '--import', loader, REPORT_MAIN, ...args];
}

async function exitOf(child: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

interface ReportFlags {
  readonly runs: string;
  readonly out: string;
  readonly title?: string;
  readonly writeUp?: string;
  readonly json?: boolean;
}

const HELP = `
A write-up names its numbers, {{value:run.metric}}, figures, {{figure:run-learning}}, and tables, {{table:runs}}; one without a
source ends the command and says what there is.

Examples:
  $ npx janus report --runs runs --out report
  $ npx janus report --runs runs --out report --write-up study.md`;

/** `janus report`. */
export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('write a report of all runs: one HTML page with figures and tables')
    .option('--runs <dir>', 'folder that holds the run folders', 'runs')
    .option('--out <dir>', 'folder for the page', 'report')
    .option('--title <text>', 'title of the page')
    .option('--write-up <file>', 'template to fill in: .md or .tex (default: report.pdf of all)')
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (flags: ReportFlags) => {
      const args = ['--runs', flags.runs, '--out', flags.out];
      if (flags.title !== undefined) args.push('--title', flags.title);
      if (flags.writeUp !== undefined) args.push('--write-up', flags.writeUp);
      if (flags.json === true) args.push('--json');
      process.exitCode = await runReport(args);
    });
}
