import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '@janus/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { diagnose } from './diagnose.js';
import { CUDA_LIBRARIES } from './install/builds.js';
import { nativeFolder } from './install/installed.js';
import { graphAddonFile, loadAddonFile } from './install/settings.js';
import type { GpuProbe } from './machine/gpu.js';
import { useEngine } from './use-engine.js';

/** A machine with an H100 whose driver is older than TensorFlow's CUDA. */
const OLD_DRIVER: GpuProbe = {
  text: (path) =>
    Promise.resolve(
      path === '/proc/driver/nvidia/version'
        ? 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  525.60.13  Wed Nov 30 06:39:21 UTC 2022\n'
        : undefined,
    ),
  names: () => Promise.resolve([]),
  output: (program, args) =>
    Promise.resolve(program === 'nvidia-smi' && args.length > 0 ? 'NVIDIA H100, 9.0\n' : undefined),
};

let cache = '';

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'janus-doctor-'));
  vi.stubEnv('JANUS_CACHE', cache);
  vi.stubEnv('JANUS_ENGINE', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

/** A GPU build whose addons are no libraries. */
async function plantBrokenBuild(): Promise<void> {
  const folder = nativeFolder('gpu');
  await mkdir(folder, { recursive: true });
  const record = {
    tensorflow: '2.21.0',
    wheels: [
      { name: 'nvidia-cuda-runtime-cu12', version: '12.8.90' },
      { name: 'nvidia-cudnn-cu12', version: '9.10.2.21' },
    ],
  };
  await writeFile(join(folder, 'installed.json'), JSON.stringify(record));
  for (const name of ['tfjs_binding.node', graphAddonFile(), loadAddonFile()]) {
    await writeFile(join(folder, name), 'no library');
  }
  for (const [part, names] of Object.entries(CUDA_LIBRARIES)) {
    const place = join(folder, 'nvidia', part, 'lib');
    await mkdir(place, { recursive: true });
    for (const name of names) await writeFile(join(place, name), 'no library');
  }
}

it('lists the versions of a GPU build, what does not fit, and what does not load', async () => {
  await plantBrokenBuild();
  const { gpu, nativeLibrary, oneDnn, problems, engine } = await diagnose('0.1.0', OLD_DRIVER);
  expect(engine).not.toBe('tensorflow');
  expect(oneDnn).toBe('none');
  expect(gpu).toBe('NVIDIA H100 (driver 525.60.13, CUDA 12.0)');
  expect(nativeLibrary).toBe('2.21.0 (GPU build, CUDA 12.8.90, cuDNN 9.10.2.21)');
  expect(problems.map(({ what }) => what)).toEqual([
    expect.stringContaining('The installed GPU build of TensorFlow does not load: '),
    expect.stringContaining('supports CUDA 12.0, but TensorFlow 2.21.0 needs 12.5.'),
  ]);
});

it('names a library that is gone from a GPU build', async () => {
  await plantBrokenBuild();
  await rm(join(nativeFolder('gpu'), 'nvidia', 'cudnn', 'lib', 'libcudnn.so.9'));
  const noGpu: GpuProbe = {
    text: () => Promise.resolve(undefined),
    names: () => Promise.resolve([]),
    output: () => Promise.resolve(undefined),
  };
  const { gpu, problems } = await diagnose('0.1.0', noGpu);
  expect(gpu).toBe('no GPU: no NVIDIA driver is loaded');
  expect(problems).toEqual([
    {
      what: 'The installed GPU build lacks libcudnn.so.9 and cannot load without it.',
      remedy: 'npx janus engine install --gpu',
    },
  ]);
});

it('useEngine says why the GPU build is not used', async () => {
  await plantBrokenBuild();
  await expect(useEngine({ engine: 'tensorflow' })).rejects.toThrow(
    /^useEngine: no tensorflow: the GPU build does not load: .*tfjs_binding\.node: /,
  );
  await expect(useEngine({ engine: 'tensorflow' })).rejects.toThrow(EnvironmentError);
});
