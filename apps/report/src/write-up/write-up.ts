/** A write-up: a template filled in from a report, as Markdown, a page and a PDF file, or as LaTeX. */
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { DataError, OptionsError } from '@janus/core';
import type { CollectedReport } from '../collect-report.js';
import type { PageFigure } from '../page-parts.js';
import { markdownFormat, markdownText, texFormat, type FormatSources } from './formats.js';
import { sweepFigureId } from '../sweep-section.js';
import { bestRun, reportTables, sweepId } from './report-tables.js';
import { fillTemplate, type FilledTemplate } from './template.js';
import type { TextTable } from './text-table.js';
import { reportValues } from './values.js';

/** A template that was read. */
export interface WriteUpTemplate {
  readonly path: string;
  readonly text: string;
}

/** What a write-up may show of a report. */
export interface WriteUpSources {
  readonly tables: ReadonlyMap<string, TextTable>;
  /** Figures by id. */
  readonly figures: ReadonlyMap<string, PageFigure>;
  /** Paths of PNG files by id: sheets of images of the runs. */
  readonly images: ReadonlyMap<string, string>;
  readonly values: ReturnType<typeof reportValues>;
}

/** A write-up before it is written. */
export interface FilledWriteUp extends FilledTemplate {
  /** Name of its files, without ending. */
  readonly name: string;
  readonly format: 'md' | 'tex';
}

/** Files of figures and images lie here, below the report. */
export const FIGURE_FOLDER = 'figures';

/**
 * Returns a template.
 *
 * @throws OptionsError when it ends in neither `.md` nor `.tex`, DataError when it cannot be read
 */
export async function readTemplate(path: string): Promise<WriteUpTemplate> {
  if (!['.md', '.tex'].includes(extname(path))) {
    throw new OptionsError(
      `report: --write-up must be a .md or a .tex file, but got ${path}. Give it one of these endings.`,
    );
  }
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new DataError(
      `report: --write-up must be a readable file, but ${path} is not (${code}). Check the path.`,
      { path, cause: error },
    );
  }
}

/** Sheets of a run that a write-up may show; those of each step are in the report's page. */
const isShown = (name: string): boolean => !name.startsWith('step-');

/**
 * Returns further names of figures and images: `table1` for the chart of a sweep, `table1-best-learning` for those of the run
 * of its best row.
 */
function aliasesOf(
  { sweeps, runs }: CollectedReport,
  names: readonly string[],
): ReadonlyMap<string, string> {
  const aliases = sweeps.flatMap((sweep) => {
    const id = sweepId(sweep, sweeps);
    const best = bestRun(sweep, runs)?.id;
    const own = names.flatMap((name) =>
      best !== undefined && name.startsWith(`${best}-`)
        ? [[`${id}-best-${name.slice(best.length + 1)}`, name] as const]
        : [],
    );
    return [[id, sweepFigureId(sweep, sweeps)] as const, ...own];
  });
  return new Map(aliases);
}

/** Returns items with those of aliases by both names. */
function withAliases<Item>(
  items: ReadonlyMap<string, Item>,
  aliases: ReadonlyMap<string, string>,
): ReadonlyMap<string, Item> {
  const more = [...aliases].flatMap(([alias, name]) => {
    const item = items.get(name);
    return item === undefined ? [] : [[alias, item] as const];
  });
  return new Map([...items, ...more]);
}

/** Returns what a write-up may show. */
export function writeUpSources(report: CollectedReport, date: Date): WriteUpSources {
  const { runs, sections } = report;
  const images = runs.flatMap((run) =>
    [...run.samples]
      .filter(([name]) => isShown(name))
      .map(([name, path]) => [`${run.id}-${name}`, path] as const),
  );
  const figures = sections.flatMap((section) => section.figures);
  const names = [...figures.map(({ id }) => id), ...images.map(([id]) => id)];
  const aliases = aliasesOf(report, names);
  return {
    tables: new Map(reportTables(report).map((table) => [table.id, table])),
    figures: withAliases(new Map(figures.map((each) => [each.id, each])), aliases),
    images: withAliases(new Map(images), aliases),
    values: reportValues(report, date),
  };
}

/** Returns a figure's own title, as plain text. */
function titleOf({ figure, id }: PageFigure): string {
  const { title } = figure.layout;
  const text =
    typeof title === 'object' && title !== null && 'text' in title ? String(title.text) : id;
  const [first = id] = text.split('<br>');
  return first
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/**
 * Fills a template in.
 *
 * @throws DataError when a placeholder has no source
 */
export function fillWriteUp(template: WriteUpTemplate, sources: WriteUpSources): FilledWriteUp {
  const { tables, figures, images, values } = sources;
  const format: FormatSources = {
    tables,
    captions: new Map([...figures].map(([id, figure]) => [id, titleOf(figure)])),
    figurePath: (id) => `${FIGURE_FOLDER}/${figures.get(id)?.id ?? id}`,
  };
  const known = {
    values,
    tables: new Set(tables.keys()),
    figures: new Set([...figures.keys(), ...images.keys()]),
  };
  const ending = extname(template.path);
  const isTex = ending === '.tex';
  const endingOf = (id: string): 'pdf' | 'png' => (figures.has(id) ? 'pdf' : 'png');
  const filled = fillTemplate(
    template,
    known,
    isTex ? texFormat(format, endingOf) : markdownFormat(format),
  );
  return { ...filled, name: basename(template.path, ending), format: isTex ? 'tex' : 'md' };
}

/** Returns the template of a report that has none of its own: all of its tables and figures. */
export function plainTemplate(title: string, report: CollectedReport): WriteUpTemplate {
  const { runs, sections } = report;
  const { tables } = writeUpSources(report, new Date(0));
  const ofRuns = new Set(runs.map(({ id }) => `${id}-measures`));
  const general = [...tables.keys()].filter((id) => !ofRuns.has(id));
  const parts = sections
    .filter(({ figures, run }) => figures.length > 0 || run !== undefined)
    .flatMap(({ title: heading, figures, run }) => [
      markdownText(`## ${heading}${run === undefined ? '' : ` (${run.name})`}`),
      ...(run !== undefined && tables.has(`${run.id}-measures`)
        ? [`{{table:${run.id}-measures}}`]
        : []),
      ...figures.map(({ id }) => `{{figure:${id}}}`),
    ]);
  const lines = [`# ${title}`, ...general.map((id) => `{{table:${id}}}`), ...parts];
  return { path: 'report.md', text: lines.join('\n\n') };
}
