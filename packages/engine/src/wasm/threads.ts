import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import { BackendWasm, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { threadsAsked } from '../machine/threads-setting.js';

/**
 * tfjs's wasm backend on several threads, in Node: its own build for threads, which it offers to
 * browsers only. XNNPACK's convolutions and matrix products share the work, element-wise kernels
 * stay on one.
 */

const require = createRequire(import.meta.url);

const BUILD = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd';

const WORKER = fileURLToPath(new URL('../../wasm/wasm-worker.cjs', import.meta.url));

/** As many workers as the build starts. */
const MAX_THREADS = 8;

/** tfjs's priority for the backend, kept. */
const PRIORITY = 2;

interface NodeWorker {
  unref(): void;
  terminate(): Promise<number>;
}

/** The part of Emscripten's module that this file touches. */
interface WasmModule {
  tfjs?: unknown;
  readonly PThread: { unusedWorkers: NodeWorker[]; readonly runningWorkers: readonly NodeWorker[] };
  cwrap(name: string, result: 'number' | null, parameters: readonly 'number'[]): unknown;
}

/** What this file uses of WebAssembly, whose types TypeScript keeps with the browser's. */
interface WebAssemblyPart {
  instantiate(bytes: Uint8Array, imports: Imports): Promise<{ instance: object; module: object }>;
}

type Imports = Record<'env', Record<string, unknown>>;

interface FactorySettings {
  readonly mainScriptUrlOrBlob: string;
  locateFile(name: string): string;
  instantiateWasm(imports: Imports, receive: (instance: object, module: object) => void): object;
}

type Factory = (settings: FactorySettings) => Promise<WasmModule>;

/**
 * Makes tfjs's backend `wasm` ready to be chosen: on `JANUS_THREADS` threads (default: one a
 * processor; 8 at most), on one where threads cannot be had.
 *
 * @returns notes for a person: why it is one thread
 */
export async function prepareWasm(): Promise<readonly string[]> {
  prepared ??= prepare();
  return prepared;
}

/** Once a process: kernels hold on to the module that they met first. */
let prepared: Promise<readonly string[]> | undefined;

async function prepare(): Promise<readonly string[]> {
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  const threads = Math.min(threadsAsked() ?? availableParallelism(), MAX_THREADS);
  if (threads < 2) return [];
  try {
    const wasm = await startModule(threads);
    setThreadsCount(threads);
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', () => backendOf(wasm), PRIORITY);
    return [];
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return [`on one thread: ${reason}`];
  }
}

/** Builds the backend, which takes its threads from the module's workers; the rest are let go. */
function backendOf(wasm: WasmModule): BackendWasm {
  const backend = new BackendWasm(wasm as unknown as ConstructorParameters<typeof BackendWasm>[0]);
  const { PThread } = wasm;
  for (const worker of PThread.unusedWorkers.splice(0)) void worker.terminate();
  // A thread waits for work for ever; it must not keep the process from ending.
  for (const worker of PThread.runningWorkers) worker.unref();
  return backend;
}

async function startModule(threads: number): Promise<WasmModule> {
  const factory = require(`${BUILD}.js`) as Factory;
  const bytes = await readFile(require.resolve(`${BUILD}.wasm`));
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyPart };
  const restore = lendGlobals();
  try {
    const wasm = await new Promise<WasmModule>((resolve, reject) => {
      factory({
        mainScriptUrlOrBlob: require.resolve(`${BUILD}.js`),
        locateFile: (name) =>
          name.endsWith('.worker.js') ? WORKER : require.resolve(`${BUILD}.wasm`),
        instantiateWasm: (imports, receive) => {
          // It takes at most half of the processors that it is told of.
          imports.env['emscripten_num_logical_cores'] = () => 2 * threads;
          WebAssembly.instantiate(bytes, imports).then(({ instance, module }) => {
            receive(instance, module);
          }, reject);
          return {};
        },
      }).then(resolve, reject);
    });
    wasm.tfjs = {
      init: wasm.cwrap('init', null, []),
      initWithThreadsCount: wasm.cwrap('init_with_threads_count', null, ['number']),
      getThreadsCount: wasm.cwrap('get_threads_count', 'number', []),
      registerTensor: wasm.cwrap('register_tensor', null, ['number', 'number', 'number']),
      disposeData: wasm.cwrap('dispose_data', null, ['number']),
      dispose: wasm.cwrap('dispose', null, []),
    };
    return wasm;
  } finally {
    restore();
  }
}

/** Node's worker without this process's own flags, which may forbid a plain file (`--eval`). */
class PlainWorker extends Worker {
  constructor(file: string) {
    super(file, { execArgv: [] });
  }
}

/**
 * Lends the build the browser's name `Worker`, by which other packages tell where they run. The
 * returned function takes it away, and the listeners that throw what they hear.
 */
function lendGlobals(): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'Worker');
  // The build sets Node's own in its place.
  const lent = { get: () => PlainWorker, set: () => undefined, configurable: true };
  Object.defineProperty(globalThis, 'Worker', lent);
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const listeners = events.map((event) => new Set(process.listeners(event as 'uncaughtException')));
  return () => {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'Worker');
    else Object.defineProperty(globalThis, 'Worker', before);
    events.forEach((event, i) => {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (listeners[i]?.has(listener) === false) process.removeListener(event, listener);
      }
    });
  };
}
