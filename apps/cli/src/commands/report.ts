import type { Command } from 'commander';
import { printedByApp, runApp } from '../run-app.js';
import { jsonFlag } from '../flags.js';

/**
 * Runs `apps/report`, and returns its exit status.
 *
 * @param args flags of the report: `--runs`, `--out`, `--title`, `--write-up`, `--json`
 */
export async function runReport(args: readonly string[]): Promise<number> {
  return await runApp('report', args);
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
  const printed = await printedByApp('report', [...args, '--json']);
  return typeof printed === 'string' ? (JSON.parse(printed) as PrintedReport) : printed;
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
