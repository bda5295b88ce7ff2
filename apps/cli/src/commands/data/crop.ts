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
    .description('crop every image to one size, around its box or a detected face')
    .argument('<dir>', 'data folder')
    .addOption(
      new Option(
        '--by <what>',
        'crop around the boxes of the source or detected faces (default: box if the source has boxes, else face)',
      ).choices(['box', 'face']),
    )
    .option('--size <px>', 'side of the crops, 16 to 2048 (default: 224)', wholeNumber(16))
    .option(
      '--margin <share>',
      `margin on each side, as a share of the box's longer side, 0 to 4 (default: ${CROP_MARGIN.box} by box, ${CROP_MARGIN.face} by face)`,
      numberBetween(0, 4),
    )
    .addOption(
      new Option(
        '--shape <shape>',
        'shape of the crops: square, or that of the box (default: square)',
      ).choices(['square', 'box']),
    )
    .option('--grey', 'write greyscale images')
    .addOption(
      new Option('--format <format>', 'file format of the crops (default: jpg)').choices([
        'jpg',
        'png',
      ]),
    )
    .option(
      '--min-side <px>',
      'ignore boxes and faces whose longer side is shorter (default: 32)',
      wholeNumber(1),
    )
    .addOption(
      new Option(
        '--without-face <policy>',
        'images without a face: reject them, or keep the centre square (default: reject)',
      ).choices(['reject', 'keep']),
    )
    .addOption(
      new Option(
        '--several-faces <policy>',
        'images with several faces: reject them, or take the largest, the most certain (surest) or the most central (middle) face (default: reject)',
      ).choices(['reject', 'largest', 'surest', 'middle']),
    )
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
Originals are not changed; the crops are in <dir>/crops, and crop.parquet records how each was made.

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
    terminal.result(result, [`Stopped after ${done}. Repeat the command to resume.`]);
    return;
  }
  printStep(
    terminal,
    `Cropped ${done} of ${dir}, ${clipped} of them moved or cut off at the edge`,
    result,
  );
}
