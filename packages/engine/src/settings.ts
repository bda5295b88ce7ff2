import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '@janus/core';

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

/** The pip wheel that carries the C library; the library does not depend on the Python version. */
export const WHEEL: {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
} = {
  name: 'tensorflow-cpu',
  version: TENSORFLOW_VERSION,
  file: `tensorflow_cpu-${TENSORFLOW_VERSION}-cp311-cp311-manylinux_2_27_x86_64.whl`,
  bytes: 273_829_956,
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
};

/** What making the engine needs at its peak: wheel, unpacked library, addon. */
export const INSTALL_BYTES = 1_300_000_000;

/** Counts what an installation's folder holds: library, addon, and since 2 the headers. */
const LAYOUT = 2;

/** Returns the folder of the native engine for this machine: one per library and addon version. */
export function nativeFolder(): string {
  return join(
    cacheFolder(),
    'engines',
    `cpu-${TENSORFLOW_VERSION}-tfjs${ADDON_VERSION}-${process.platform}-${process.arch}-v${LAYOUT}`,
  );
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
