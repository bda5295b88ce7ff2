/** Everything that a report shows, read from a folder of runs. */
import { resolve } from 'node:path';
import {
  html,
  readBench,
  readRunDrawings,
  type BenchRecord,
  type SweepRecord,
  type TranslationSweepRecord,
} from '@janus/core';
import type { Figure } from '@janus/figures';
import { classifierSection } from './classifier-section.js';
import { cardsSection, limitsSection, recordsSection, skippedSection } from './closing-sections.js';
import { dataSection } from './data-section.js';
import { readDataSummary, type DataSummary } from './data-summary.js';
import { figureBlock, type CaptionedFigure, type Section } from './page-parts.js';
import {
  noneReadable,
  orSkip,
  readRuns,
  type FoundRuns,
  type ReportRun,
  type SkippedRun,
} from './read-runs.js';
import { comparisonSection, runsSection, sourceBlock, sourceId } from './runs-section.js';
import { readAllSeeds, seedsSection, type FoundSeeds } from './seeds-section.js';
import { speedSection } from './speed-section.js';
import { readSweeps, sweepSection } from './sweep-section.js';
import { translationSection } from './translation-section.js';
import {
  readTranslationSweeps,
  translationSweepSection,
  type FoundTranslations,
} from './translation-sweep-section.js';

/** What a folder of runs holds, and how the page shows it. */
export interface CollectedReport {
  /** Those that can be shown, the classifiers first. */
  readonly runs: readonly ReportRun[];
  readonly sweeps: readonly SweepRecord[];
  /** What was trained with several seeds. */
  readonly seeds: readonly FoundSeeds[];
  readonly translations: readonly TranslationSweepRecord[];
  readonly data: DataSummary | undefined;
  readonly sections: readonly Section[];
  /** By name. */
  readonly skipped: readonly SkippedRun[];
}

function targetsOf(runs: readonly ReportRun[]): readonly string[] {
  return runs.flatMap((run) => {
    const target = run.record.options['target'];
    return typeof target === 'string' ? [target] : [];
  });
}

/** Returns the drawings of a run's networks: `<run>-networks`, and of a CycleGAN `<run>-cyclegan`. */
async function drawingsOf(run: ReportRun): Promise<readonly CaptionedFigure[]> {
  const drawings = await readRunDrawings(run.folder);
  return drawings.map(({ id, caption, figure }) => ({
    id: `${run.id}-${id}`,
    // What a training wrote: a figure as plain JSON.
    figure: figure as unknown as Figure,
    caption,
  }));
}

async function sectionOf(run: ReportRun, folder: string): Promise<Section> {
  const section = await (run.kind === 'classifier'
    ? classifierSection(run)
    : translationSection(run));
  const drawings = await drawingsOf(run);
  return {
    ...{ ...section, run },
    body: html`${section.body}${drawings.map(figureBlock)}${sourceBlock(run, folder)}`,
    figures: [...section.figures, ...drawings],
  };
}

/** The runs that can be shown, the classifiers first, with their sections, and the others. */
interface Shown extends FoundRuns {
  readonly sections: readonly Section[];
}

async function sectionsOf(found: readonly ReportRun[], folder: string): Promise<Shown> {
  const skipped: SkippedRun[] = [];
  const order = [
    ...found.filter((run) => run.kind === 'classifier'),
    ...found.filter((run) => run.kind !== 'classifier'),
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

/** What stands before and after the sections of runs. */
interface Surroundings {
  readonly shown: Shown;
  readonly sweeps: readonly SweepRecord[];
  readonly seeds: readonly FoundSeeds[];
  /** Of the tables of translations. */
  readonly translations: readonly Section[];
  readonly dataPart: Section | undefined;
  readonly bench: BenchRecord | undefined;
  readonly skipped: readonly SkippedRun[];
}

function allSections({
  shown,
  sweeps,
  seeds,
  translations,
  dataPart,
  bench,
  skipped,
}: Surroundings): readonly Section[] {
  const { runs } = shown;
  const cards = cardsSection(runs);
  const sources = new Map(runs.map((run) => [resolve(run.folder), sourceId(run)]));
  const sourceOf = (run: string): string | undefined => sources.get(resolve(run));
  return [
    ...(runs.length === 0 ? [] : [runsSection(runs), comparisonSection()]),
    ...(dataPart === undefined ? [] : [dataPart]),
    ...sweeps.map((sweep) => sweepSection(sweep, sweeps, sourceOf)),
    ...translations,
    ...seeds.map((each) => seedsSection(each, sourceOf)),
    ...shown.sections,
    ...(bench === undefined ? [] : [speedSection(bench)]),
    ...(cards === undefined ? [] : [cards]),
    ...(runs.length === 0 ? [] : [recordsSection(runs)]),
    ...(skipped.length === 0 ? [] : [skippedSection(skipped)]),
    limitsSection(),
  ];
}

/** Returns the sections of tables of translations; one whose images cannot be read goes to `skipped`. */
async function shownTables(
  tables: readonly FoundTranslations[],
  skipped: SkippedRun[],
): Promise<readonly Section[]> {
  const made = await Promise.all(
    tables.map((table) =>
      orSkip(table.record.name, skipped, () => translationSweepSection(table, tables)),
    ),
  );
  return made.filter((section) => section !== undefined);
}

/**
 * Reads a run, or a folder with runs in it. A run or file that cannot be read is skipped.
 *
 * @throws DataError when there is neither a run, a table of several runs nor `bench.json` that can be read
 */
export async function collectReport(folder: string): Promise<CollectedReport> {
  const ofFiles: SkippedRun[] = [];
  const bench = await orSkip('bench.json', ofFiles, () => readBench(folder));
  const sweeps = await readSweeps(folder, ofFiles);
  const tables = await readTranslationSweeps(folder, ofFiles);
  const seeds = await readAllSeeds(folder, ofFiles);
  const hasTables = sweeps.length + tables.length + seeds.length > 0;
  const mayBeNone = bench !== undefined || hasTables || ofFiles.length > 0;
  const found = await readRuns(folder, { mayBeNone });
  const data = await orSkip('data.json', ofFiles, () => readDataSummary(folder));
  const shown = await sectionsOf(found.runs, folder);
  const skipped = [...ofFiles, ...found.skipped, ...shown.skipped];
  const { runs } = shown;
  if (runs.length === 0 && bench === undefined && !hasTables) {
    throw noneReadable(folder, skipped);
  }
  const about = { folder, targets: targetsOf(runs) };
  const dataPart =
    data === undefined
      ? undefined
      : await orSkip('data.json', skipped, () => dataSection(data, about));
  const translations = await shownTables(tables, skipped);
  skipped.sort((a, b) => (a.name < b.name ? -1 : 1));
  const sections = allSections({ shown, sweeps, seeds, translations, dataPart, bench, skipped });
  const records = tables.map(({ record }) => record);
  return { runs, sweeps, seeds, translations: records, data, sections, skipped };
}
