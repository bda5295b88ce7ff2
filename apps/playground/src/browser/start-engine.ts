/** Which engine the page computes on: the fastest that is there, said with why not a faster one. */
import { correctGradients } from '@janus/engine';
import { registerWasmTrainingKernels } from '@janus/engine/wasm';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgpu';

/** The engines of a browser, fastest first. */
export const PAGE_ENGINES = ['webgpu', 'webgl', 'wasm', 'cpu'] as const;

/** One of them; `cpu` is plain JavaScript. */
export type PageEngine = (typeof PAGE_ENGINES)[number];

/** What people call them. */
export const ENGINE_TITLES: Readonly<Record<PageEngine, string>> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'WebAssembly',
  cpu: 'JavaScript',
};

/** The engine in use. */
export interface StartedPageEngine {
  readonly name: PageEngine;
  /** One line: what was chosen, and why nothing faster. */
  readonly line: string;
}

/**
 * Starts the engine that is asked for, or the fastest that is there.
 *
 * @param loadWasm returns the bytes of tfjs's WebAssembly engine
 */
export async function startPageEngine(
  asked: PageEngine | undefined,
  loadWasm: () => Promise<Uint8Array>,
): Promise<StartedPageEngine> {
  correctGradients();
  const misses: string[] = [];
  const others = PAGE_ENGINES.filter((name) => name !== asked);
  for (const name of asked === undefined ? others : [asked, ...others]) {
    try {
      await START[name]({ loadWasm, isAsked: asked === name });
      const chosen = asked === name ? ', as chosen' : '';
      const why = misses.length === 0 ? '' : ` (${misses.join('; ')})`;
      return { name, line: `Runs on ${ENGINE_TITLES[name]}${chosen}${why}` };
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      misses.push(`no ${ENGINE_TITLES[name]}: ${reason}`);
    }
  }
  throw new Error(misses.join('; '));
}

/** Names of tfjs's builds, all of which it wants an address of; the second is the one that is used. */
const WASM_BUILDS = [
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
] as const;

/** What starts an engine. */
interface StartOptions {
  readonly loadWasm: () => Promise<Uint8Array>;
  /** Whether a person chose it: then it may also be computed in software. */
  readonly isAsked: boolean;
}

/** Starts each engine, or says why it cannot be used. */
const START: Readonly<Record<PageEngine, (options: StartOptions) => Promise<void>>> = {
  webgpu: async ({ isAsked }) => {
    const { gpu } = navigator as {
      readonly gpu?: { requestAdapter(): Promise<GpuAdapter | null> };
    };
    const adapter = await gpu?.requestAdapter();
    if (adapter === undefined || adapter === null) throw new Error('the browser has none');
    const isFallback = adapter.isFallbackAdapter ?? adapter.info?.isFallbackAdapter ?? false;
    if (isFallback && !isAsked) throw new Error('it is computed in software here');
    await activate('webgpu');
  },
  webgl: async ({ isAsked }) => {
    const renderer = glRenderer();
    if (renderer === undefined) throw new Error('the browser has none');
    if (SOFTWARE.test(renderer) && !isAsked) throw new Error('it is computed in software here');
    await activate('webgl');
    // Numbers of 16 bits do not give the answers of the run.
    if (tf.env().getBool('WEBGL_RENDER_FLOAT32_CAPABLE')) return;
    throw new Error('it has no numbers of 32 bits');
  },
  wasm: async ({ loadWasm }) => {
    const bytes = new Blob([(await loadWasm()).slice().buffer], { type: 'application/wasm' });
    // Threads would need a server that isolates the page; without, the build with vector instructions is the fastest.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    tf.env().set('WASM_HAS_SIMD_SUPPORT', true);
    const address = URL.createObjectURL(bytes);
    setWasmPaths(Object.fromEntries(WASM_BUILDS.map((build) => [build, address])));
    await activate('wasm');
    registerWasmTrainingKernels();
  },
  cpu: () => activate('cpu'),
};

/** The part of WebGPU's adapter that says whether there is a graphics processor behind it. */
interface GpuAdapter {
  readonly isFallbackAdapter?: boolean;
  readonly info?: { readonly isFallbackAdapter?: boolean };
}

/** Names of renderers without a graphics processor, which are slower than WebAssembly. */
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/** Returns what draws WebGL in this browser; undefined where nothing does. */
function glRenderer(): string | undefined {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (gl === null) return undefined;
  const named = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = gl.getParameter(
    named === null ? gl.RENDERER : named.UNMASKED_RENDERER_WEBGL,
  );
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return String(renderer);
}

async function activate(backend: PageEngine): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error('it does not start');
  await tf.ready();
}
