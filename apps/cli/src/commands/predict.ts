import type { EngineName } from '@janus/engine';
import { predictionsOfOne, predictTargets } from '@janus/runs';
import type { Command } from 'commander';
import { csvFlag, engineFlag, jsonFlag } from '../flags.js';
import { predictionTable, targetsTable } from '../image-tables.js';
import { untilInterrupted } from '../interrupt.js';
import { IMAGES_HELP, reportUnreadable } from '../named-images.js';
import { predictionLines, targetLines } from '../prediction-lines.js';
import { createTerminal } from '../terminal.js';

interface Flags {
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
  readonly csv?: boolean;
}

const STOPPED = 'Stopped: no prediction is printed. To predict all images, repeat the command.';

/** `janus predict`. */
export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description("classify images with a trained classifier's run")
    .argument('<run>', 'classifier run, or a zip file of one')
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
      await untilInterrupted(terminal, STOPPED, async (signal) => {
        const found = await predictTargets(run, images, { engine, reporter: terminal, signal });
        if (found.targets.length === 1) {
          const one = predictionsOfOne(found);
          terminal.result(one, csv ? predictionTable(one) : predictionLines(one));
        } else {
          terminal.result(found, csv ? targetsTable(found) : targetLines(found));
        }
        reportUnreadable(found.unreadable);
      });
    });
}
