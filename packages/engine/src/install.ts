import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, statfs, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DataError, OptionsError, sha256OfFile, syncFolder, writeJson } from '@janus/core';
import { installedAddon } from './native.js';
import {
  ADDON_VERSION,
  GRAPH_SOURCE,
  graphAddonFile,
  INSTALL_BYTES,
  nativeFolder,
  TENSORFLOW_VERSION,
  WHEEL,
} from './settings.js';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Where the native library comes from. */
export type EngineSource = 'auto' | 'wheel' | 'archive';

/** Options of {@link installEngine}. */
export interface InstallEngineOptions {
  /** Default false: the CPU build. */
  readonly gpu?: boolean;
  /** Default `auto`: the pip wheel, else the official archive. */
  readonly source?: EngineSource;
  /** Takes a line for each thing that is done. */
  readonly report?: (line: string) => void;
}

/** A native engine in the per-user cache. */
export interface InstalledEngine {
  readonly folder: string;
  /** TensorFlow's version, as the library itself says. */
  readonly version: string;
  readonly kind: 'cpu';
  /** True when nothing had to be done. */
  readonly alreadyThere: boolean;
}

/** Folders of unfinished installations begin so. */
const WORK_PREFIX = '.install-';

/**
 * Puts the native engine into the per-user cache: library and headers from the pip wheel (checked by
 * hash), addon compiled from the sources in the npm package. Made in a folder of its own and renamed
 * when it has loaded once; so a kill leaves nothing that looks finished, and of two at once the
 * later one finds the other's.
 *
 * @throws OptionsError when the platform, pip, g++ or the space is missing, or the source cannot be
 * had; DataError when the wheel has the wrong hash
 */
export async function installEngine(options: InstallEngineOptions = {}): Promise<InstalledEngine> {
  const { gpu = false, source = 'auto', report = () => undefined } = options;
  if (gpu) {
    throw new OptionsError(
      'engine install --gpu: must be left out for now: only the CPU library is installed by this version. Install it without --gpu.',
    );
  }
  if (source === 'archive') {
    throw new OptionsError(
      'engine install --source archive: must be wheel or auto for now: the official archive holds an older library that this version was not tried on. Leave --source out.',
    );
  }
  const folder = nativeFolder();
  if (installedAddon(folder) !== undefined) {
    try {
      return { folder, version: await versionOf(folder), kind: 'cpu', alreadyThere: true };
    } catch (error) {
      report(`The installed engine does not load (${firstLine(error)}); making it anew.`);
      await rm(folder, { recursive: true, force: true });
    }
  }
  if (existsSync(join(folder, 'installed.json'))) {
    // The library is there, the addon is of another version of Janus.
    await checkCompiler();
    report('Compiling the addon for graphs...');
    await compileGraphs(folder);
    return { folder, version: await versionOf(folder), kind: 'cpu', alreadyThere: false };
  }
  await checkMachine();
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  await checkSpace(parent);
  const work = await mkdtemp(join(parent, `${WORK_PREFIX}${process.pid}-`));
  try {
    await make(work, report);
    const version = await versionOf(work);
    await writeJson(join(work, 'installed.json'), {
      tensorflow: version,
      addon: ADDON_VERSION,
      wheel: WHEEL.sha256,
    });
    await syncFolder(work);
    return await moveIntoPlace(work, folder, version);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function moveIntoPlace(
  work: string,
  folder: string,
  version: string,
): Promise<InstalledEngine> {
  try {
    await rename(work, folder);
    await syncFolder(dirname(folder));
    return { folder, version, kind: 'cpu', alreadyThere: false };
  } catch (error) {
    // Another installation was faster: a rename does not replace a folder that has files.
    if (installedAddon(folder) === undefined) throw error;
    return { folder, version, kind: 'cpu', alreadyThere: true };
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

async function checkSpace(parent: string): Promise<void> {
  const { bavail, bsize } = await statfs(parent);
  const free = bavail * bsize;
  if (free < INSTALL_BYTES) {
    throw new OptionsError(
      `engine install: needs ${megabytes(INSTALL_BYTES)} free below ${parent}, but there are ${megabytes(free)}. Free some, or name another place in JANUS_CACHE.`,
    );
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

async function make(work: string, report: (line: string) => void): Promise<void> {
  report(`Getting TensorFlow ${TENSORFLOW_VERSION} through pip (${megabytes(WHEEL.bytes)})...`);
  const wheel = await downloadWheel(work);
  const hash = await sha256OfFile(wheel);
  if (hash !== WHEEL.sha256) {
    throw new DataError(
      `engine install: ${basename(wheel)} must have sha256 ${WHEEL.sha256}, but has ${hash}. Repeat the command; if it stays so, your package index serves another file.`,
      { path: wheel },
    );
  }
  report('Unpacking the library...');
  await unpack(wheel, work);
  report('Compiling the addons...');
  await compile(work);
  await compileGraphs(work);
  await rm(wheel);
  await rm(join(work, 'tensorflow'), { recursive: true });
}

async function downloadWheel(work: string): Promise<string> {
  const args = [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:'],
    ...[
      '--python-version',
      '3.11',
      '--implementation',
      'cp',
      '--platform',
      'manylinux_2_27_x86_64',
    ],
    ...['--dest', work, `${WHEEL.name}==${WHEEL.version}`],
  ];
  try {
    await run('python3', args, { maxBuffer: 64e6 });
  } catch (error) {
    throw new OptionsError(
      `engine install: pip could not get ${WHEEL.name} ${WHEEL.version} (${pipReason(error)}). Check the network or pip's index, or go on with the wasm engine.`,
      { cause: error },
    );
  }
  const wheel = join(work, WHEEL.file);
  if (!existsSync(wheel)) {
    throw new DataError(
      `engine install: pip must deliver ${WHEEL.file}, but brought ${(await readdir(work)).join(', ')}. Repeat the command.`,
    );
  }
  return wheel;
}

function pipReason(error: unknown): string {
  const text =
    typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
  const line = text.split('\n').find((each) => each.startsWith('ERROR'));
  return line?.replace(/^ERROR:\s*/, '') ?? firstLine(error);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

/** Folders of the headers that the addons include, a few dozen files. */
const HEADERS = [
  'tensorflow/c/',
  'tensorflow/core/platform/ctstring',
  'tsl/platform/ctstring',
  'xla/tsl/c/',
];

/** Python unpacks, since pip is needed anyway: two libraries and some headers, nothing else. */
const UNPACK = `
import sys, zipfile
headers = tuple('tensorflow/include/' + name for name in sys.argv[3:])
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if name.startswith(headers) and name.endswith('.h') \\
           or name in ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'):
            wheel.extract(name, sys.argv[2])
`;

async function unpack(wheel: string, work: string): Promise<void> {
  await run('python3', ['-c', UNPACK, wheel, work, ...HEADERS]);
  await rename(join(work, 'tensorflow', 'include'), join(work, 'include'));
  for (const name of ['libtensorflow_cc', 'libtensorflow_framework']) {
    await rename(join(work, 'tensorflow', `${name}.so.2`), join(work, `${name}.so.2`));
  }
  await symlink('libtensorflow_cc.so.2', join(work, 'libtensorflow.so'));
  await symlink('libtensorflow_framework.so.2', join(work, 'libtensorflow_framework.so'));
}

async function compile(folder: string): Promise<void> {
  const sources = join(
    dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')),
    'binding',
  );
  await compileAddon(folder, 'tfjs_binding.node', [
    ...['-DNODE_GYP_MODULE_NAME=tfjs_binding', `-I${sources}`],
    ...[join(sources, 'tfjs_backend.cc'), join(sources, 'tfjs_binding.cc')],
  ]);
}

/** Under a name that says of which source it is, so that one folder serves several versions. */
async function compileGraphs(folder: string): Promise<void> {
  const file = graphAddonFile();
  const unfinished = `${file}.${process.pid}`;
  await compileAddon(folder, unfinished, [GRAPH_SOURCE]);
  await rename(join(folder, unfinished), join(folder, file));
}

async function compileAddon(
  folder: string,
  file: string,
  sources: readonly string[],
): Promise<void> {
  const { include_dir: nodeHeaders } = require('node-api-headers') as { include_dir: string };
  const args = [
    ...['-O2', '-std=c++17', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8'],
    ...[`-I${nodeHeaders}`, `-I${join(folder, 'include')}`, ...sources],
    ...['-o', join(folder, file), `-L${folder}`],
    ...['-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN'],
  ];
  try {
    await run('g++', args, { maxBuffer: 64e6 });
  } catch (error) {
    throw new OptionsError(
      `engine install: g++ could not compile the addon (${firstLine(error).slice(0, 200)}). It needs g++ 9 or newer; or go on with the wasm engine.`,
      { cause: error },
    );
  }
}

/** Loads the addon in a process of its own: a library that crashes takes only that one down. */
async function versionOf(folder: string): Promise<string> {
  const { stdout } = await run(process.execPath, [
    '-e',
    `process.stdout.write(require(${JSON.stringify(join(folder, 'tfjs_binding.node'))}).TF_Version)`,
  ]);
  return stdout;
}

/** Returns what `installed.json` of the native engine says, when it is installed. */
export async function installedVersion(): Promise<string | undefined> {
  const path = join(nativeFolder(), 'installed.json');
  if (!existsSync(path)) return undefined;
  const { tensorflow } = JSON.parse(await readFile(path, 'utf8')) as { tensorflow?: string };
  return tensorflow;
}
