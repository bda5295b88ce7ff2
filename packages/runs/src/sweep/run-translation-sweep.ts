/** A table of translations: the course paper's Table 3, or one of one's own. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  readParts,
  readTranslationSweep,
  SILENT,
  TRANSLATION_SWEEP_FILE,
  writeFileAtomic,
  writeTranslationSweep,
  type EpochSheet,
  type RunRecord,
  type SweepFailure,
  type SweepLeft,
  type TranslationSweepRecord,
  type TranslationSweepRow,
} from '@janus/core';
import { isStopped } from '../context.js';
import { openDomain, sampledDomain, type Domain } from '../cyclegan/domains.js';
import {
  type CycleGanPreset,
  type CycleGanRunOptions,
  type ResolvedCycleGanOptions,
} from '../cyclegan/options.js';
import { readSamples, sampleImages, type WatchedImages } from '../cyclegan/samples.js';
import { trainCycleGan } from '../cyclegan/train.js';
import { openItems } from '../item-images.js';
import { chosenRows, rowFolder } from './chosen-rows.js';
import { sheetGroups, writeEpochSheets } from './epoch-sheets.js';
import { recordOfTranslation, testEvaluationOf } from './finished-translation.js';
import { planTranslation, shownEpochs } from './plan-translation.js';
import { judgedOf, measuresOf } from './translation-measures.js';
import type { SweepContext } from './run-sweep.js';
import type { CycleGanSweepRow } from './sweep-row.js';
import { translationCsv, translationMarkdown } from './translation-table.js';

/** What a sweep of translations is. */
export interface TranslationSweepOptions {
  /** Name of the table. */
  readonly name: string;
  readonly rows: readonly CycleGanSweepRow[];
  /** Domain X of all rows, as of a training. */
  readonly x: string;
  readonly y: string;
  /** The sweep's folder: a run a row, `row-01` and so on, the table, and sheets. */
  readonly out: string;
  /** Factor of training images and updates, above 0; default 1. */
  readonly scale?: number;
  /** Numbers of the rows to run, from 1; default all. Finished rows are in the table in any case. */
  readonly only?: readonly number[];
  /** Options that all rows have instead of their own, such as the size of images; default none. */
  readonly overrides?: Partial<CycleGanPreset>;
  /** Folder of a classifier run that judges the fakes; default none. */
  readonly judge?: string;
}

/** The table of a sweep, and how the call ended. */
export interface TranslationSweepResult extends TranslationSweepRecord {
  readonly folder: string;
  /** Files of the table and its sheets. */
  readonly files: readonly string[];
  /** False when it was interrupted: repeat it. */
  readonly finished: boolean;
}

/** A row and what it trains. */
interface Row {
  readonly number: number;
  readonly row: CycleGanSweepRow;
  readonly folder: string;
  readonly training: CycleGanRunOptions;
}

/** A row, how the sweep goes, and what an earlier call wrote. */
interface RowWork {
  readonly row: Row;
  readonly options: TranslationSweepOptions;
  readonly context: SweepContext;
  readonly before: TranslationSweepRecord | undefined;
}

/**
 * Trains and evaluates the rows of a table, one after the other, and writes the table and the sheets of the same images
 * through each row after each. Finished rows are skipped, a stopped one is resumed. A row that fails is listed in the result,
 * and the others go on.
 *
 * @throws OptionsError when a number in `only` is not a row, or the scale is not above 0; DataError when a domain has no
 * images
 */
export async function runTranslationSweep(
  options: TranslationSweepOptions,
  context: SweepContext = {},
): Promise<TranslationSweepResult> {
  const { reporter = SILENT, overwrite = false, signal } = context;
  const chosen = chosenRows(options);
  const domains = {
    x: await openDomain(options.x, 'train'),
    y: await openDomain(options.y, 'train'),
  };
  await mkdir(options.out, { recursive: true });
  const before = await readTranslationSweep(options.out);
  const found: Found = { done: [], failed: [], left: [], domains };
  for (const row of rowsOf(options, domains)) {
    const { name } = row.row;
    const work = { row, options, context, before };
    const mayTrain = chosen.has(row.number) && signal?.aborted !== true;
    try {
      const isNew = mayTrain && overwrite;
      const kept = isNew ? undefined : await keptRow(work);
      const result = kept ?? (mayTrain ? await trainRow(work, isNew) : secondsBefore(work));
      if (typeof result === 'number') found.left.push({ row: row.number, name, seconds: result });
      else found.done.push({ row, record: result });
      if (kept === undefined && typeof result !== 'number') {
        reporter.log(`${options.name}, row ${row.number} (${name}): done`);
        await writeTable(options, found);
      }
    } catch (error) {
      if (isStopped(error, signal)) {
        found.left.push({ row: row.number, name, seconds: secondsBefore(work) });
        continue;
      }
      const reason = error instanceof Error ? error.message : String(error);
      reporter.log(`${options.name}, row ${row.number} (${name}): ${reason}`);
      found.failed.push({ row: row.number, name, reason });
    }
  }
  const { record, files } = await writeTable(options, found);
  return { ...record, folder: options.out, files, finished: signal?.aborted !== true };
}

/** What is known so far. */
interface Found {
  readonly done: { readonly row: Row; readonly record: TranslationSweepRow }[];
  readonly failed: SweepFailure[];
  readonly left: SweepLeft[];
  readonly domains: { readonly x: Domain; readonly y: Domain };
}

function rowsOf(
  { rows, x, y, out, scale = 1, overrides = {} }: TranslationSweepOptions,
  domains: Found['domains'],
): readonly Row[] {
  const available = [domains.x.items.length, domains.y.items.length] as const;
  return rows.map((row, i) => ({
    ...{ number: i + 1, row, folder: rowFolder(out, i + 1) },
    training: planTranslation(row, { x, y, available, scale, overrides }),
  }));
}

/** Returns a row that an earlier call finished, evaluated if it was not; undefined where none did. */
async function keptRow(work: RowWork): Promise<TranslationSweepRow | undefined> {
  const record = await recordOfTranslation(work.row.folder, work.row.training);
  return record?.status === 'finished' ? await doneRow(work, record) : undefined;
}

/** Trains and evaluates a row; returns the time spent when it was interrupted. */
async function trainRow(work: RowWork, isNew: boolean): Promise<TranslationSweepRow | number> {
  const { row, context } = work;
  const isBegun = existsSync(join(row.folder, 'run.json'));
  const run = await trainCycleGan(row.training, {
    ...{ ...context, folder: row.folder },
    existing: !isBegun ? 'refuse' : isNew ? 'overwrite' : 'resume',
    sampleAfter: shownEpochs(row.row, row.training).map(({ step }) => step),
  });
  const seconds = (isNew ? 0 : secondsBefore(work)) + run.seconds;
  const record = await recordOfTranslation(row.folder, row.training);
  return run.finished && record !== undefined ? await doneRow(work, record, seconds) : seconds;
}

/** Returns the time that earlier calls spent on a row. */
function secondsBefore({ row, before }: Pick<RowWork, 'row' | 'before'>): number {
  const isOwn = ({ row: number }: { readonly row: number }): boolean => number === row.number;
  return (before?.rows.find(isOwn) ?? before?.left.find(isOwn))?.seconds ?? 0;
}

/** Returns a row whose run is finished, measured. */
async function doneRow(
  work: RowWork,
  { result }: RunRecord<ResolvedCycleGanOptions>,
  seconds?: number,
): Promise<TranslationSweepRow> {
  const { row, options, context } = work;
  const { folder } = row;
  const { xToY, yToX } = await testEvaluationOf(folder, options.judge, context);
  const parts = await readParts(folder);
  const images = Object.values(parts?.domains ?? {}).map(
    (domain) => domain?.parts.train.length ?? 0,
  );
  return {
    ...{ row: row.number, name: row.row.name, paper: row.row.paper ?? null },
    ours: judgedOf([xToY, yToX]),
    ...{ xToY: measuresOf(xToY), yToX: measuresOf(yToX) },
    images: images.reduce((sum, count) => sum + count, 0),
    updates: Number(result?.['steps'] ?? 0),
    seconds: seconds ?? (secondsBefore(work) || Number(result?.['seconds'] ?? 0)),
    run: folder,
  };
}

/** Writes the table of the rows that are done, and their sheets. */
async function writeTable(
  options: TranslationSweepOptions,
  found: Found,
): Promise<{ readonly record: TranslationSweepRecord; readonly files: readonly string[] }> {
  const { name, scale = 1, judge = null, out } = options;
  const { domains, failed, left, done } = found;
  const sheets = await sheetsOf(options, found);
  const record: TranslationSweepRecord = {
    ...{ format: 1, name, scale, judge, failed, left, sheets },
    domains: { x: domains.x.title, y: domains.y.title },
    rows: done.map((each) => each.record),
  };
  await writeTranslationSweep(out, record);
  const texts = {
    'sweep.md': `${translationMarkdown(record).join('\n')}\n`,
    'sweep.csv': translationCsv(record),
  };
  for (const [file, text] of Object.entries(texts)) await writeFileAtomic(join(out, file), text);
  const names = [
    ...[TRANSLATION_SWEEP_FILE, ...Object.keys(texts)],
    ...sheets.flatMap(({ files }) => files),
  ];
  return { record, files: names.map((file) => join(out, file)) };
}

async function sheetsOf(
  { out }: TranslationSweepOptions,
  { done, domains }: Found,
): Promise<readonly EpochSheet[]> {
  const sheets: EpochSheet[] = [];
  for (const { note, group } of sheetGroups(done.map(({ row }) => row))) {
    const [first] = group;
    if (first === undefined) continue;
    const watched = { ...(await watchedImages(domains, first.training)), note };
    const rows = await Promise.all(
      group.map(async ({ number, row, folder, training }) => ({
        label: `${number}: ${row.name}`,
        samples: await readSamples(folder),
        epochs: shownEpochs(row, training),
      })),
    );
    sheets.push(...(await writeEpochSheets(out, rows, watched)));
  }
  return sheets.sort((a, b) => a.epoch - b.epoch);
}

/** Returns the images that every row of a size and seed watches: the first of its sample. */
async function watchedImages(
  { x, y }: Found['domains'],
  training: CycleGanRunOptions,
): Promise<WatchedImages> {
  const { imageSize: size, imageWidth: width } = training;
  const open = (domain: Domain): ReturnType<typeof openItems> => {
    const { items, folder } = sampledDomain(domain, training);
    return openItems(items, { size, width, folder, reporter: SILENT });
  };
  const sample = await sampleImages(await open(x), await open(y));
  return { ...sample, titles: { x: x.title, y: y.title } };
}
