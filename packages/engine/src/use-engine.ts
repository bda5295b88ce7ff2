import { cpus } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { EnvironmentError, OptionsError } from '@janus/core';
import { correctGradients } from './correct-gradients.js';
import { gpuText } from './machine/gpu.js';
import { threadsAsked } from './machine/threads-setting.js';
import { registerImageNorm } from './native/fused-instance-norm.js';
import { registerFusedGradients } from './native/fused-native.js';
import { gpuInUse } from './native/gpu-in-use.js';
import { startNative } from './native/native-engine.js';
import { registerImageOps } from './native/native-image-ops.js';
import { restoreRemovedUtilities } from './native/native.js';
import { prepareWasm } from './wasm/threads.js';
import { registerWasmTrainingKernels } from './wasm/training.js';

/** The engines, fastest first: the native TensorFlow library, WebAssembly, plain JavaScript. */
export type EngineName = 'tensorflow' | 'wasm' | 'js';

/** The engine that is in use. */
export interface Engine {
  readonly name: EngineName;
  /** Version of the library behind it: TensorFlow's for `tensorflow`, else tfjs's. */
  readonly version: string;
  /** The GPU, or the processor and its number of threads. */
  readonly device: string;
  /** One line for a person: what was chosen, and why nothing faster. */
  readonly line: string;
}

/** Options of {@link useEngine}. */
export interface UseEngineOptions {
  /** Default `auto`: the engine that `JANUS_ENGINE` names, else the fastest available one. */
  readonly engine?: EngineName | 'auto';
}

const NAMES: readonly EngineName[] = ['tensorflow', 'wasm', 'js'];

let current: Engine | undefined;

function isEngineName(name: string): name is EngineName {
  return (NAMES as readonly string[]).includes(name);
}

/** Returns the GPU in use, else the processor's name and its number of threads, in one line. */
export function deviceName(): string {
  const gpu = gpuInUse();
  if (gpu !== undefined && tf.getBackend() === 'tensorflow') return gpuText(gpu);
  const [first] = cpus();
  return `${first?.model.trim() ?? 'unknown processor'}, ${cpus().length} threads`;
}

function wanted(asked: EngineName | 'auto'): EngineName | 'auto' {
  if (asked !== 'auto') return asked;
  const named = process.env['JANUS_ENGINE'];
  if (named === undefined || named === '' || named === 'auto') return 'auto';
  if (!isEngineName(named)) {
    throw new OptionsError(
      `JANUS_ENGINE: must be one of auto, ${NAMES.join(', ')}, but got ${named}. Unset it to let Janus choose.`,
    );
  }
  return named;
}

/**
 * Chooses and starts the engine that all tensors live on from then on, and returns it; asking for the
 * same one again does nothing. Order: the native TensorFlow library, WebAssembly, plain JavaScript.
 *
 * @throws EnvironmentError when an engine asked for by name does not start
 * @throws OptionsError when `JANUS_ENGINE` names no engine or `JANUS_THREADS` is not a whole number
 */
export async function useEngine(options: UseEngineOptions = {}): Promise<Engine> {
  const asked = wanted(options.engine ?? 'auto');
  if (current !== undefined && (asked === 'auto' || asked === current.name)) return current;
  restoreRemovedUtilities();
  correctGradients();
  threadsAsked();
  const misses: string[] = [];
  for (const name of asked === 'auto' ? NAMES : [asked]) {
    try {
      const { version, notes } = await startEngine(name);
      const reasons = [...misses, ...notes];
      const why = reasons.length === 0 ? '' : ` (${reasons.join('; ')})`;
      current = {
        name,
        version,
        device: deviceName(),
        line: `Engine: ${name} ${version} on ${deviceName()}${why}`,
      };
      return current;
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      misses.push(`no ${name}: ${reason}`);
    }
  }
  throw new EnvironmentError(
    `useEngine: ${misses.join('; ')}. Let Janus choose (engine \`auto\`), or run \`npx janus engine install\`.`,
  );
}

interface StartedEngine {
  readonly version: string;
  /** Reasons why it is not faster. */
  readonly notes: readonly string[];
}

async function startEngine(name: EngineName): Promise<StartedEngine> {
  switch (name) {
    case 'tensorflow': {
      const native = await startNative();
      await activate('tensorflow');
      registerFusedGradients();
      registerImageNorm();
      registerImageOps();
      return native;
    }
    case 'wasm': {
      const notes = await prepareWasm();
      await activate('wasm');
      registerWasmTrainingKernels();
      return { version: tf.version_core, notes };
    }
    case 'js':
      await activate('cpu');
      return { version: tf.version_core, notes: [] };
  }
}

async function activate(backend: string): Promise<void> {
  if (!(await tf.setBackend(backend)))
    throw new EnvironmentError(`tfjs's backend ${backend} does not start`);
  await tf.ready();
}
