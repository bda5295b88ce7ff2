import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { commitRename, DataError, html, readBench, temporaryNameFor } from '@janus/core';
import { pngOfSvg, renderSvg } from '@janus/figures';
import { classifierSection } from './classifier-section.js';
import { cardsSection, limitsSection, recordsSection, skippedSection } from './closing-sections.js';
import { dataSection } from './data-section.js';
import { readDataSummary } from './data-summary.js';
import { pageOf } from './page.js';
import type { PageFigure, Section } from './page-parts.js';
import {
  noneReadable,
  orSkip,
  readRuns,
  type FoundRuns,
  type ReportRun,
  type SkippedRun,
} from './read-runs.js';
import { pageRun } from './run-facts.js';
import { comparisonSection, runsSection, sourceBlock, sourceId } from './runs-section.js';
import { speedSection } from './speed-section.js';
import { summaryBlock } from './summary.js';
import { readSweeps, sweepSection } from './sweep-section.js';
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
  /** What could not be read and is not on the page. */
  readonly skipped: readonly SkippedRun[];
  /** Paths of the figures' files. */
  readonly figures: readonly string[];
}

function targetsOf(runs: readonly ReportRun[]): readonly string[] {
  return runs.flatMap((run) => {
    const target = run.record.options['target'];
    return typeof target === 'string' ? [target] : [];
  });
}

async function sectionOf(run: ReportRun, runs: string): Promise<Section> {
  const section = await (run.kind === 'classifier'
    ? classifierSection(run)
    : translationSection(run));
  return { ...section, run, body: html`${section.body}${sourceBlock(run, runs)}` };
}

/** The runs that can be shown, the classifiers first, with their sections, and the others. */
interface Shown extends FoundRuns {
  readonly sections: readonly Section[];
}

async function sectionsOf(found: readonly ReportRun[], folder: string): Promise<Shown> {
  const skipped: SkippedRun[] = [];
  const order = [
    ...found.filter((run) => run.kind === 'classifier'),
    ...found.filter((run) => run.kind === 'cyclegan'),
  ];
  const made = await Promise.all(
    order.map(async (run) => {
      const section = await orSkip(run.name, skipped, () => sectionOf(run, folder));
      return section === undefined ? [] : [{ run, section }];
    }),
  );
  const shown = made.flat();
  return {
    runs: shown.map(({ run }) => run),
    sections: shown.map(({ section }) => section),
    skipped,
  };
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
 * network, and `figures/` with each figure as SVG and PNG. Nothing is left half-written. A run or file that cannot
 * be read is skipped, with a line and a place on the page.
 *
 * @throws DataError when there is neither a run, a sweep nor `bench.json` that can be read, or `out` holds other files
 */
export async function writeReport(options: WriteReportOptions): Promise<ReportResult> {
  const {
    runs: folder,
    title = REPORT_TITLE,
    date = new Date(),
    report = () => undefined,
  } = options;
  const out = resolve(options.out);
  const ofFiles: SkippedRun[] = [];
  const bench = await orSkip('bench.json', ofFiles, () => readBench(folder));
  const sweeps = await readSweeps(folder, ofFiles);
  const hasOther = bench !== undefined || sweeps.length > 0 || ofFiles.length > 0;
  const found = await readRuns(folder, { mayBeNone: hasOther });
  await checkReplaceable(out);
  const data = await orSkip('data.json', ofFiles, () => readDataSummary(folder));
  const shown = await sectionsOf(found.runs, folder);
  const skipped = [...ofFiles, ...found.skipped, ...shown.skipped];
  const runs = shown.runs;
  if (runs.length === 0 && bench === undefined && sweeps.length === 0)
    throw noneReadable(folder, skipped);
  const dataPart =
    data === undefined
      ? undefined
      : await orSkip('data.json', skipped, () =>
          dataSection(data, { folder, targets: targetsOf(runs) }),
        );
  report(`report: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} in ${folder}`);
  skipped.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, reason } of skipped) report(`report: skipped ${name}: ${reason}`);
  const cards = cardsSection(runs);
  const sources = new Map(runs.map((run) => [resolve(run.folder), sourceId(run)]));
  const sourceOf = (run: string): string | undefined => sources.get(resolve(run));
  const sections = [
    ...(runs.length === 0 ? [] : [runsSection(runs), comparisonSection()]),
    ...(dataPart === undefined ? [] : [dataPart]),
    ...sweeps.map((sweep) => sweepSection(sweep, sourceOf)),
    ...shown.sections,
    ...(bench === undefined ? [] : [speedSection(bench)]),
    ...(cards === undefined ? [] : [cards]),
    ...(runs.length === 0 ? [] : [recordsSection(runs)]),
    ...(skipped.length === 0 ? [] : [skippedSection(skipped)]),
    limitsSection(),
  ];
  const page = await pageOf({
    title,
    subtitle: `${data === undefined ? '' : `${data.name}. `}${date.toISOString().slice(0, 10)}, ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}.`,
    summary: summaryBlock(runs, data),
    sections,
    runs: runs.map(pageRun),
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
      runs: runs.map((run) => run.name),
      skipped,
      figures: names.map((name) => join(out, 'figures', name)),
    };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
