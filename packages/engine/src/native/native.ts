import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { ENGINE_BUILDS } from '../install/builds.js';
import { nativeFolder } from '../install/installed.js';
import { engineEnvironment, loadAddonFile } from '../install/settings.js';
import { fusionSettings } from './fusion-settings.js';
import { registerRecordableGather } from './gather-native.js';
import { loadGraphAddon, type GraphAddon } from './graph-addon.js';
import { janusBackendOf, type NativeBinding, type NodeBackend } from './native-backend.js';

const require = createRequire(import.meta.url);

let graphs: GraphAddon | undefined;

/**
 * Returns the addon that builds and runs graphs.
 *
 * @throws Error when the native engine is not started
 */
export function graphAddon(): GraphAddon {
  if (graphs === undefined) throw new Error('the native engine is not started');
  return graphs;
}

/**
 * Restores two functions of `node:util` that the native backend calls and that Node 23 removed. Where
 * they exist it changes nothing.
 */
export function restoreRemovedUtilities(): void {
  const target = util as unknown as Record<string, unknown>;
  target['isNullOrUndefined'] ??= (value: unknown): boolean =>
    value === null || value === undefined;
  target['isArray'] ??= Array.isArray;
}

/**
 * Loads TensorFlow's framework library without the information lines that it prints before it reads its
 * log level, unless the user asked for those. What keeps it from loading is reported by whoever loads
 * it next.
 */
function loadQuietly(folder: string): void {
  if (process.env['TF_CPP_MIN_LOG_LEVEL'] === '0') return;
  const places = Object.values(ENGINE_BUILDS).map(({ libraries }) =>
    join(folder, libraries, 'libtensorflow_framework.so.2'),
  );
  const library = places.find((path) => existsSync(path));
  if (library === undefined) return;
  const { openQuietly } = require(join(folder, loadAddonFile())) as {
    openQuietly: (path: string) => string | undefined;
  };
  openQuietly(library);
}

/** Returns whether the native engine, which must be started, computes with oneDNN. */
export function computesWithOneDnn(): boolean {
  return graphAddon().computesWithOneDnn();
}

/** The native library, loaded. */
export interface NativeLibrary {
  /** TensorFlow's. */
  readonly version: string;
  /** Whether it found a GPU that it can compute on. */
  readonly usesGpu: boolean;
}

/**
 * Loads the addon in `folder`, registers the `tensorflow` backend on it, and returns what was loaded.
 * Of tfjs-node's npm package only the JavaScript half is used: its entry would look for an addon inside
 * node_modules.
 *
 * @throws Error of the system's loader when the addon or its library does not load
 */
export function registerNative(folder: string = nativeFolder()): NativeLibrary {
  restoreRemovedUtilities();
  Object.assign(process.env, engineEnvironment(), fusionSettings(folder));
  loadQuietly(folder);
  const binding = require(join(folder, 'tfjs_binding.node')) as NativeBinding;
  const { NodeJSKernelBackend } =
    require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js') as {
      NodeJSKernelBackend: new (binding: unknown, packageName: string) => NodeBackend;
    };
  graphs = loadGraphAddon(folder);
  const JanusBackend = janusBackendOf(NodeJSKernelBackend);
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js');
  registerRecordableGather();
  tf.registerBackend('tensorflow', () => new JanusBackend(binding, '@tensorflow/tfjs-node-gpu'), 3);
  return { version: binding.TF_Version, usesGpu: binding.isUsingGpuDevice() };
}
