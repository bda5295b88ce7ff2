import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EnvironmentError, OptionsError, syncFolder, writeJson } from '@janus/core';
import { addonPlace, compileGraphAddon, compileTensorAddon, versionOf } from './addons.js';
import { ENGINE_BUILDS, type EngineKind } from './builds.js';
import {
  fetchCompiler,
  findCompiler,
  ZIG_PEAK_BYTES,
  ZIG_WHEEL,
  zigLine,
  type Compiler,
} from './compiler.js';
import { gpuSummary, probeGpu } from '../machine/gpu.js';
import { errorOutput, megabytes, reasonOf } from './install-errors.js';
import { installedAddon, missingCudaLibraries, nativeFolder } from './installed.js';
import { ADDON_VERSION, TENSORFLOW_VERSION } from './settings.js';
import { addWheel, cachedByPip, checkCudaLibraries, wheelLine } from './wheels.js';

const run = promisify(execFile);

type Report = (line: string) => void;

/** Where the native library comes from: a wheel of the Python package index, or a C archive. */
export type EngineSource = 'auto' | 'wheel' | 'archive';

/** Options of {@link installEngine}. */
export interface InstallEngineOptions {
  /** Install the build for NVIDIA GPUs, with NVIDIA's libraries; default false, the CPU build. */
  readonly gpu?: boolean;
  /** Default `auto`: the wheel, the only source of this version. */
  readonly source?: EngineSource;
  /** Called with one line per stage; default: nothing is reported. */
  readonly report?: (line: string) => void;
}

/** A native engine in the per-user cache. */
export interface InstalledEngine {
  readonly folder: string;
  /** TensorFlow's version, as the library reports it. */
  readonly version: string;
  readonly kind: EngineKind;
  /** For the GPU build: the GPU of this machine, or `no GPU` and the reason. */
  readonly gpu?: string;
  /** True when it was installed before. */
  readonly alreadyThere: boolean;
}

/** Returns the free bytes of the disk that a folder is on. */
type FreeBytes = (folder: string) => Promise<number>;

const freeBytesOf: FreeBytes = async (folder) => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** How the names of unfinished installations' folders begin. */
const WORK_PREFIX = '.install-';

/**
 * Installs the native engine in the per-user cache: libraries and headers from wheels (checked by
 * hash), addons compiled from the sources in tfjs-node's npm package and in this one, by the compiler
 * that `CXX` names, g++, clang++, or a clang that pip fetches and that is removed afterwards. It is built in a
 * temporary folder and renamed once it has loaded; so a kill leaves nothing that looks finished, and
 * of two installations at once the later one uses the other's. The GPU build lies beside the CPU build,
 * and can be installed without a GPU.
 *
 * @param freeBytes measures a folder's disk; default: the file system's own number
 * @throws OptionsError when `source` is `archive`, which does not have this version
 * @throws EnvironmentError when the platform is not supported, `CXX` names no
 * compiler, or pip, the network or disk space is missing
 * @throws DataError when a wheel has the wrong hash
 */
export async function installEngine(
  options: InstallEngineOptions = {},
  freeBytes: FreeBytes = freeBytesOf,
): Promise<InstalledEngine> {
  const installed = await install(options, freeBytes);
  return installed.kind === 'gpu' ? { ...installed, gpu: gpuSummary(await probeGpu()) } : installed;
}

async function install(
  options: InstallEngineOptions,
  freeBytes: FreeBytes,
): Promise<InstalledEngine> {
  const { gpu = false, source = 'auto', report = () => undefined } = options;
  const kind = gpu ? 'gpu' : 'cpu';
  if (source === 'archive') {
    throw new OptionsError(
      `engine install: --source must be wheel or auto, but got archive: TensorFlow ${TENSORFLOW_VERSION} was not published as an archive (the last one is 2.18). Omit --source.`,
    );
  }
  const folder = nativeFolder(kind);
  if (installedAddon(folder) !== undefined) {
    try {
      const [missing] = gpu ? missingCudaLibraries(folder) : [];
      if (missing !== undefined) throw new Error(`${missing} is missing`);
      return { folder, version: await versionOf(folder), kind, alreadyThere: true };
    } catch (error) {
      report(`The installed engine does not load (${reasonOf(error)}); installing it again.`);
      await rm(folder, { recursive: true, force: true });
    }
  }
  if (existsSync(join(folder, 'installed.json'))) {
    await recompile(kind, folder, report);
    return { folder, version: await checkedVersionOf(folder), kind, alreadyThere: false };
  }
  checkMachine();
  await checkPip();
  const compiler = await findCompiler();
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  await checkSpace(kind, parent, { free: await freeBytes(parent), zig: compiler === undefined });
  const work = await mkdtemp(join(parent, `${WORK_PREFIX}${process.pid}-`));
  try {
    await make(work, kind, { compiler, report });
    const version = await checkedVersionOf(work);
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

/** As {@link versionOf}. @throws EnvironmentError when the addon does not load */
async function checkedVersionOf(folder: string): Promise<string> {
  try {
    return await versionOf(folder);
  } catch (error) {
    const reason = /Error: .*/.exec(errorOutput(error))?.[0] ?? reasonOf(error);
    throw new EnvironmentError(
      `engine install: the compiled addon must load, but does not (${reason}). Use the wasm engine.`,
      { cause: error },
    );
  }
}

async function moveIntoPlace(work: string, made: InstalledEngine): Promise<InstalledEngine> {
  try {
    await rename(work, made.folder);
    await syncFolder(dirname(made.folder));
    return made;
  } catch (error) {
    // Another installation finished first: a rename does not replace a folder that has files.
    if (installedAddon(made.folder) === undefined) throw error;
    return { ...made, alreadyThere: true };
  }
}

/** Removes the folders of installations whose process is gone. */
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

function checkMachine(): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new EnvironmentError(
      `engine install: needs Linux on x86-64, but this is ${process.platform} on ${process.arch}. Use the wasm engine, which runs everywhere.`,
    );
  }
}

async function checkPip(): Promise<void> {
  try {
    await run('python3', ['-m', 'pip', '--version']);
  } catch {
    throw new EnvironmentError(
      'engine install: needs pip (python3 -m pip), but it does not run here. Install it (apt install python3-pip), or use the wasm engine.',
    );
  }
}

/** Compiles our addon for an installed library whose addon belongs to another version of Janus. */
async function recompile(kind: EngineKind, folder: string, report: Report): Promise<void> {
  const found = await findCompiler();
  if (found === undefined) await checkPip();
  const parent = dirname(folder);
  await sweep(parent);
  const work = await mkdtemp(join(parent, `${WORK_PREFIX}${process.pid}-`));
  try {
    const compiler = found ?? (await fetchedCompiler(work, report));
    report('Compiling the graph addon...');
    await compileGraphAddon(addonPlace(kind, folder), compiler);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchedCompiler(folder: string, report: Report): Promise<Compiler> {
  report(zigLine());
  return await fetchCompiler(folder);
}

interface Space {
  /** Free bytes of the disk. */
  readonly free: number;
  /** Whether a compiler is fetched too. */
  readonly zig: boolean;
}

async function checkSpace(kind: EngineKind, parent: string, { free, zig }: Space): Promise<void> {
  const { wheels, peakBytes } = ENGINE_BUILDS[kind];
  const cached = await cachedByPip(zig ? [...wheels, ZIG_WHEEL] : wheels, parent);
  const needed = peakBytes + cached + (zig ? ZIG_PEAK_BYTES : 0);
  if (free < needed) {
    throw new EnvironmentError(
      `engine install: needs ${megabytes(needed)} free in ${parent}, but there are ${megabytes(free)}. Free disk space, or set JANUS_CACHE to another folder.`,
    );
  }
}

interface Tools {
  /** Undefined fetches one. */
  readonly compiler: Compiler | undefined;
  readonly report: Report;
}

async function make(work: string, kind: EngineKind, tools: Tools): Promise<void> {
  const { report } = tools;
  const build = ENGINE_BUILDS[kind];
  const fetched = join(work, 'compiler');
  // First, so that a machine that cannot get one has not loaded the rest for nothing.
  const compiler = tools.compiler ?? (await fetchedCompiler(fetched, report));
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
  await compileTensorAddon(place, compiler);
  await compileGraphAddon(place, compiler);
  await rm(fetched, { recursive: true, force: true });
}
