import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** The part of esbuild that is used. */
interface Bundler {
  readonly buildSync: (options: Readonly<Record<string, unknown>>) => {
    readonly outputFiles: readonly { readonly text: string }[];
  };
}

/** Threads of one program share what was made of it. */
const bundles = new Map<string, string>();

/** What a thread loads by itself rather than as part of the bundle: packages with binaries. */
const EXTERNAL = ['sharp', '@napi-rs/image', 'esbuild'];

/**
 * Returns a program's TypeScript as one script. A loader in each thread would do as well, but takes
 * 0.3 s to start; this takes 0.05 s once.
 */
function bundleOf(url: URL): string {
  const known = bundles.get(url.href);
  if (known !== undefined) return known;
  const { buildSync } = createRequire(import.meta.url)('esbuild') as Bundler;
  const { outputFiles } = buildSync({
    entryPoints: [url.pathname],
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
  // A script without a file would look for packages from the working directory.
  const script = `(function (require) {${text}\n})(require('node:module').createRequire(${JSON.stringify(url.href)}))`;
  bundles.set(url.href, script);
  return script;
}

/**
 * Starts a program in a thread, from its TypeScript source or from what was built of it. The thread does
 * not keep the process alive.
 *
 * @param program the file beside its caller: `./x-worker`, without its ending
 * @param caller `import.meta.url` of the caller
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
