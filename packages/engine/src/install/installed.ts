import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '@janus/core';
import { CUDA_LIBRARIES, ENGINE_BUILDS, type EngineKind } from './builds.js';
import { graphAddonFile } from './settings.js';

/** Returns the folder of a build of the native engine for this machine. */
export function nativeFolder(kind: EngineKind = 'cpu'): string {
  return join(cacheFolder(), 'engines', ENGINE_BUILDS[kind].folder);
}

/**
 * Returns the path of the addon of an installed native engine, its graphs among it.
 *
 * @param folder by default that of the build that would be used
 */
export function installedAddon(folder?: string): string | undefined {
  if (folder === undefined) return ENGINE_KINDS.map(addonOf).find((each) => each !== undefined);
  const path = join(folder, 'tfjs_binding.node');
  const needed = [path, join(folder, 'installed.json'), join(folder, graphAddonFile())];
  return needed.every((each) => existsSync(each)) ? path : undefined;
}

/** The builds, the one that computes faster first. */
const ENGINE_KINDS: readonly EngineKind[] = ['gpu', 'cpu'];

const addonOf = (kind: EngineKind): string | undefined => installedAddon(nativeFolder(kind));

/** Returns the builds that are installed, the one that computes faster first. */
export function installedKinds(): readonly EngineKind[] {
  return ENGINE_KINDS.filter((kind) => addonOf(kind) !== undefined);
}

/** What `installed.json` of a native engine says. */
export interface InstalledRecord {
  readonly tensorflow: string;
  /** Absent in engines of earlier versions of Janus. */
  readonly wheels?: readonly { readonly name: string; readonly version: string }[];
}

/** Returns what is installed of a build, when it is. */
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
