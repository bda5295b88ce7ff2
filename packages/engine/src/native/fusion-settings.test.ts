import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fusionSettings } from './fusion-settings.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-fusion-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function addCompiler(build: string): Promise<string> {
  const compiler = join(build, 'nvidia', 'cuda_nvcc');
  for (const file of ['bin/ptxas', 'nvvm/libdevice/libdevice.10.bc']) {
    await mkdir(dirname(join(compiler, file)), { recursive: true });
    await writeFile(join(compiler, file), '');
  }
  return compiler;
}

it('asks for fusion only where the build has a compiler, and as the user says', async () => {
  const build = join(folder, 'gpu');
  expect(fusionSettings(build, {})).toEqual({});
  const compiler = await addCompiler(build);
  expect(fusionSettings(build, {})).toEqual({
    TF_XLA_FLAGS: '--tf_xla_auto_jit=2',
    XLA_FLAGS: `--xla_gpu_cuda_data_dir=${compiler}`,
  });
  expect(fusionSettings(build, { JANUS_XLA: '0' })).toEqual({});
  const own = { TF_XLA_FLAGS: '--tf_xla_auto_jit=-1', XLA_FLAGS: '--xla_gpu_autotune_level=0' };
  expect(fusionSettings(build, own)).toEqual(own);
});

it('names no folder that a flag cannot hold', async () => {
  const build = join(folder, 'with a space');
  await addCompiler(build);
  expect(fusionSettings(build, {})).toEqual({ TF_XLA_FLAGS: '--tf_xla_auto_jit=2' });
});
