import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { OptionsError } from '@janus/core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { correctGradients } from './correct-gradients.js';
import { registerPictureNorm } from './fused-instance-norm.js';
import { registerFusedGradients } from './fused-native.js';
import { installedAddon, registerNative, restoreRemovedUtilities } from './native.js';
import { registerWasmTrainingKernels } from './wasm-training.js';

/** The engines, best first. */
export type EngineName = 'tensorflow' | 'wasm' | 'js';

/** What computes, and the line that says so. */
export interface Engine {
  readonly name: EngineName;
  /** Of the library behind it: TensorFlow's, or tfjs's. */
  readonly version: string;
  /** The processor it runs on. */
  readonly device: string;
  /** One line for a person: what was chosen, and why not a better one. */
  readonly line: string;
}

/** Options of {@link useEngine}. */
export interface UseEngineOptions {
  /** Default `auto`: what `JANUS_ENGINE` names, else the best that can be had. */
  readonly engine?: EngineName | 'auto';
}

const NAMES: readonly EngineName[] = ['tensorflow', 'wasm', 'js'];

const require = createRequire(import.meta.url);
let current: Engine | undefined;
let nativeVersion: string | undefined;

function isEngineName(name: string): name is EngineName {
  return (NAMES as readonly string[]).includes(name);
}

/** Returns the processor's name and how many of its threads this process may use. */
export function deviceName(): string {
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
 * Chooses, starts and returns the engine that all tensors live on from here; asking again for the
 * same one does nothing. Order: the native TensorFlow library, WebAssembly, plain JavaScript.
 *
 * @throws OptionsError when an engine asked for by name cannot be had
 */
export async function useEngine(options: UseEngineOptions = {}): Promise<Engine> {
  const asked = wanted(options.engine ?? 'auto');
  if (current !== undefined && (asked === 'auto' || asked === current.name)) return current;
  restoreRemovedUtilities();
  correctGradients();
  const misses: string[] = [];
  for (const name of asked === 'auto' ? NAMES : [asked]) {
    try {
      const version = await startEngine(name);
      const why = misses.length === 0 ? '' : ` (${misses.join('; ')})`;
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
  throw new OptionsError(
    `useEngine: ${misses.join('; ')}. Leave the engine to \`auto\`, or run \`npx janus engine install\`.`,
  );
}

async function startEngine(name: EngineName): Promise<string> {
  switch (name) {
    case 'tensorflow': {
      if (installedAddon() === undefined) {
        throw new Error('not installed, `npx janus engine install` does it');
      }
      nativeVersion ??= registerNative();
      await activate('tensorflow');
      registerFusedGradients();
      registerPictureNorm();
      return nativeVersion;
    }
    case 'wasm': {
      const dist = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
      setWasmPaths(`${dist}/`);
      await activate('wasm');
      registerWasmTrainingKernels();
      return tf.version_core;
    }
    case 'js':
      await activate('cpu');
      return tf.version_core;
  }
}

async function activate(backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error('the backend does not start');
  await tf.ready();
}
