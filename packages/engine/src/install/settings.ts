import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { processorFlags, processorLevel } from '../machine/processor-level.js';

/** The TensorFlow release whose C library is used: the newest that the addon was tested with. */
export const TENSORFLOW_VERSION = '2.21.0';

/** The release of the addon's sources, pinned in package.json. */
export const ADDON_VERSION = '4.22.0';

const nativeFile = (name: string): string =>
  fileURLToPath(new URL(`../../addon/${name}`, import.meta.url));

/** Sources of the addon that builds and runs graphs and adds our operations to TensorFlow. */
export const GRAPH_SOURCES: readonly string[] = ['graph.cc', 'operations.cc'].map(nativeFile);

/** Sources of the addon that loads TensorFlow's libraries. */
export const LOAD_SOURCES: readonly string[] = ['load.cc'].map(nativeFile);

/** Headers that the sources include. */
const GRAPH_HEADERS: readonly string[] = ['operations.h', 'image-loops.h'].map(nativeFile);

/**
 * Returns the file name of our compiled addon, which differs for other sources and for processors of
 * another level.
 */
export function graphAddonFile(): string {
  const hash = createHash('sha256');
  for (const file of [...GRAPH_SOURCES, ...GRAPH_HEADERS, ...LOAD_SOURCES])
    hash.update(readFileSync(file));
  return `janus_graph-${hash.digest('hex').slice(0, 12)}-${processorLevel()}.node`;
}

/** Returns the file name of the addon that loads TensorFlow's libraries, which is built with the other. */
export function loadAddonFile(): string {
  return graphAddonFile().replace('janus_graph', 'janus_load');
}

/**
 * Returns the environment variables that a process should start with to compute fast; variables that
 * are already set keep their values. The C library and TensorFlow read them once, so pass them to a
 * child process, as `janus` and the notebooks' tool do:
 *
 *     spawn(process.execPath, [script], { env: { ...process.env, ...engineEnvironment() } });
 *
 * In a running process only TensorFlow's half has an effect, and only before `useEngine`.
 * `JANUS_THREADS` sets the number of threads of every engine.
 *
 * @param flags the processor's instruction sets, by Linux's names: oneDNN is switched on where it pays
 */
export function engineEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  flags: ReadonlySet<string> = processorFlags(),
): Record<string, string> {
  return settingsFor(environment, flags);
}

const { settingsFor } = createRequire(import.meta.url)('../../environment.cjs') as {
  settingsFor: (
    environment: NodeJS.ProcessEnv,
    flags: ReadonlySet<string>,
  ) => Record<string, string>;
};
