import { percentText } from '@janus/core';
import type { EngineName } from '@janus/engine';
import { predictImages, translateImages, type UnreadableImage } from '@janus/runs';
import { Option, type Command } from 'commander';
import { csvFlag, engineFlag, jsonFlag } from '../flags.js';
import { predictionTable, translationTable } from '../image-tables.js';
import { createTerminal } from '../terminal.js';

interface Flags {
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
  readonly csv?: boolean;
}

interface TranslateFlags extends Flags {
  readonly out: string;
  readonly direction: 'x-to-y' | 'y-to-x';
}

const IMAGES =
  "image files, folders (with their subfolders), and patterns in quotes such as 'faces/*.jpg'";

/** Names each image that could not be used on standard error; with one of them, the command exits 1. */
function reportUnreadable(unreadable: readonly UnreadableImage[]): void {
  for (const { reason } of unreadable) process.stderr.write(`janus: ${reason}\n`);
  if (unreadable.length > 0) process.exitCode = 1;
}

/** `janus predict`. */
export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description("classify images with a trained classifier's run")
    .argument('<run>', 'classifier run')
    .argument('<image...>', IMAGES)
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addOption(csvFlag())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus predict runs/faces-presentation-vgg16 photo.jpg\n  $ npx janus predict runs/faces-presentation-vgg16 photos "more/*.png" --csv > predictions.csv',
    )
    .action(async (run: string, images: string[], { engine, json, csv = false }: Flags) => {
      const terminal = createTerminal(json === true, csv);
      const found = await predictImages(run, images, { engine, reporter: terminal });
      const { target, rows, unreadable } = found;
      terminal.result(
        found,
        csv
          ? predictionTable(found)
          : rows.map(({ file, prediction, probabilities }) => {
              const shares = Object.entries(probabilities)
                .map(([name, share]) => `${name} ${percentText(share)}`)
                .join(', ');
              return `${file}: ${target} ${prediction} (${shares})`;
            }),
      );
      reportUnreadable(unreadable);
    });
}

/** `janus translate`. */
export function addTranslateCommand(program: Command): void {
  program
    .command('translate')
    .description('translate the attribute of images with a trained CycleGAN')
    .argument('<run>', 'cyclegan run')
    .argument('<image...>', IMAGES)
    .requiredOption('--out <dir>', 'folder for the fakes, as PNG')
    .addOption(
      new Option('--direction <way>', 'which generator')
        .choices(['x-to-y', 'y-to-x'])
        .default('x-to-y'),
    )
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addOption(csvFlag())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus translate runs/cyclegan-feminine-masculine photo.jpg --out fakes\n  $ npx janus translate runs/cyclegan-feminine-masculine photos --out fakes --direction y-to-x',
    )
    .action(
      async (run: string, images: string[], { json, csv = false, ...options }: TranslateFlags) => {
        const terminal = createTerminal(json === true, csv);
        const made = await translateImages(run, images, { ...options, reporter: terminal });
        terminal.result(
          made,
          csv ? translationTable(made) : made.rows.map(({ out }) => `Wrote ${out}`),
        );
        reportUnreadable(made.unreadable);
      },
    );
}
