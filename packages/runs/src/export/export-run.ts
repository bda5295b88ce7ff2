/** A run's classifier for other programs, with what the format costs. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeSafetensors,
  encodeSafetensors,
  OptionsError,
  SILENT,
  writeFileAtomic,
  writeJson,
  type Reporter,
  type RunRecord,
} from '@janus/core';
import {
  loadClassifier,
  loadHeads,
  loadTarget,
  readHeadsDescription,
  rgbScaling,
  saveClassifier,
  saveHeads,
  setTorchvisionWeights,
  torchvisionWeights,
  type TrainedClassifier,
  type WeightType,
} from '@janus/models';
import {
  readClassifierRun,
  type ClassifierRunOptions,
  type ResolvedClassifierOptions,
} from '../classifier/options.js';
import { startEngine, type ReadContext } from '../context.js';
import { measureExport, type ExportLoss } from './measure-export.js';

/**
 * `tfjs`: TensorFlow.js layers, float32; `tfjs-float16` and `tfjs-uint8`: the same in a half and a quarter of the bytes.
 * `safetensors`: float32 with torchvision's names, for PyTorch; of VGG-16 alone.
 */
export type ExportFormat = 'tfjs' | 'tfjs-float16' | 'tfjs-uint8' | 'safetensors';

/** The names of all formats. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  'tfjs',
  'tfjs-float16',
  'tfjs-uint8',
  'safetensors',
];

/** Options of {@link exportRun}. */
export interface ExportRunOptions {
  readonly format: ExportFormat;
  /** The folder to write; must be empty, or hold an export, which is replaced. */
  readonly out: string;
  /** Whether the exported classifier predicts the images of the run's evaluation; default true. */
  readonly measure?: boolean;
  /** The data folder, where it has moved since the training; default: where it was. */
  readonly data?: string;
}

/** What {@link exportRun} wrote. */
export interface ExportResult {
  readonly run: string;
  readonly format: ExportFormat;
  readonly out: string;
  /** Names in the folder. */
  readonly files: readonly string[];
  /** Of all weights. */
  readonly bytes: number;
  /** What the format costs; null where it was not measured, and of a run of several targets. */
  readonly loss: ExportLoss | null;
  /** Of a run of several targets, or a number: what the format costs each, by target. */
  readonly losses?: Readonly<Record<string, ExportLoss>>;
}

/** What an export leaves in its folder, written last: a folder that has it is complete. */
const RECORD = 'export.json';

/**
 * Writes a run's classifier in a format of other programs, reads it back, and measures what the format costs: accuracy before
 * and after on the images of the run's evaluation.
 *
 * @throws DataError when the folder holds no finished classifier run, it was not evaluated (with `measure`), or its data is
 * not there; OptionsError when the output folder holds something else, or the format does not suit the network
 */
export async function exportRun(
  run: string,
  options: ExportRunOptions,
  context: ReadContext = {},
): Promise<ExportResult> {
  const { format, out, measure = true, data } = options;
  const { reporter = SILENT } = context;
  const record = await readClassifierRun(run);
  checkBackbone(format, record.options);
  await checkFolder(out);
  const several = await readHeadsDescription(join(run, 'model'));
  if (several !== undefined) checkHeads(format);
  await startEngine(context);
  if (several !== undefined) return await exportHeads(run, options, { record, reporter });
  const classifier = await loadClassifier(join(run, 'model'));
  try {
    await mkdir(out, { recursive: true });
    const files = await write(classifier, { format, out, options: record.options });
    files.push(...(await copyCards(run, out)));
    const weights = format === 'safetensors' ? 'model.safetensors' : 'weights.bin';
    const loss = measure
      ? await measureExport(run, {
          ...{ classifier, data: data ?? record.options.data, options: record.options, reporter },
          exported: async () => await readBack(run, out, format),
        })
      : null;
    const { size: bytes } = await stat(join(out, weights));
    const result: ExportResult = { run, format, out, files, bytes, loss };
    await writeJson(join(out, RECORD), result);
    return result;
  } finally {
    classifier.model.dispose();
  }
}

/** Writes all heads of a run of several targets, or of a number, and measures each. */
async function exportHeads(
  run: string,
  { format, out, measure = true, data }: ExportRunOptions,
  {
    record,
    reporter,
  }: {
    readonly record: RunRecord<ResolvedClassifierOptions>;
    readonly reporter: Reporter;
  },
): Promise<ExportResult> {
  const heads = await loadHeads(join(run, 'model'));
  try {
    await mkdir(out, { recursive: true });
    await saveHeads(out, heads, weightType(format));
    const files = [...TFJS_FILES, ...(await copyCards(run, out))];
    const losses: Record<string, ExportLoss> = {};
    for (const { target } of measure ? heads.description.targets : []) {
      const classifier = await loadTarget(join(run, 'model'), target);
      try {
        losses[target] = await measureExport(run, {
          ...{ classifier, data: data ?? record.options.data, options: record.options, reporter },
          exported: async () => await loadTarget(out, target),
        });
      } finally {
        classifier.dispose();
      }
    }
    const { size: bytes } = await stat(join(out, 'weights.bin'));
    const result = { run, format, out, files, bytes, loss: null, losses };
    await writeJson(join(out, RECORD), result);
    return result;
  } finally {
    heads.dispose();
  }
}

/** Throws an OptionsError for a format that holds one head. */
function checkHeads(format: ExportFormat): void {
  if (format !== 'safetensors') return;
  throw new OptionsError(
    'export: safetensors has the names of a network of one head, but the run tells several targets, or a number. Export it as tfjs, which has an output for each.',
  );
}

/** Copies the cards of a run that was evaluated, and returns their names. */
async function copyCards(run: string, out: string): Promise<readonly string[]> {
  const cards = ['card.md', 'card.json'].filter((card) => existsSync(join(run, card)));
  for (const card of cards) await copyFile(join(run, card), join(out, card));
  return cards;
}

/** What a layers model has. */
const TFJS_FILES = ['model.json', 'weights.bin', 'janus.json'] as const;

/** Returns what the weights of a layers model are written as. */
const weightType = (format: ExportFormat): WeightType =>
  format === 'tfjs-float16' ? 'float16' : format === 'tfjs-uint8' ? 'uint8' : 'float32';

function checkBackbone(format: ExportFormat, { backbone }: ClassifierRunOptions): void {
  if (!EXPORT_FORMATS.includes(format)) {
    throw new OptionsError(
      `export: format must be one of ${EXPORT_FORMATS.join(', ')}, but got ${format}. Name one of these.`,
    );
  }
  if (format !== 'safetensors' || backbone === 'vgg16') return;
  throw new OptionsError(
    `export: safetensors has torchvision's names of VGG-16, but the run's backbone is ${backbone}. Export it as tfjs.`,
  );
}

async function checkFolder(out: string): Promise<void> {
  if (!existsSync(out)) return;
  const entries = await readdir(out);
  if (entries.length === 0 || entries.includes(RECORD)) return;
  throw new OptionsError(
    `${out}: an export needs an empty folder, or that of an earlier export, but this one holds other files. Name another with --out.`,
  );
}

interface Writing {
  readonly format: ExportFormat;
  readonly out: string;
  readonly options: ClassifierRunOptions;
}

/** Writes the files of a format and returns their names. */
async function write(
  classifier: TrainedClassifier,
  { format, out, options }: Writing,
): Promise<string[]> {
  const { model, description } = classifier;
  switch (format) {
    case 'tfjs':
    case 'tfjs-float16':
    case 'tfjs-uint8': {
      await saveClassifier(out, classifier, weightType(format));
      return [...TFJS_FILES];
    }
    case 'safetensors': {
      const { preprocessing, imageSize, classes, target } = description;
      const temperature = description.temperature?.value ?? 1;
      const arrays = await torchvisionWeights({ model, preprocessing });
      const { mean, deviation } = rgbScaling(preprocessing);
      const facts = {
        ...{ architecture: 'vgg16', cut: options.cut, pooling: options.pooling },
        ...{ normalisation: options.normalisation, head: options.head, target, classes, imageSize },
        ...{ channels: 'RGB', range: [0, 255], mean, deviation, temperature },
      };
      await writeJson(join(out, 'janus.json'), facts);
      await writeFileAtomic(
        join(out, 'model.safetensors'),
        encodeSafetensors(arrays, {
          ...{ format: 'pt', temperature: String(temperature), preprocessing },
        }),
      );
      return ['model.safetensors', 'janus.json'];
    }
  }
}

/** Returns the classifier that an export holds; the caller disposes its model. */
async function readBack(
  run: string,
  out: string,
  format: ExportFormat,
): Promise<TrainedClassifier> {
  if (format !== 'safetensors') return await loadClassifier(out);
  const classifier = await loadClassifier(join(run, 'model'));
  const path = join(out, 'model.safetensors');
  const { arrays } = decodeSafetensors(await readFile(path), path);
  const { preprocessing } = classifier.description;
  setTorchvisionWeights({ model: classifier.model, preprocessing }, arrays);
  return classifier;
}
