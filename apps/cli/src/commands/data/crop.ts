import { CROP_MARGIN, type CropResult } from '@janus/data';
import { cropImages, type CropImagesOptions } from '@janus/runs';
import { Option, type Command } from 'commander';
import { engineFlag, jsonFlag, numberBetween, wholeNumber } from '../../flags.js';
import { INTERRUPTED, interruptSignal } from '../../interrupt.js';
import { createTerminal, type Terminal } from '../../terminal.js';
import { printStep } from './print-step.js';

interface CropFlags extends Omit<CropImagesOptions, 'reporter' | 'signal'> {
  readonly json?: boolean;
}

/** `janus data crop`. */
export function addCrop(data: Command): void {
  data
    .command('crop')
    .description('crop every image to one size, by its box or by the face that is found in it')
    .argument('<dir>', 'data folder')
    .addOption(
      new Option(
        '--by <what>',
        'the boxes of the source, or a detected face (default: box where there are boxes)',
      ).choices(['box', 'face']),
    )
    .option('--size <px>', 'side of the new images (default: 224)', wholeNumber(16))
    .option(
      '--margin <share>',
      `added at each side, of the box's longer side (default: ${CROP_MARGIN.box} by box, ${CROP_MARGIN.face} by face)`,
      numberBetween(0, 4),
    )
    .addOption(
      new Option('--shape <shape>', 'square, or the shape of the box (default: square)').choices([
        'square',
        'box',
      ]),
    )
    .option('--grey', 'grey images')
    .addOption(
      new Option('--format <format>', 'of the new files (default: jpg)').choices(['jpg', 'png']),
    )
    .option(
      '--min-side <px>',
      'boxes and faces whose longer side is shorter do not count (default: 32)',
      wholeNumber(1),
    )
    .addOption(
      new Option(
        '--without-face <policy>',
        'an image without a face: reject it, or keep the square in its middle (default: reject)',
      ).choices(['reject', 'keep']),
    )
    .addOption(
      new Option(
        '--several-faces <policy>',
        'an image with several: reject it, or take one (default: reject)',
      ).choices(['reject', 'largest', 'surest', 'middle']),
    )
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
Originals stay where they are; the new images lie in <dir>/crops, and crop.parquet tells what was done to each.

Examples:
  $ npx janus data crop data/members --by face --grey
  $ npx janus data crop data/listed --by box --margin 0.2 --size 128`,
    )
    .action(async (dir: string, { json, ...options }: CropFlags) => {
      const terminal = createTerminal(json === true);
      const signal = interruptSignal();
      const result = await cropImages(dir, { ...options, signal, reporter: terminal });
      print(terminal, dir, result);
      if (!result.finished) process.exitCode = INTERRUPTED;
    });
}

function print(terminal: Terminal, dir: string, result: CropResult): void {
  const { cropped, seconds, clipped, finished } = result;
  const rate = seconds > 0 ? cropped / seconds : 0;
  const done = `${cropped} images in ${seconds.toFixed(1)} s (${rate.toFixed(1)}/s)`;
  if (!finished) {
    terminal.endProgress();
    terminal.result(result, [`Stopped after ${done}. Go on: repeat the command`]);
    return;
  }
  printStep(
    terminal,
    `Cropped ${done} of ${dir}, ${clipped} of them moved or cut at the edge`,
    result,
  );
}
