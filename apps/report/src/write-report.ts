import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { commitRename, DataError, readBench, temporaryNameFor } from '@janus/core';
import { pngOfSvg, renderSvg } from '@janus/figures';
import { classifierSection } from './classifier-section.js';
import { cardsSection, limitsSection, recordsSection } from './closing-sections.js';
import { dataSection } from './data-section.js';
import { readDataSummary } from './data-summary.js';
import { pageOf } from './page.js';
import type { PageFigure, Section } from './page-parts.js';
import { readRuns, type ReportRun } from './read-runs.js';
import { speedSection } from './speed-section.js';
import { summaryBlock } from './summary.js';
import { translationSection } from './translation-section.js';

/** What {@link writeReport} reads and where it writes. */
export interface WriteReportOptions {
  /** A run, or a folder with runs in it. */
  readonly runs: string;
  /** The report's folder; an older report there is replaced. */
  readonly out: string;
  /** Default: {@link REPORT_TITLE}. */
  readonly title?: string;
  /** The date below the title; default: today. */
  readonly date?: Date;
  /** Takes a line as work goes on. */
  readonly report?: (line: string) => void;
}

/** The page's title where none is given. */
export const REPORT_TITLE = 'Telling and changing an attribute of faces';

/** What was written. */
export interface ReportResult {
  /** Path of `index.html`. */
  readonly index: string;
  /** Names of the runs on the page. */
  readonly runs: readonly string[];
  /** Paths of the figures' files. */
  readonly figures: readonly string[];
}

function targetsOf(runs: readonly ReportRun[]): readonly string[] {
  return runs.flatMap((run) => {
    const target = run.record.options['target'];
    return typeof target === 'string' ? [target] : [];
  });
}

async function sectionOf(run: ReportRun): Promise<Section> {
  return run.kind === 'classifier' ? classifierSection(run) : translationSection(run);
}

async function writeFigures(
  folder: string,
  figures: readonly PageFigure[],
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { id, figure, width } of figures) {
    const svg = await renderSvg(figure, width === undefined ? {} : { width });
    await writeFile(join(folder, `${id}.svg`), svg);
    await writeFile(join(folder, `${id}.png`), await pngOfSvg(svg));
    names.push(`${id}.svg`, `${id}.png`);
  }
  return names;
}

/** A folder may be replaced when it is a report, or holds nothing. */
async function checkReplaceable(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found === undefined) return;
  const names = found.isDirectory() ? await readdir(out) : undefined;
  if (names?.every((name) => REPORT_FILES.includes(name)) === true) return;
  throw new DataError(
    `report: --out must be a new folder or an older report, but ${out} ${names === undefined ? 'is a file' : 'holds other files'}. Name another folder.`,
    { path: out },
  );
}

const REPORT_FILES: readonly string[] = ['index.html', 'figures'];

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

/**
 * Writes the report of all runs in a folder: `index.html`, which needs no other file and no
 * network, and `figures/` with each figure as SVG and PNG. Nothing is left half-written.
 *
 * @throws DataError when there is neither a run nor `bench.json`, one of them is broken, or `out`
 * holds other files
 */
export async function writeReport(options: WriteReportOptions): Promise<ReportResult> {
  const {
    runs: folder,
    title = REPORT_TITLE,
    date = new Date(),
    report = () => undefined,
  } = options;
  const out = resolve(options.out);
  const bench = await readBench(folder);
  const runs = await readRuns(folder, { mayBeNone: bench !== undefined });
  await checkReplaceable(out);
  const data = await readDataSummary(folder);
  report(`report: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} in ${folder}`);
  const cards = cardsSection(runs);
  const order = [
    ...runs.filter((run) => run.kind === 'classifier'),
    ...runs.filter((run) => run.kind === 'cyclegan'),
  ];
  const sections = [
    ...(data === undefined ? [] : [await dataSection(data, { folder, targets: targetsOf(runs) })]),
    ...(await Promise.all(order.map(sectionOf))),
    ...(bench === undefined ? [] : [speedSection(bench)]),
    ...(cards === undefined ? [] : [cards]),
    ...(order.length === 0 ? [] : [recordsSection(order)]),
    limitsSection(),
  ];
  const page = await pageOf({
    title,
    subtitle: `${data === undefined ? '' : `${data.name}. `}${date.toISOString().slice(0, 10)}, ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}.`,
    summary: summaryBlock(order, data),
    sections,
    colophon:
      'Written by janus report. Every figure is also a file in figures/; the page itself needs no network.',
  });
  const temporary = temporaryNameFor(out);
  try {
    await mkdir(join(temporary, 'figures'), { recursive: true });
    const all = sections.flatMap((section) => section.figures);
    report(`report: drawing ${all.length} figures`);
    const names = await writeFigures(join(temporary, 'figures'), all);
    await writeFile(join(temporary, 'index.html'), page);
    await replaceFolder(temporary, out);
    return {
      index: join(out, 'index.html'),
      runs: order.map((run) => run.name),
      figures: names.map((name) => join(out, 'figures', name)),
    };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
