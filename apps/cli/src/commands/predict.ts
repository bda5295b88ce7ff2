import { percentText } from '@janus/core';
import type { EngineName } from '@janus/engine';
import { predictImages } from '@janus/runs';
import type { Command } from 'commander';
import { csvFlag, engineFlag, jsonFlag } from '../flags.js';
import { predictionTable } from '../image-tables.js';
import { IMAGES_HELP, reportUnreadable } from '../named-images.js';
import { createTerminal } from '../terminal.js';

interface Flags {
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `janus predict`. */
export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description("classify images with a trained classifier's run")
    .argument('<run>', 'classifier run')
    .argument('<image...>', IMAGES_HELP)
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
