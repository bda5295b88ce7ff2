import {
  importCongress,
  importCsv,
  importFairface,
  importFolder,
  importSynthetic,
  type StepResult,
} from '@janus/data';
import { Argument, Option, type Command } from 'commander';
import { jsonFlag, numberBetween, wholeNumber } from '../../flags.js';
import { createTerminal, type Terminal } from '../../terminal.js';
import { printStep } from './print-step.js';

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

/** `janus data import`. */
export function addImport(data: Command): void {
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
