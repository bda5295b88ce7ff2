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
 * tfjs's wasm backend on several threads in Node: tfjs has a build with threads, which it offers to
 * browsers only. XNNPACK's convolutions and matrix products use all threads, element-wise kernels one.
 */

const require = createRequire(import.meta.url);

const BUILD = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd';

const WORKER = fileURLToPath(new URL('../../wasm/wasm-worker.cjs', import.meta.url));

/** The number of workers that the build starts. */
const MAX_THREADS = 8;

/** The priority that tfjs gives the backend. */
const PRIORITY = 2;

interface NodeWorker {
  unref(): void;
  terminate(): Promise<number>;
}

/** The part of Emscripten's module that this file uses. */
interface WasmModule {
  tfjs?: unknown;
  readonly PThread: { unusedWorkers: NodeWorker[]; readonly runningWorkers: readonly NodeWorker[] };
  cwrap(name: string, result: 'number' | null, parameters: readonly 'number'[]): unknown;
}

/** The part of WebAssembly that this file uses; TypeScript has its types only in the browser's library. */
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
 * Returns the number of threads that the wasm engine computes on, 8 at most.
 *
 * @param asked as `JANUS_THREADS` sets it; `undefined`: one thread per core
 * @param cores those that this process may use
 */
export function wasmThreads(asked: number | undefined, cores: number): number {
  return Math.min(asked ?? cores, MAX_THREADS);
}

/**
 * Makes tfjs's backend `wasm` ready to be chosen, on {@link wasmThreads} threads; on one where threads
 * do not start.
 *
 * @returns notes for a person: why it is on one thread
 * @throws OptionsError when `JANUS_THREADS` is not a whole number of 1 or more
 */
export async function prepareWasm(): Promise<readonly string[]> {
  prepared ??= prepare();
  return prepared;
}

/** Once per process: kernels keep the module that they first ran on. */
let prepared: Promise<readonly string[]> | undefined;

async function prepare(): Promise<readonly string[]> {
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  const threads = wasmThreads(threadsAsked(), availableParallelism());
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

/** Builds the backend, which takes its threads from the module's workers, and ends the other workers. */
function backendOf(wasm: WasmModule): BackendWasm {
  const backend = new BackendWasm(wasm as unknown as ConstructorParameters<typeof BackendWasm>[0]);
  const { PThread } = wasm;
  for (const worker of PThread.unusedWorkers.splice(0)) void worker.terminate();
  // A thread waits for work forever; it must not keep the process alive.
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
          // The build starts at most half as many threads as there are cores.
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

/** Node's worker without this process's flags, some of which do not go with a file (`--eval`). */
class PlainWorker extends Worker {
  constructor(file: string) {
    super(file, { execArgv: [] });
  }
}

/**
 * Defines the browser's global `Worker` for the build. The returned function removes it, since other
 * packages take it as a sign of a browser, along with the build's listeners, which rethrow errors.
 */
function lendGlobals(): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'Worker');
  // The build assigns Node's own worker, which is ignored.
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
