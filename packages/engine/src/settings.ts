import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { processorLevel } from './processor-level.js';

/** The TensorFlow release whose C library is used: the newest that the addon was tried on. */
export const TENSORFLOW_VERSION = '2.21.0';

/** The release of the addon's sources, pinned in package.json. */
export const ADDON_VERSION = '4.22.0';

const nativeFile = (name: string): string =>
  fileURLToPath(new URL(`../native/${name}`, import.meta.url));

/** The sources of the addon that builds and runs graphs, and adds operations of ours to TensorFlow. */
export const GRAPH_SOURCES: readonly string[] = ['graph.cc', 'operations.cc'].map(nativeFile);

/** What the sources include beside. */
const GRAPH_HEADERS: readonly string[] = ['operations.h'].map(nativeFile);

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
 * already win. TensorFlow reads these once, when its library is loaded.
 */
export function engineEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return {
    // Its information lines are for TensorFlow's developers; warnings and errors stay.
    TF_CPP_MIN_LOG_LEVEL: environment['TF_CPP_MIN_LOG_LEVEL'] ?? '2',
    // Without it the first tensor takes the whole memory of every GPU.
    TF_FORCE_GPU_ALLOW_GROWTH: environment['TF_FORCE_GPU_ALLOW_GROWTH'] ?? 'true',
  };
}
