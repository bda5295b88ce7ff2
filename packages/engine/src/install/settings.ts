import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { processorLevel } from '../machine/processor-level.js';

/** The TensorFlow release whose C library is used: the newest that the addon was tried on. */
export const TENSORFLOW_VERSION = '2.21.0';

/** The release of the addon's sources, pinned in package.json. */
export const ADDON_VERSION = '4.22.0';

const nativeFile = (name: string): string =>
  fileURLToPath(new URL(`../../addon/${name}`, import.meta.url));

/** The sources of the addon that builds and runs graphs, and adds operations of ours to TensorFlow. */
export const GRAPH_SOURCES: readonly string[] = ['graph.cc', 'operations.cc'].map(nativeFile);

/** What the sources include beside. */
const GRAPH_HEADERS: readonly string[] = ['operations.h', 'image-loops.h'].map(nativeFile);

/**
 * Returns the file name of the addon that is compiled from them: another source or another level of
 * the processor, another name.
 */
export function graphAddonFile(): string {
  const hash = createHash('sha256');
  for (const file of [...GRAPH_SOURCES, ...GRAPH_HEADERS]) hash.update(readFileSync(file));
  return `janus_graph-${hash.digest('hex').slice(0, 12)}-${processorLevel()}.node`;
}

/**
 * Returns the environment that a process needs before it starts computing; values that are set
 * already win. The C library and TensorFlow read it once: `janus` and the notebooks' tool start
 * their processes with it, a script of one's own does so for a child of its own:
 *
 *     spawn(process.execPath, [script], { env: { ...process.env, ...engineEnvironment() } });
 *
 * Inside a process that runs already, only TensorFlow's half has an effect, and before
 * {@link useEngine} alone. `JANUS_THREADS` sets the threads of every engine.
 */
export function engineEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return settingsFor(environment);
}

const { settingsFor } = createRequire(import.meta.url)('../../environment.cjs') as {
  settingsFor: (environment: NodeJS.ProcessEnv) => Record<string, string>;
};
