import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { OptionsError, syncFolder, writeJson } from '@janus/core';
import { addonPlace, compileGraphAddon, compileTensorAddon, versionOf } from './addons.js';
import { ENGINE_BUILDS, type EngineKind } from './builds.js';
import { gpuSummary, probeGpu } from '../machine/gpu.js';
import { megabytes, reasonOf } from './install-errors.js';
import { installedAddon, missingCudaLibraries, nativeFolder } from './installed.js';
import { ADDON_VERSION, TENSORFLOW_VERSION } from './settings.js';
import { addWheel, cachedByPip, checkCudaLibraries, wheelLine } from './wheels.js';

const run = promisify(execFile);

type Report = (line: string) => void;

/** Where the native library comes from. */
export type EngineSource = 'auto' | 'wheel' | 'archive';

/** Options of {@link installEngine}. */
export interface InstallEngineOptions {
  /** Default false: the CPU build. True: the one for NVIDIA GPUs, with NVIDIA's libraries. */
  readonly gpu?: boolean;
  /** Default `auto`: the pip wheel, the only place that has this version. */
  readonly source?: EngineSource;
  /** Takes a line for each thing that is done. */
  readonly report?: (line: string) => void;
}

/** A native engine in the per-user cache. */
export interface InstalledEngine {
  readonly folder: string;
  /** TensorFlow's version, as the library itself says. */
  readonly version: string;
  readonly kind: EngineKind;
  /** Of the GPU build: which GPU is here for it, or that there is none. */
  readonly gpu?: string;
  /** True when nothing had to be done. */
  readonly alreadyThere: boolean;
}

/** Folders of unfinished installations begin so. */
const WORK_PREFIX = '.install-';

/**
 * Puts the native engine into the per-user cache: libraries and headers from pip wheels (checked by
 * hash), addons compiled from the sources in the npm package and here. Made in a folder of its own and
 * renamed when it has loaded once; so a kill leaves nothing that looks finished, and of two at once
 * the later one finds the other's. The GPU build lies beside the CPU build and needs no GPU to be made.
 *
 * @throws OptionsError when the platform, pip, g++ or the space is missing, or the source cannot be
 * had; DataError when a wheel has the wrong hash
 */
export async function installEngine(options: InstallEngineOptions = {}): Promise<InstalledEngine> {
  const installed = await install(options);
  return installed.kind === 'gpu' ? { ...installed, gpu: gpuSummary(await probeGpu()) } : installed;
}

async function install(options: InstallEngineOptions): Promise<InstalledEngine> {
  const { gpu = false, source = 'auto', report = () => undefined } = options;
  const kind = gpu ? 'gpu' : 'cpu';
  if (source === 'archive') {
    throw new OptionsError(
      `engine install --source archive: must be wheel or auto, because TensorFlow ${TENSORFLOW_VERSION} was not published as an archive (the last C archive that its makers list is of 2.18). Leave --source out.`,
    );
  }
  const folder = nativeFolder(kind);
  if (installedAddon(folder) !== undefined) {
    try {
      const [missing] = gpu ? missingCudaLibraries(folder) : [];
      if (missing !== undefined) throw new Error(`${missing} is missing`);
      return { folder, version: await versionOf(folder), kind, alreadyThere: true };
    } catch (error) {
      report(`The installed engine does not load (${reasonOf(error)}); making it anew.`);
      await rm(folder, { recursive: true, force: true });
    }
  }
  if (existsSync(join(folder, 'installed.json'))) {
    // The library is there, the addon is of another version of Janus.
    await checkCompiler();
    report('Compiling the addon for graphs...');
    await compileGraphAddon(addonPlace(kind, folder));
    return { folder, version: await versionOf(folder), kind, alreadyThere: false };
  }
  await checkMachine();
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  await checkSpace(parent, kind);
  const work = await mkdtemp(join(parent, `${WORK_PREFIX}${process.pid}-`));
  try {
    await make(work, kind, report);
    const version = await versionOf(work);
    await writeJson(join(work, 'installed.json'), {
      tensorflow: version,
      addon: ADDON_VERSION,
      wheels: ENGINE_BUILDS[kind].wheels.map(({ name, version: of, sha256 }) => ({
        name,
        version: of,
        sha256,
      })),
    });
    await syncFolder(work);
    return await moveIntoPlace(work, { folder, version, kind, alreadyThere: false });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function moveIntoPlace(work: string, made: InstalledEngine): Promise<InstalledEngine> {
  try {
    await rename(work, made.folder);
    await syncFolder(dirname(made.folder));
    return made;
  } catch (error) {
    // Another installation was faster: a rename does not replace a folder that has files.
    if (installedAddon(made.folder) === undefined) throw error;
    return { ...made, alreadyThere: true };
  }
}

/** Removes what installations left behind whose process is gone. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(WORK_PREFIX)) continue;
    const pid = Number(name.slice(WORK_PREFIX.length).split('-')[0]);
    if (!isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function checkMachine(): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new OptionsError(
      `engine install: needs Linux on x86-64, but this is ${process.platform} on ${process.arch}. Go on with the wasm engine, which runs everywhere.`,
    );
  }
  await need(
    ['python3', '-m', 'pip', '--version'],
    'pip (python3 -m pip)',
    'apt install python3-pip',
  );
  await checkCompiler();
}

async function checkCompiler(): Promise<void> {
  await need(['g++', '--version'], 'g++', 'apt install g++');
}

async function need(
  command: readonly [string, ...string[]],
  what: string,
  remedy: string,
): Promise<void> {
  const [program, ...args] = command;
  try {
    await run(program, args);
  } catch {
    throw new OptionsError(
      `engine install: needs ${what}, which does not run here. Install it (${remedy}), or go on with the wasm engine.`,
    );
  }
}

async function checkSpace(parent: string, kind: EngineKind): Promise<void> {
  const { wheels, peakBytes } = ENGINE_BUILDS[kind];
  const { bavail, bsize } = await statfs(parent);
  const free = bavail * bsize;
  const needed = peakBytes + (await cachedByPip(wheels, parent));
  if (free < needed) {
    throw new OptionsError(
      `engine install: needs ${megabytes(needed)} free below ${parent}, but there are ${megabytes(free)}. Free some, or name another place in JANUS_CACHE.`,
    );
  }
}

async function make(work: string, kind: EngineKind, report: Report): Promise<void> {
  const build = ENGINE_BUILDS[kind];
  for (const wheel of build.wheels) {
    report(wheelLine(wheel));
    await addWheel(wheel, work);
  }
  const unpacked = join(work, 'tensorflow');
  await rename(join(unpacked, 'include'), join(work, 'include'));
  if (build.libraries === '.') {
    for (const name of await readdir(unpacked))
      await rename(join(unpacked, name), join(work, name));
    await rm(unpacked, { recursive: true });
  }
  if (kind === 'gpu') {
    report('Loading the CUDA libraries...');
    await checkCudaLibraries(work);
  }
  report('Compiling the addons...');
  const place = addonPlace(kind, work);
  await compileTensorAddon(place);
  await compileGraphAddon(place);
}
