import { resolve, join } from 'node:path';
import {
  cleanDataset,
  datasetStats,
  importCongress,
  importCsv,
  importFairface,
  importFolder,
  importSynthetic,
  openDataset,
  splitDataset,
  type StepResult,
} from '@janus/data';
import { Argument, Option, type Command } from 'commander';
import { jsonFlag, listOf, numberBetween, wholeNumber } from '../flags.js';
import { writeSheet } from '../sheets.js';
import { createTerminal, type Terminal } from '../terminal.js';

interface ImportFlags {
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly size: number;
  readonly seed: number;
  readonly labelNoise?: string;
  readonly noiseRate: number;
  readonly blankRate: number;
  readonly corruptRate: number;
  readonly duplicateRate: number;
  readonly picturesPerPerson: number;
  readonly imageColumn?: string;
  readonly idColumn?: string;
  readonly identityColumn?: string;
  readonly root?: string;
  readonly boxUnit?: 'pixel' | 'fraction';
}

const SOURCES = ['csv', 'folder', 'congress', 'fairface', 'synthetic'] as const;
type Source = (typeof SOURCES)[number];

/** `janus data import|clean|split|stats|show`. */
export function addDataCommands(program: Command): void {
  const data = program.command('data').description('make, clean, split and look at image sets');
  addImport(data);
  addClean(data);
  addSplit(data);
  addStats(data);
  addShow(data);
}

function addImport(data: Command): void {
  data
    .command('import')
    .description('make a data folder from a source')
    .addArgument(new Argument('<source>', 'kind of source').choices(SOURCES))
    .argument('<input>', 'file or folder; for synthetic, how many faces')
    .requiredOption('--out <dir>', 'the data folder to be made')
    .option('--force', 'replace the data set that is there')
    .option('--size <px>', 'synthetic: side of a picture, 32 to 512', wholeNumber(32), 128)
    .option('--seed <n>', 'synthetic: which faces', wholeNumber(0), 1)
    .option('--label-noise <column>', 'synthetic: plant wrong labels in this column')
    .option('--noise-rate <rate>', 'synthetic: share of wrong labels', numberBetween(0, 1), 0.05)
    .option('--blank-rate <rate>', 'synthetic: share of blank pictures', numberBetween(0, 1), 0)
    .option('--corrupt-rate <rate>', 'synthetic: share of broken files', numberBetween(0, 1), 0)
    .option('--duplicate-rate <rate>', 'synthetic: share of duplicates', numberBetween(0, 1), 0)
    .option('--pictures-per-person <n>', 'synthetic: pictures of one person', wholeNumber(1), 1)
    .option('--image-column <name>', 'csv: column with the path of the picture')
    .option('--id-column <name>', 'csv: column with ids (default: the path)')
    .option('--identity-column <name>', 'csv: column with the person')
    .option('--root <dir>', 'csv: where relative paths begin (default: beside the table)')
    .addOption(
      new Option('--box-unit <unit>', 'csv: unit of x1, y1, x2, y2').choices(['pixel', 'fraction']),
    )
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx janus data import synthetic 600 --out data/faces --size 64\n  $ npx janus data import folder photos --out data/photos',
    )
    .action(async (source: Source, input: string, flags: ImportFlags) => {
      const terminal = createTerminal(flags.json === true);
      const result = await importFrom(source, input, { flags, terminal });
      printStep(terminal, `Imported into ${flags.out}`, result);
    });
}

async function importFrom(
  source: Source,
  input: string,
  context: { readonly flags: ImportFlags; readonly terminal: Terminal },
): Promise<StepResult> {
  const { flags, terminal } = context;
  const options = { out: flags.out, force: flags.force === true };
  switch (source) {
    case 'folder':
      return await importFolder(input, options);
    case 'congress':
      return await importCongress(input, options);
    case 'fairface':
      return await importFairface(input, options);
    case 'csv':
      return await importCsv(input, {
        ...options,
        ...(flags.imageColumn === undefined ? {} : { imageColumn: flags.imageColumn }),
        ...(flags.idColumn === undefined ? {} : { idColumn: flags.idColumn }),
        ...(flags.identityColumn === undefined ? {} : { identityColumn: flags.identityColumn }),
        ...(flags.root === undefined ? {} : { root: flags.root }),
        ...(flags.boxUnit === undefined ? {} : { boxUnit: flags.boxUnit }),
      });
    case 'synthetic':
      return await importSynthetic(input, {
        ...options,
        size: flags.size,
        seed: flags.seed,
        ...(flags.labelNoise === undefined
          ? {}
          : { labelNoise: { column: flags.labelNoise, rate: flags.noiseRate } }),
        blankRate: flags.blankRate,
        corruptRate: flags.corruptRate,
        duplicateRate: flags.duplicateRate,
        picturesPerPerson: flags.picturesPerPerson,
        report: terminal.progress,
      });
  }
}

function addClean(data: Command): void {
  data
    .command('clean')
    .description('look at every picture and take out what is not fit, each with its reason')
    .argument('<dir>', 'data folder')
    .option('--min-size <px>', 'shorter side', wholeNumber(1), 32)
    .option('--labels <columns>', 'columns in which unknown values remove the row', listOf, [])
    .option('--keep-duplicates', 'keep byte-identical pictures')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus data clean data/faces --labels presentation')
    .action(
      async (
        dir: string,
        flags: {
          minSize: number;
          labels: readonly string[];
          keepDuplicates?: boolean;
          json?: boolean;
        },
      ) => {
        const terminal = createTerminal(flags.json === true);
        const result = await cleanDataset(dir, {
          minSize: flags.minSize,
          labels: flags.labels,
          duplicates: flags.keepDuplicates !== true,
          report: terminal.progress,
        });
        printStep(terminal, `Cleaned ${dir}`, result);
      },
    );
}

function addSplit(data: Command): void {
  data
    .command('split')
    .description('assign train, validation and test: people kept together, strata kept even')
    .argument('<dir>', 'data folder')
    .option('--validation <share>', 'share for validation', numberBetween(0, 0.9), 0.15)
    .option('--test <share>', 'share for test', numberBetween(0, 0.9), 0.15)
    .option('--stratify <columns>', 'columns spread evenly', listOf, [])
    .option('--group <column>', 'column whose values stay together', 'identity')
    .option('--seed <n>', 'another seed, another split', wholeNumber(0), 1)
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus data split data/faces --stratify presentation')
    .action(
      async (
        dir: string,
        flags: {
          validation: number;
          test: number;
          stratify: readonly string[];
          group: string;
          seed: number;
          json?: boolean;
        },
      ) => {
        const { json, ...options } = flags;
        const terminal = createTerminal(json === true);
        const result = await splitDataset(dir, options);
        const { train, validation, test } = result.splits;
        terminal.result(result, [
          `Split ${dir}: ${train} train, ${validation} validation, ${test} test (${result.groups} groups)`,
        ]);
      },
    );
}

function addStats(data: Command): void {
  data
    .command('stats')
    .description('count what a data folder holds')
    .argument('<dir>', 'data folder')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus data stats data/faces')
    .action(async (dir: string, flags: { json?: boolean }) => {
      const terminal = createTerminal(flags.json === true);
      const stats = datasetStats(await openDataset(dir));
      const counts = (values: Readonly<Record<string, number>>): string =>
        Object.entries(values)
          .map(([value, count]) => `${value} ${count}`)
          .join(', ') || 'none';
      terminal.result(stats, [
        `${dir}: ${stats.rows} rows, ${stats.kept} kept, ${stats.identities} identities`,
        `removed      ${counts(stats.removed)}`,
        `splits       ${counts(stats.splits)}`,
        ...Object.entries(stats.values).map(
          ([name, values]) => `${name.padEnd(12)} ${counts(values)}`,
        ),
      ]);
    });
}

function addShow(data: Command): void {
  data
    .command('show')
    .description('draw sheets of kept and removed pictures for a person to check')
    .argument('<dir>', 'data folder')
    .option('--by <column>', 'one sheet row a value of this column')
    .option('--count <n>', 'pictures on a sheet', wholeNumber(1), 40)
    .option('--out <dir>', 'where the sheets go (default: the data folder)')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus data show data/faces --by presentation')
    .action(
      async (dir: string, flags: { by?: string; count: number; out?: string; json?: boolean }) => {
        const terminal = createTerminal(flags.json === true);
        const dataset = await openDataset(dir);
        const out = resolve(flags.out ?? dir);
        const sheets: string[] = [];
        for (const status of ['kept', 'removed'] as const) {
          const file = join(out, `${status}.png`);
          const drawn = await writeSheet(dataset, file, {
            status,
            count: flags.count,
            ...(flags.by === undefined ? {} : { by: flags.by }),
          });
          if (drawn > 0) sheets.push(file);
        }
        terminal.result(
          { sheets },
          sheets.map((sheet) => `Drew ${sheet}`),
        );
      },
    );
}

function printStep(terminal: Terminal, what: string, result: StepResult): void {
  terminal.result(result, [
    `${what}: ${result.rows} rows, ${result.rejected} rejected`,
    ...Object.entries(result.reasons).map(([reason, count]) => `  ${count} ${reason}`),
  ]);
}
