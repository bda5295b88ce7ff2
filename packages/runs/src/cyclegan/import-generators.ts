/** A run folder from generators that the CycleGAN repository trained. */
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { DataError, decodeSafetensors, OptionsError, SILENT } from '@janus/core';
import {
  assignArrays,
  buildGenerator,
  readReferenceGenerator,
  registerLayers,
  saveModel,
  variablesOf,
  type ReferenceGenerator,
} from '@janus/models';
import { startEngine, type RunContext } from '../context.js';
import { closeRun, openRun } from '../run-folder.js';
import { whileLocked } from '../run-lock.js';
import { absoluteSource, hashOfDomains, openDomain, type Domain } from './domains.js';
import { CYCLEGAN_RUN_PAPER, type ResolvedCycleGanOptions } from './options.js';
import { writeTranslationDescription } from './translation-description.js';

/** Options of {@link importGenerators}. */
export interface ImportGeneratorsOptions {
  /** Safetensors file of the generator X to Y, as `tools/convert_cyclegan.py` writes it. */
  readonly xToY: string;
  /** That of Y to X; absent: the run translates one way, and cannot be evaluated. */
  readonly yToX?: string;
  /** Images of domain X, as in a training; default none, with which the run can translate but not be evaluated. */
  readonly x?: string;
  /** Images of domain Y. */
  readonly y?: string;
  /** Side of the images that the run is for, in pixels; default 256, that of the repository. */
  readonly size?: number;
}

/** What {@link importGenerators} made. */
export interface ImportedGenerators {
  /** The run's folder. */
  readonly folder: string;
  /** What each generator is, such as `resnet-9 of 64 filters`. */
  readonly generators: readonly string[];
}

/**
 * Makes a run folder of generators that the CycleGAN repository trained, so that `translate` and `evaluate` take it as one of
 * our runs.
 *
 * @throws DataError when a file is not a generator of the repository; OptionsError when the two are of different forms, or
 * the folder holds a run already
 */
export async function importGenerators(
  options: ImportGeneratorsOptions,
  context: Pick<RunContext, 'folder' | 'existing' | 'engine' | 'reporter'> = {},
): Promise<ImportedGenerators> {
  const { size = 256, xToY, yToX } = options;
  const { reporter = SILENT, existing = 'refuse' } = context;
  const forward = await readGenerator(xToY);
  const backward = yToX === undefined ? undefined : await readGenerator(yToX);
  const form = formText(forward);
  if (backward !== undefined && formText(backward) !== form) {
    throw new OptionsError(
      `importGenerators: both generators must be of one form, but ${xToY} is ${form} and ${yToX ?? ''} ${formText(backward)}. Import each into a run of its own.`,
    );
  }
  const engine = await startEngine({ ...context, reporter: SILENT });
  registerLayers();
  const [x, y] = [await domainOf(options.x, 'X'), await domainOf(options.y, 'Y')];
  const name = basename(xToY, extname(xToY));
  const { folder = join('runs', `cyclegan-${name}`) } = context;
  return await whileLocked({ folder, work: 'training', reporter }, async () => {
    const record = await openRun({
      kind: 'cyclegan',
      folder,
      name: `${x.title} to ${y.title}`,
      options: runOptions(forward, { ...options, size }),
      updates: 0,
      dataHash: hashOfDomains(x, y),
      engine,
      existing,
      reporter,
    });
    await saveGenerator(join(folder, 'model', 'G'), forward, size);
    if (backward !== undefined) await saveGenerator(join(folder, 'model', 'F'), backward, size);
    await writeTranslationDescription(folder, { x: x.title, y: y.title, imageSize: size });
    const result = { finished: true, steps: 0, seconds: 0, imagesPerSecond: 0, peakRssMb: 0 };
    await closeRun(record, { folder, ...result });
    return {
      folder,
      generators: [forward, backward].flatMap((each) => (each ? [formText(each)] : [])),
    };
  });
}

/** What is known of a domain whose images were not named. */
async function domainOf(source: string | undefined, title: string): Promise<Domain> {
  if (source !== undefined) return await openDomain(source, 'test');
  return { source: title, title, hash: title, items: [] };
}

async function readGenerator(path: string): Promise<ReferenceGenerator> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new DataError(
      `${path}: must be a safetensors file, but cannot be read. Convert the .pth file with tools/convert_cyclegan.py.`,
      { path, cause: error },
    );
  }
  try {
    return readReferenceGenerator(decodeSafetensors(bytes, path).arrays);
  } catch (error) {
    if (!(error instanceof DataError) || error.path !== undefined) throw error;
    throw new DataError(`${path}: ${error.message}`, { path, cause: error });
  }
}

const formText = ({ options }: ReferenceGenerator): string =>
  `${options.architecture}${options.architecture === 'resnet' ? `-${options.blocks}` : ''} of ${options.filters} filters, norm ${options.norm}`;

function runOptions(
  { options }: ReferenceGenerator,
  given: ImportGeneratorsOptions & { readonly size: number },
): ResolvedCycleGanOptions {
  const { architecture, blocks, filters, norm, channels } = options;
  return {
    ...CYCLEGAN_RUN_PAPER,
    ...{ generator: architecture, generatorFilters: filters, norm, channels, precision: 'float32' },
    ...(architecture === 'resnet' ? { generatorBlocks: blocks } : {}),
    imageSize: given.size,
    x: given.x === undefined ? 'X' : absoluteSource(given.x),
    y: given.y === undefined ? 'Y' : absoluteSource(given.y),
  };
}

async function saveGenerator(
  folder: string,
  { options, arrays }: ReferenceGenerator,
  imageSize: number,
): Promise<void> {
  const model = buildGenerator({ ...options, imageSize });
  try {
    assignArrays(variablesOf(model, { trainableOnly: false }), arrays);
    await saveModel(folder, model);
  } finally {
    model.dispose();
  }
}
