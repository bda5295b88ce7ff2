import { countText, intervalText } from '@janus/core';
import type { EngineName } from '@janus/engine';
import {
  EXPORT_FORMATS,
  exportRun,
  type ExportFormat,
  type ExportLoss,
  type ExportResult,
} from '@janus/runs';
import { Option, type Command } from 'commander';
import { engineFlag, jsonFlag } from '../flags.js';
import { createTerminal } from '../terminal.js';

interface Flags {
  readonly format: ExportFormat;
  readonly out: string;
  readonly measure: boolean;
  readonly data?: string;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

/** `janus export`. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description(
      "write a run's classifier for other programs, and measure what the format costs on the images of the run's evaluation",
    )
    .argument('<run>', 'run folder of a classifier')
    .addOption(
      new Option(
        '--format <name>',
        "tfjs: TensorFlow.js layers; safetensors: torchvision's names, for PyTorch (VGG-16 alone)",
      )
        .choices(EXPORT_FORMATS)
        .default('tfjs'),
    )
    .requiredOption('--out <dir>', 'folder to write: a new one, or that of an earlier export')
    .option('--no-measure', 'do not predict with the export')
    .option('--data <dir>', 'data folder, where it has moved')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus export runs/faces-presentation-vgg16 --format tfjs-uint8 --out exports/faces',
    )
    .action(async (run: string, { json, engine, ...options }: Flags) => {
      const terminal = createTerminal(json === true);
      const result = await exportRun(run, options, { engine, reporter: terminal });
      terminal.endProgress();
      terminal.result(result, exportLines(result));
    });
}

/** Bytes of a megabyte. */
const MEGABYTE = 1e6;

function exportLines({ out, files, bytes, format, loss, losses }: ExportResult): readonly string[] {
  return [
    `Wrote ${files.join(', ')} to ${out}: ${format}, ${(bytes / MEGABYTE).toFixed(1)} MB of weights`,
    ...(loss === null ? [] : [lossLine(loss)]),
    ...Object.entries(losses ?? {}).map(([target, each]) => `${target}: ${lossLine(each)}`),
  ];
}

/** Returns what a format costs: accuracy before and after. */
const lossLine = (loss: ExportLoss): string =>
  `On the ${loss.split} split, n = ${countText(loss.n)}: accuracy ${intervalText(loss.original)} before, ${intervalText(loss.exported)} after; ${countText(loss.changed)} predictions changed, probabilities by ${loss.largestDifference.toPrecision(2)} at most`;
