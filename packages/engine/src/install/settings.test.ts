import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { engineEnvironment } from './settings.js';

describe('engineEnvironment', () => {
  it('leaves what is set already', () => {
    expect(engineEnvironment({ MALLOC_MMAP_MAX_: '7' })).toMatchObject({
      MALLOC_MMAP_MAX_: '7',
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    });
  });

  it('switches oneDNN on where the processor has AVX2, unless the user decided', () => {
    const avx2 = new Set(['avx', 'avx2', 'fma']);
    expect(engineEnvironment({}, avx2)).toMatchObject({ TF_ENABLE_ONEDNN_OPTS: '1' });
    expect(engineEnvironment({}, new Set(['avx']))).not.toHaveProperty('TF_ENABLE_ONEDNN_OPTS');
    const off = engineEnvironment({ TF_ENABLE_ONEDNN_OPTS: '0' }, avx2);
    expect(off).toMatchObject({ TF_ENABLE_ONEDNN_OPTS: '0' });
  });

  it('hands the threads asked for to TensorFlow', () => {
    expect(engineEnvironment({})).not.toHaveProperty('TF_NUM_INTRAOP_THREADS');
    expect(engineEnvironment({ JANUS_THREADS: '3' })).toMatchObject({
      TF_NUM_INTRAOP_THREADS: '3',
      TF_NUM_INTEROP_THREADS: '3',
    });
  });

  it('is what a started process finds', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['-p', 'process.env.MALLOC_MMAP_MAX_ + process.env.MALLOC_TRIM_THRESHOLD_'],
      { env: { ...process.env, ...engineEnvironment({}) } },
    );
    expect(stdout.trim()).toBe('04294967296');
  });
});
