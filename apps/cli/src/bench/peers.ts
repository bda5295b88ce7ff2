import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OptionsError } from '@janus/core';
import { askPython, measure, peerProgram, type Failure, type Measurement } from './programs.js';
import type { PeerProgram, PeerScript, Workload } from './workloads.js';

/** Where the peers' scripts and their Pythons are. */
export interface PeerOptions {
  /** Folder that holds the scripts. */
  readonly folder: string;
  /** Python executable that has torch. */
  readonly python: string;
  /** Python executable that has Keras; undefined leaves Keras out. */
  readonly kerasPython: string | undefined;
}

/** Peers whose scripts and libraries were found. */
export interface Peers {
  /** Version of each library, by module name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Runs a peer's script; `more` is appended to its arguments. */
  readonly measure: (
    program: PeerProgram,
    more: readonly string[],
    signal: AbortSignal,
  ) => Promise<Measurement | Failure>;
}

interface Library {
  readonly module: string;
  readonly flag: string;
  readonly packages: string;
}

const TORCH: Library = { module: 'torch', flag: '--peer-python', packages: 'torch numpy pillow' };

const LIBRARIES: Readonly<Record<PeerScript, Library>> = {
  'torch_peer.py': TORCH,
  'bytes_peer.py': TORCH,
  'keras_peer.py': { module: 'keras', flag: '--keras-python', packages: 'tensorflow-cpu keras' },
};

/**
 * Finds the scripts that the workloads need, and asks each Python for the version of its library.
 *
 * @throws OptionsError when the folder, a script, a Python or its library is missing
 */
export async function findPeers(
  options: PeerOptions,
  workloads: readonly Workload[],
): Promise<Peers> {
  const folder = resolve(options.folder);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new OptionsError(
      `bench: --peers must be a folder of peer scripts, but ${options.folder} is not a folder. Pass the folder that holds torch_peer.py.`,
    );
  }
  const pythons: Record<PeerScript, string | undefined> = {
    'torch_peer.py': options.python,
    'bytes_peer.py': options.python,
    'keras_peer.py': options.kerasPython,
  };
  const wanted = workloads.flatMap(({ peers }) => peers.flatMap(({ candidates }) => candidates));
  const versions: Record<string, string> = {};
  for (const script of new Set(wanted.map((each) => each.script))) {
    const python = pythons[script];
    if (python === undefined) continue;
    if (!existsSync(join(folder, script))) {
      throw new OptionsError(
        `bench: --peers must hold ${script}, but ${options.folder} does not. Pass the folder of the peer scripts.`,
      );
    }
    const { module } = LIBRARIES[script];
    versions[module] = await versionOf(python, LIBRARIES[script]);
  }
  return {
    versions,
    measure: async ({ script, args }, more, signal) => {
      const python = pythons[script];
      if (python === undefined) {
        return {
          reason: `needs ${LIBRARIES[script].flag}, a Python with ${LIBRARIES[script].module}`,
        };
      }
      return await measure(peerProgram(python, [join(folder, script), ...args, ...more]), signal);
    },
  };
}

async function versionOf(python: string, { module, flag, packages }: Library): Promise<string> {
  const found = await askPython(python, `import ${module}; print(${module}.__version__)`);
  if (typeof found === 'string') return found;
  throw new OptionsError(
    `bench: ${flag} must be a Python with ${module}, but ${python} is not: ${found.reason}. Create one: python3 -m venv peers && peers/bin/pip install ${packages}`,
  );
}
