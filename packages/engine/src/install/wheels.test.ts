import { execFileSync } from 'node:child_process';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256OfFile } from '@janus/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Wheel } from './builds.js';
import { addWheel, cachedByPip, checkCudaLibraries } from './wheels.js';

/** The real interpreter, before a test puts another one into PATH. */
const python = ((): string | undefined => {
  try {
    return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
      encoding: 'utf8',
    }).trim();
  } catch {
    return undefined;
  }
})();
const absent = python === undefined;
const reason = absent ? ' (skipped: there is no python3)' : '';

let root = '';
let folder = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-wheels-'));
  folder = join(root, 'engine');
  await mkdir(join(root, 'bin'));
  await mkdir(folder);
  vi.stubEnv('PATH', `${join(root, 'bin')}:/usr/bin:/bin`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

/** A python3 whose pip "downloads" the file, and which else is the real one. */
async function plantPip(file: string): Promise<void> {
  const path = join(root, 'bin', 'python3');
  const download = `while [ "$1" != --dest ]; do shift; done; cp '${file}' "$2"; exit`;
  await writeFile(
    path,
    `#!/bin/sh\nif [ "$2 $3" = 'pip download' ]; then ${download}; fi\nexec '${python ?? ''}' "$@"\n`,
  );
  await chmod(path, 0o755);
}

async function wheelOf(names: readonly string[]): Promise<Wheel> {
  const file = 'part-1-py3-none-any.whl';
  const path = join(root, file);
  const script = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    for name in sys.argv[2:]: wheel.writestr(name, name)`;
  execFileSync(python ?? '', ['-c', script, path, ...names]);
  await plantPip(path);
  const [{ size }, sha256] = await Promise.all([stat(path), sha256OfFile(path)]);
  return { name: 'part', version: '1', file, bytes: size, sha256 };
}

async function filesIn(place: string): Promise<readonly string[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1))
    .sort();
}

describe.skipIf(absent)(`addWheel${reason}`, () => {
  const KEPT = [
    'nvidia/cuda_nvcc/bin/ptxas',
    'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
    'nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.8',
    'nvidia/cuda_nvrtc/lib/libnvrtc.so.12',
    'nvidia/cudnn/lib/libcudnn.so.9',
    'nvidia_cudnn_cu12-9.10.2.21.dist-info/licenses/License.txt',
    'tensorflow/include/tensorflow/c/c_api.h',
    'tensorflow/include/xla/tsl/c/tsl_status.h',
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.so.2',
    'ziglang/lib/libcxx/include/string',
    'ziglang/zig',
  ];
  const LEFT_OUT = [
    'nvidia/cublas/include/cublas.h',
    'nvidia/cublas/lib/libnvblas.so.12',
    'nvidia/cuda_nvcc/bin/crt/link.stub',
    'nvidia/cuda_nvrtc/lib/libnvrtc.alt.so.12',
    'nvidia/cusolver/lib/libcusolverMg.so.11',
    'tensorflow/include/tensorflow/core/framework/tensor.h',
    'tensorflow/python/_pywrap_tensorflow_internal.so',
    '../outside/tensorflow/libtensorflow_cc.so.2',
  ];

  it('unpacks its libraries, headers and compilers, and nothing else', async () => {
    await addWheel(await wheelOf([...KEPT, ...LEFT_OUT]), folder);
    expect(await filesIn(folder)).toEqual(KEPT);
    for (const program of ['nvidia/cuda_nvcc/bin/ptxas', 'ziglang/zig']) {
      const { mode } = await stat(join(folder, program));
      expect(mode & 0o100).toBe(0o100);
    }
  });

  it('unpacks nothing of a file with another hash', async () => {
    const wheel = { ...(await wheelOf(KEPT)), sha256: '0'.repeat(64) };
    await expect(addWheel(wheel, folder)).rejects.toThrow(/must have sha256 0{64}, but has /);
    expect(await filesIn(folder)).toEqual([join('downloads', wheel.file)]);
  });

  it('says why a file that has the hash cannot be unpacked', async () => {
    const wheel = await wheelOf(KEPT);
    const path = join(root, wheel.file);
    await writeFile(path, (await readFile(path)).subarray(0, 200));
    await expect(addWheel({ ...wheel, sha256: await sha256OfFile(path) }, folder)).rejects.toThrow(
      'engine install: could not unpack part-1-py3-none-any.whl (zipfile.BadZipFile: File is not a zip file).',
    );
  });

  it('says what pip downloaded in place of the file', async () => {
    const wheel = await wheelOf(KEPT);
    await copyFile(join(root, wheel.file), join(root, 'other.whl'));
    await plantPip(join(root, 'other.whl'));
    await expect(addWheel(wheel, folder)).rejects.toThrow(
      'pip must download part-1-py3-none-any.whl, but got other.whl. Repeat the command.',
    );
  });
});

describe.skipIf(absent)(`checkCudaLibraries${reason}`, () => {
  it('names a library that does not load', async () => {
    await plantPip('unused');
    await mkdir(join(folder, 'nvidia/cudnn/lib'), { recursive: true });
    await writeFile(join(folder, 'nvidia/cudnn/lib/libcudnn.so.9'), 'no library');
    await expect(checkCudaLibraries(folder)).rejects.toThrow(
      /the CUDA libraries must load, but one does not \(OSError: .*libcudnn\.so\.9: .*\)\. Omit --gpu/,
    );
  });
});

it('cachedByPip counts the copies that pip keeps on the same disk, and none without a cache', async () => {
  const wheels = [100, 23].map((bytes) => ({ bytes }) as Wheel);
  const path = join(root, 'bin', 'python3');
  await writeFile(path, '#!/bin/sh\nexit 1\n');
  await chmod(path, 0o755);
  expect(await cachedByPip(wheels, folder)).toBe(0);
  await writeFile(path, `#!/bin/sh\necho '${join(root, 'not', 'yet', 'there')}'\n`);
  expect(await cachedByPip(wheels, folder)).toBe(123);
});
