import { execFile } from 'node:child_process';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { cacheFolder } from '@janus/core';
import { compilerProblems } from './install/compiler.js';
import { gpuProblems, type Problem } from './install/gpu-problems.js';
import {
  installedRecord,
  missingCudaLibraries,
  type InstalledRecord,
} from './install/installed.js';
import { TENSORFLOW_VERSION } from './install/settings.js';
import { gpuSummary, MACHINE_PROBE, probeGpu, type GpuProbe } from './machine/gpu.js';
import { gpuInUse } from './native/gpu-in-use.js';
import { computesWithOneDnn } from './native/native.js';
import { loadFailures } from './native/native-engine.js';
import { deviceName, useEngine } from './use-engine.js';

/** The engine and device in use, and what keeps this machine from something faster. */
export interface Diagnosis {
  /** An engine's name; `none` where none starts. */
  readonly engine: string;
  /** TensorFlow's version for the native engine, else tfjs's. */
  readonly engineVersion: string;
  /** The GPU, or the processor and its number of threads. */
  readonly device: string;
  /** Node's version, `v20.20.2`. */
  readonly node: string;
  /** Janus' version. */
  readonly janus: string;
  /** The GPU with its driver and the CUDA release that the driver supports, or `no GPU` and why. */
  readonly gpu: string;
  /** Versions of the installed native library, or `none`. */
  readonly nativeLibrary: string;
  /** Whether TensorFlow computes with oneDNN, and if not, why; `none` on other engines. */
  readonly oneDnn: string;
  /** Memory of the machine, in GB of 10^9 bytes. */
  readonly memoryGb: number;
  /** Folder of the per-user cache. */
  readonly cache: string;
  /** What could be better, each with its remedy; empty when nothing. */
  readonly problems: readonly Problem[];
}

/**
 * Starts an engine if none runs, and returns which one it is, on what device, and what would make it
 * faster. A missing or broken engine is a problem in the result, never an exception.
 *
 * @param janus the version of Janus
 * @param probe looks at the machine's GPUs; default: at this machine
 */
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
      what: `The native engine (TensorFlow ${TENSORFLOW_VERSION}) is not installed; the wasm engine is several times slower.`,
      remedy: 'npx janus engine install',
    });
    if (!(await runs('python3', ['-m', 'pip', '--version']))) {
      problems.push({
        what: 'Installing the native engine needs python3 -m pip --version, which does not run here.',
        remedy: 'apt install python3-pip',
      });
    }
    problems.push(...(await compilerProblems()));
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
    if (kind === 'gpu' && missing.length > 0) continue; // reported below, with their names
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
    oneDnn: engine.name === 'tensorflow' ? oneDnnText() : 'none',
    memoryGb: Math.round(totalmem() / 1e8) / 10,
    cache: cacheFolder(),
    problems,
  };
}

/** Returns whether oneDNN computes, and if not, what keeps it from doing so. */
function oneDnnText(): string {
  if (computesWithOneDnn()) return 'in use';
  const asked = process.env['TF_ENABLE_ONEDNN_OPTS'];
  const reason =
    asked !== undefined
      ? `TF_ENABLE_ONEDNN_OPTS is ${asked}`
      : 'this processor has no AVX2, without which it is slower';
  return `not in use: ${reason}`;
}

/** Returns an installed build as `2.21.0 (GPU build, CUDA 12.8.90, cuDNN 9.10.2.21)`; nothing for none. */
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
