import { execFile } from 'node:child_process';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EnvironmentError } from '@janus/core';
import { CUDA_LIBRARIES, ENGINE_BUILDS, type EngineKind } from './builds.js';
import { compileWith, type Compiler } from './compiler.js';
import { complaintOf } from './install-errors.js';
import { compilerOptions, processorLevel } from '../machine/processor-level.js';
import { GRAPH_SOURCES, graphAddonFile, LOAD_SOURCES, loadAddonFile } from './settings.js';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Where an addon is built, and the libraries that it is linked to. */
export interface AddonPlace {
  readonly folder: string;
  /** Folder of TensorFlow's libraries, relative to `folder`. */
  readonly libraries: string;
  /**
   * Libraries to load together with the addon, relative to `folder`. Once in the process, a library is
   * found by its name, wherever TensorFlow would search for it.
   */
  readonly companions: readonly string[];
}

/** Returns where the addons of a build of the engine belong. */
export function addonPlace(kind: EngineKind, folder: string): AddonPlace {
  const companions =
    kind === 'cpu'
      ? []
      : Object.entries(CUDA_LIBRARIES).flatMap(([part, names]) =>
          names.map((name) => join('nvidia', part, 'lib', name)),
        );
  return { folder, libraries: ENGINE_BUILDS[kind].libraries, companions };
}

/**
 * Compiles tfjs-node's addon from the sources in its npm package.
 *
 * @throws EnvironmentError when the compiler fails
 */
export async function compileTensorAddon(place: AddonPlace, compiler: Compiler): Promise<void> {
  const manifest = require.resolve('@tensorflow/tfjs-node-gpu/package.json');
  const sources = join(dirname(manifest), 'binding');
  await compileAddon(compiler, [
    ...sourceArguments(place),
    // Not our sources, so their warnings are left out.
    ...['-w', '-DNODE_GYP_MODULE_NAME=tfjs_binding', `-I${sources}`],
    ...[join(sources, 'tfjs_backend.cc'), join(sources, 'tfjs_binding.cc')],
    ...linkArguments(place, 'tfjs_binding.node'),
  ]);
}

/**
 * Compiles our own addons, under a name that tells its sources, so that one folder serves several
 * versions of Janus.
 *
 * @throws EnvironmentError when the compiler fails
 */
export async function compileGraphAddon(place: AddonPlace, compiler: Compiler): Promise<void> {
  for (const [file, sources, links] of [
    [loadAddonFile(), loadSourceArguments(place), sharedArguments],
    [graphAddonFile(), graphSourceArguments(place), linkArguments],
  ] as const) {
    const unfinished = `${file}.${process.pid}`;
    await compileAddon(compiler, [...sources, ...links(place, unfinished)]);
    await rename(join(place.folder, unfinished), join(place.folder, file));
  }
  await removeOldAddons(place.folder);
}

/** Builds that a folder keeps, for several versions of Janus and several kinds of processor. */
const MAX_BUILDS = 8;

/** Removes all but the newest 8 builds of our addons; a process that has an older one loaded keeps it. */
export async function removeOldAddons(folder: string): Promise<void> {
  for (const addon of [/^janus_graph.*\.node$/, /^janus_load.*\.node$/]) {
    const builds = (await readdir(folder)).filter((name) => addon.test(name));
    const dated = await Promise.all(
      builds.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })),
    );
    const old = dated.sort((a, b) => b.time - a.time).slice(MAX_BUILDS);
    for (const { name } of old) await rm(join(folder, name), { force: true });
  }
}

/** Returns the compiler's arguments for the sources of our addon, which compile without warnings. */
export function graphSourceArguments(place: AddonPlace): readonly string[] {
  const tuned = ['-O3', ...compilerOptions(processorLevel())];
  return [...sourceArguments(place), '-Wall', '-Wextra', ...tuned, ...GRAPH_SOURCES];
}

/** Returns the compiler's arguments for the sources of the addon that loads TensorFlow's libraries. */
export function loadSourceArguments(place: AddonPlace): readonly string[] {
  return [...sourceArguments(place), '-Wall', '-Wextra', ...LOAD_SOURCES];
}

function sourceArguments({ folder }: AddonPlace): readonly string[] {
  const { include_dir: nodeHeaders } = require('node-api-headers') as { include_dir: string };
  return [
    ...['-O2', '-std=c++17', '-fPIC', '-DNAPI_VERSION=8'],
    // As system headers, whose warnings are left out.
    ...['-isystem', nodeHeaders, '-isystem', join(folder, 'include')],
  ];
}

const sharedArguments = ({ folder }: AddonPlace, file: string): readonly string[] => [
  '-shared',
  '-o',
  join(folder, file),
];

function linkArguments(place: AddonPlace, file: string): readonly string[] {
  const { folder, libraries, companions } = place;
  return [
    ...sharedArguments(place, file),
    join(folder, libraries, 'libtensorflow_cc.so.2'),
    join(folder, libraries, 'libtensorflow_framework.so.2'),
    ...['-Wl,--no-as-needed', ...companions.map((each) => join(folder, each))],
    ...[libraries, ...new Set(companions.map((each) => dirname(each)))].map(
      (each) => `-Wl,-rpath,${join('$ORIGIN', each)}`,
    ),
  ];
}

async function compileAddon(compiler: Compiler, args: readonly string[]): Promise<void> {
  try {
    await compileWith(compiler, args);
  } catch (error) {
    throw new EnvironmentError(
      `engine install: ${compiler.name} must compile the addon, but failed (${complaintOf(error)}). Install g++ 9 or newer, name another compiler in CXX, or use the wasm engine.`,
      { cause: error },
    );
  }
}

/**
 * Returns TensorFlow's version as the addon in `folder` reports it. Loads it in a child process, since
 * a broken library may crash.
 *
 * @throws Error when the addon does not load
 */
export async function versionOf(folder: string): Promise<string> {
  const { stdout } = await run(process.execPath, [
    '-e',
    `process.stdout.write(require(${JSON.stringify(join(folder, 'tfjs_binding.node'))}).TF_Version)`,
  ]);
  return stdout;
}
