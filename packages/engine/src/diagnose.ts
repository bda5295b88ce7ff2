import { execFile } from 'node:child_process';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { cacheFolder } from '@janus/core';
import { gpuProblems, type Problem } from './install/gpu-problems.js';
import {
  installedRecord,
  missingCudaLibraries,
  type InstalledRecord,
} from './install/installed.js';
import { TENSORFLOW_VERSION } from './install/settings.js';
import { gpuSummary, MACHINE_PROBE, probeGpu, type GpuProbe } from './machine/gpu.js';
import { gpuInUse } from './native/gpu-in-use.js';
import { loadFailures } from './native/native-engine.js';
import { deviceName, useEngine } from './use-engine.js';

/** What `janus doctor` says. */
export interface Diagnosis {
  readonly engine: string;
  readonly engineVersion: string;
  readonly device: string;
  readonly node: string;
  readonly janus: string;
  /** The GPU with its driver and the CUDA release that this knows, or `no GPU` and why. */
  readonly gpu: string;
  /** Versions of the installed native library, or `none`. */
  readonly nativeLibrary: string;
  readonly memoryGb: number;
  readonly cache: string;
  readonly problems: readonly Problem[];
}

/** Returns which engine runs here and what would make it better. */
export async function diagnose(janus: string, probe: GpuProbe = MACHINE_PROBE): Promise<Diagnosis> {
  const problems: Problem[] = [];
  const [cpuBuild, gpuBuild, gpu] = await Promise.all([
    installedRecord('cpu'),
    installedRecord('gpu'),
    probeGpu(probe),
  ]);
  const native = gpuBuild ?? cpuBuild;
  if (native === undefined) {
    problems.push({
      what: `The native engine (TensorFlow ${TENSORFLOW_VERSION}) is not installed; wasm runs, several times slower.`,
      remedy: 'npx janus engine install',
    });
    for (const [program, args, remedy] of [
      ['python3', ['-m', 'pip', '--version'], 'apt install python3-pip'],
      ['g++', ['--version'], 'apt install g++'],
    ] as const) {
      if (!(await runs(program, args))) {
        problems.push({
          what: `${program} ${args.join(' ')} does not run; installing the native engine needs it.`,
          remedy,
        });
      }
    }
  }
  let engine = { name: 'none', version: '' };
  try {
    engine = await useEngine();
  } catch (error) {
    problems.push({
      what: error instanceof Error ? error.message : String(error),
      remedy: 'unset JANUS_ENGINE',
    });
  }
  const missing = gpuBuild === undefined ? [] : missingCudaLibraries();
  for (const { kind, reason } of loadFailures()) {
    if (kind === 'gpu' && missing.length > 0) continue; // said below, by their names
    problems.push({
      what: `The installed ${kind.toUpperCase()} build of TensorFlow does not load: ${reason}.`,
      remedy: kind === 'gpu' ? 'npx janus engine install --gpu' : 'npx janus engine install',
    });
  }
  problems.push(
    ...gpuProblems(gpu, {
      installed: gpuBuild !== undefined,
      missing,
      used: gpuInUse() !== undefined,
      visible: process.env['CUDA_VISIBLE_DEVICES'],
    }),
  );
  return {
    engine: engine.name,
    engineVersion: engine.version,
    device: deviceName(),
    node: process.version,
    janus,
    gpu: gpuSummary(gpu),
    nativeLibrary:
      [...libraryText('GPU', gpuBuild), ...libraryText('CPU', cpuBuild)].join('; ') || 'none',
    memoryGb: Math.round(totalmem() / 1e8) / 10,
    cache: cacheFolder(),
    problems,
  };
}

/** `2.21.0 (GPU build, CUDA 12.8.90, cuDNN 9.10.2.21)`. */
function libraryText(build: string, record: InstalledRecord | undefined): readonly string[] {
  if (record === undefined) return [];
  const versionIn = (wheel: string): string | undefined =>
    record.wheels?.find(({ name }) => name === wheel)?.version;
  const cuda = versionIn('nvidia-cuda-runtime-cu12');
  const cudnn = versionIn('nvidia-cudnn-cu12');
  const parts = [
    `${build} build`,
    ...(cuda === undefined ? [] : [`CUDA ${cuda}`]),
    ...(cudnn === undefined ? [] : [`cuDNN ${cudnn}`]),
  ];
  return [`${record.tensorflow} (${parts.join(', ')})`];
}

async function runs(program: string, args: readonly string[]): Promise<boolean> {
  try {
    await promisify(execFile)(program, args);
    return true;
  } catch {
    return false;
  }
}
