import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The TensorFlow release whose C library is used: the newest that the addon was tried on. */
export const TENSORFLOW_VERSION = '2.21.0';

/** The release of the addon's sources, pinned in package.json. */
export const ADDON_VERSION = '4.22.0';

/** The source of the addon that builds and runs graphs. */
export const GRAPH_SOURCE: string = fileURLToPath(new URL('../native/graph.cc', import.meta.url));

/** Returns the file name of the addon that is compiled from it: another source, another name. */
export function graphAddonFile(): string {
  const hash = createHash('sha256').update(readFileSync(GRAPH_SOURCE)).digest('hex');
  return `janus_graph-${hash.slice(0, 12)}.node`;
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
