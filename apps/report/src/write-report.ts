import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  commitRename,
  DataError,
  readJsonFile,
  temporaryNameFor,
  writeFileAtomic,
  writeJson,
} from '@janus/core';
import { pdfOfSvg, pngOfSvg, renderSvg } from '@janus/figures';
import { z } from 'zod';
import { collectReport, type CollectedReport } from './collect-report.js';
import { pageOf } from './page.js';
import type { PageFigure } from './page-parts.js';
import type { SkippedRun } from './read-runs.js';
import { pageRun } from './run-facts.js';
import { dayText } from './run-text.js';
import { summaryBlock } from './summary.js';
import { tableCsv, tableMarkdown, tableTex, type TextTable } from './write-up/text-table.js';
import { writeUpFiles, writeUpPdf } from './write-up/write-up-files.js';
import {
  FIGURE_FOLDER,
  fillWriteUp,
  plainTemplate,
  readTemplate,
  writeUpSources,
  type FilledWriteUp,
  type WriteUpSources,
} from './write-up/write-up.js';

/** What {@link writeReport} reads and where it writes. */
export interface WriteReportOptions {
  /** A run, or a folder with runs in it. */
  readonly runs: string;
  /** The report's folder; an older report there is replaced. */
  readonly out: string;
  /** Default: {@link REPORT_TITLE}. */
  readonly title?: string;
  /** Template of a write-up, a `.md` or `.tex` file; default none. */
  readonly writeUp?: string;
  /** The date below the title; default: today. */
  readonly date?: Date;
  /** Takes a line as work goes on. */
  readonly report?: (line: string) => void;
  /** Ends the work between figures: its reason is thrown, and nothing is left. */
  readonly signal?: AbortSignal;
}

/** The page's title where none is given. */
export const REPORT_TITLE = 'Telling and changing an attribute of faces';

/** What was written. */
export interface ReportResult {
  /** Path of `index.html`. */
  readonly index: string;
  /** Names of the runs on the page. */
  readonly runs: readonly string[];
  /** What could not be read and is not on the page. */
  readonly skipped: readonly SkippedRun[];
  /** Paths of the figures' files. */
  readonly figures: readonly string[];
  /** Paths of the tables' files. */
  readonly tables: readonly string[];
  /** Paths of the write-up's files: of the template's, else of `report.pdf`. */
  readonly writeUp: readonly string[];
  /** Placeholders of the template that were filled; 0 without one. */
  readonly values: number;
}

async function writeFigures(
  folder: string,
  figures: readonly PageFigure[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { id, figure, width } of figures) {
    signal?.throwIfAborted();
    const svg = await renderSvg(figure, width === undefined ? {} : { width });
    await writeFile(join(folder, `${id}.svg`), svg);
    await writeFile(join(folder, `${id}.png`), await pngOfSvg(svg));
    await writeFile(join(folder, `${id}.pdf`), await pdfOfSvg(svg, id));
    names.push(`${id}.svg`, `${id}.png`, `${id}.pdf`);
  }
  return names;
}

/** A folder may be replaced when it is a report, which lists its files, or holds nothing. */
async function checkReplaceable(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found === undefined) return;
  const names = found.isDirectory() ? await readdir(out) : undefined;
  const own = [...REPORT_FILES, ...(await listedFiles(out))];
  const isReport = names?.length === 0 || names?.includes(LIST);
  if (isReport === true && names?.every((name) => own.includes(name))) return;
  throw new DataError(
    `report: --out must be a new folder or an older report, but ${out} ${names === undefined ? 'is a file' : 'holds other files'}. Name another folder.`,
    { path: out },
  );
}

/** Names the files of the report's folder, so that a later report knows them for its own. */
const LIST = 'files.json';

const REPORT_FILES: readonly string[] = ['index.html', FIGURE_FOLDER, 'tables', 'report.pdf', LIST];

const listSchema = z.object({ files: z.array(z.string()) });

async function listedFiles(out: string): Promise<readonly string[]> {
  const list = await readJsonFile(join(out, LIST), listSchema, 'Remove it.').catch(() => undefined);
  return list?.files ?? [];
}

/** Gives the new folder its name; an older report is moved aside first and then removed. */
async function replaceFolder(temporary: string, out: string): Promise<void> {
  const aside = temporaryNameFor(out);
  const hadOld = await rename(out, aside).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await commitRename(temporary, out);
  } catch (error) {
    if (hadOld) await rename(aside, out);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

async function writeTables(
  folder: string,
  tables: Iterable<TextTable>,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const table of tables) {
    const texts = {
      md: `${tableMarkdown(table).join('\n')}\n`,
      tex: `${tableTex(table).join('\n')}\n`,
      csv: tableCsv(table),
    };
    for (const [ending, text] of Object.entries(texts)) {
      await writeFileAtomic(join(folder, `${table.id}.${ending}`), text);
      names.push(`${table.id}.${ending}`);
    }
  }
  return names;
}

/** What is written into the report's folder, and where. */
interface Written {
  readonly folder: string;
  readonly page: string;
  readonly filled: FilledWriteUp;
  /** Whether no template was given. */
  readonly isPlain: boolean;
  readonly sources: WriteUpSources;
  readonly signal: AbortSignal | undefined;
}

/** Writes all files of a report into a new folder, and returns their names by what they are. */
async function writeAll(written: Written): Promise<{
  readonly figures: readonly string[];
  readonly tables: readonly string[];
  readonly writeUp: readonly string[];
}> {
  const { folder, page, filled, isPlain, sources, signal } = written;
  const ofFigures = join(folder, FIGURE_FOLDER);
  await mkdir(ofFigures, { recursive: true });
  const drawn = [...new Set(sources.figures.values())];
  const figures = await writeFigures(ofFigures, drawn, signal);
  for (const id of filled.figures) {
    const image = sources.images.get(id);
    if (image !== undefined) await copyFile(image, join(ofFigures, `${id}.png`));
  }
  const tables = await writeTables(join(folder, 'tables'), sources.tables.values());
  const writeUp = isPlain ? await writePlain(filled, folder) : await writeUpFiles(filled, folder);
  await writeFile(join(folder, 'index.html'), page);
  await writeJson(join(folder, LIST), { files: writeUp });
  return { figures, tables, writeUp };
}

async function writePlain(filled: FilledWriteUp, folder: string): Promise<readonly string[]> {
  const name = 'report.pdf';
  await writeFile(join(folder, name), await writeUpPdf(filled, folder));
  return [name];
}

const runsText = (n: number): string => `${n} ${n === 1 ? 'run' : 'runs'}`;

async function pageOfReport(
  report: CollectedReport,
  { title, date }: { readonly title: string; readonly date: Date },
): Promise<string> {
  const { runs, data, sections } = report;
  const about = data === undefined ? '' : `${data.name}. `;
  return await pageOf({
    ...{ title, sections, summary: summaryBlock(runs, data), runs: runs.map(pageRun) },
    subtitle: `${about}${dayText(date)}, ${runsText(runs.length)}.`,
    colophon:
      'Written by janus report. Every figure is also a file in figures/, every table in tables/; the page itself needs no network.',
  });
}

/**
 * Writes the report of all runs in a folder: `index.html`, which needs no other file and no network, `figures/` with each
 * figure as SVG, PNG and PDF, `tables/` with each table as Markdown, LaTeX and CSV, and `report.pdf`, or in its place the files of
 * a write-up. Nothing is left half-written. A run or file that cannot be read is skipped, with a line and a place on the page.
 *
 * @throws DataError when there is neither a run, a table of several runs nor `bench.json` that can be read, `out` holds other files, or a
 * placeholder of the template has no source; OptionsError when the template is neither Markdown nor LaTeX
 */
export async function writeReport(options: WriteReportOptions): Promise<ReportResult> {
  const { runs: folder, title = REPORT_TITLE, date = new Date() } = options;
  const { report: tell = () => undefined, signal } = options;
  const out = resolve(options.out);
  const template = options.writeUp === undefined ? undefined : await readTemplate(options.writeUp);
  const report = await collectReport(folder);
  await checkReplaceable(out);
  const { runs, skipped } = report;
  tell(`report: ${runsText(runs.length)} in ${folder}`);
  for (const { name, reason } of skipped) tell(`report: skipped ${name}: ${reason}`);
  const sources = writeUpSources(report, date);
  const filled = fillWriteUp(template ?? plainTemplate(title, report), sources);
  const page = await pageOfReport(report, { title, date });
  const temporary = temporaryNameFor(out);
  try {
    tell(`report: drawing ${new Set(sources.figures.values()).size} figures`);
    const written = await writeAll({
      ...{ folder: temporary, page, filled, sources },
      ...{ isPlain: template === undefined, signal },
    });
    signal?.throwIfAborted();
    await replaceFolder(temporary, out);
    return {
      ...{ index: join(out, 'index.html'), runs: runs.map((run) => run.name), skipped },
      figures: written.figures.map((name) => join(out, FIGURE_FOLDER, name)),
      tables: written.tables.map((name) => join(out, 'tables', name)),
      writeUp: written.writeUp.map((name) => join(out, name)),
      values: template === undefined ? 0 : filled.count,
    };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
