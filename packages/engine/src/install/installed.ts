import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '@janus/core';
import { CUDA_LIBRARIES, ENGINE_BUILDS, type EngineKind } from './builds.js';
import { graphAddonFile, loadAddonFile } from './settings.js';

/** Returns the folder of a build of the native engine for this machine, installed or not. */
export function nativeFolder(kind: EngineKind = 'cpu'): string {
  return join(cacheFolder(), 'engines', ENGINE_BUILDS[kind].folder);
}

/**
 * Returns the path of tfjs-node's addon in an installed native engine; `undefined` when the engine, or
 * the addon for graphs of this version of Janus, is not installed.
 *
 * @param folder default: that of the build that would be used
 */
export function installedAddon(folder?: string): string | undefined {
  if (folder === undefined) return ENGINE_KINDS.map(addonOf).find((each) => each !== undefined);
  const path = join(folder, 'tfjs_binding.node');
  const own = [graphAddonFile(), loadAddonFile()].map((name) => join(folder, name));
  const needed = [path, join(folder, 'installed.json'), ...own];
  return needed.every((each) => existsSync(each)) ? path : undefined;
}

/** The builds, the faster one first. */
const ENGINE_KINDS: readonly EngineKind[] = ['gpu', 'cpu'];

const addonOf = (kind: EngineKind): string | undefined => installedAddon(nativeFolder(kind));

/** Returns the installed builds, the faster one first. */
export function installedKinds(): readonly EngineKind[] {
  return ENGINE_KINDS.filter((kind) => addonOf(kind) !== undefined);
}

/** The contents of a native engine's `installed.json`. */
export interface InstalledRecord {
  /** TensorFlow's version. */
  readonly tensorflow: string;
  /** Absent in engines that earlier versions of Janus installed. */
  readonly wheels?: readonly { readonly name: string; readonly version: string }[];
}

/** Returns the record of an installed build; `undefined` when it is not installed. */
export async function installedRecord(kind: EngineKind): Promise<InstalledRecord | undefined> {
  const path = join(nativeFolder(kind), 'installed.json');
  if (!existsSync(path)) return undefined;
  return JSON.parse(await readFile(path, 'utf8')) as InstalledRecord;
}

/** Returns the names of NVIDIA's libraries that the installed GPU build lacks. */
export function missingCudaLibraries(folder: string = nativeFolder('gpu')): readonly string[] {
  return Object.entries(CUDA_LIBRARIES).flatMap(([part, names]) =>
    names.filter((name) => !existsSync(join(folder, 'nvidia', part, 'lib', name))),
  );
}
