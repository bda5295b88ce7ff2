import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The part of esbuild used here. */
interface Bundler {
  readonly buildSync: (options: Readonly<Record<string, unknown>>) => {
    readonly outputFiles: readonly { readonly text: string }[];
  };
}

/** Bundles by URL: all threads of a program share one. */
const bundles = new Map<string, string>();

/** Packages with binaries, which a thread requires itself instead of having them bundled. */
const EXTERNAL = ['sharp', '@napi-rs/image', 'esbuild'];

/** Bundles a TypeScript program into one script. See docs/decisions/0012-workers-bundled-at-run-time.md. */
function bundleOf(url: URL): string {
  const known = bundles.get(url.href);
  if (known !== undefined) return known;
  const { buildSync } = createRequire(import.meta.url)('esbuild') as Bundler;
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(url)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    logLevel: 'silent',
    conditions: ['@janus/source'],
    external: EXTERNAL,
    define: { 'import.meta.url': JSON.stringify(url.href) },
  });
  const text = outputFiles[0]?.text ?? '';
  // A script without a file would resolve packages from the working directory.
  const script = `(function (require) {${text}\n})(require('node:module').createRequire(${JSON.stringify(url.href)}))`;
  bundles.set(url.href, script);
  return script;
}

/**
 * Starts a program in a worker thread, from its TypeScript source where the caller runs from source, else
 * from the built JavaScript. The thread does not keep the process alive.
 *
 * @param program path relative to the caller, without extension: `./x-worker`
 * @param caller `import.meta.url` of the caller
 * @param data the thread's `workerData`
 */
export function startWorker(program: string, caller: string, data: unknown): Worker {
  const fromSources = caller.endsWith('.ts');
  const url = new URL(`${program}${fromSources ? '.ts' : '.js'}`, caller);
  const worker = fromSources
    ? new Worker(bundleOf(url), { eval: true, workerData: data, execArgv: [] })
    : new Worker(url, { workerData: data });
  worker.unref();
  return worker;
}
