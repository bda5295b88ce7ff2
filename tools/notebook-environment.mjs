// Makes what a notebook needs to run, on demand: tslab (npm ci in notebooks/), a Python virtual
// environment in notebooks/.venv (or JANUS_NOTEBOOKS_VENV), the built packages, and the kernel's entry.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackages } from './build-packages.mjs';
import { writeKernel } from './notebook-kernel.mjs';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const NOTEBOOKS = join(ROOT, 'notebooks');
const VENV = process.env.JANUS_NOTEBOOKS_VENV ?? join(NOTEBOOKS, '.venv');
const VENV_NAME = relative(ROOT, VENV);
const WINDOWS = process.platform === 'win32';
const VENV_PYTHON = WINDOWS ? join(VENV, 'Scripts', 'python.exe') : join(VENV, 'bin', 'python');
/** The oldest Python that the pinned nbclient runs on. */
const OLDEST_PYTHON = [3, 9];
/** Longer than a set-up over a slow line takes. */
const LOCK_TIMEOUT_MS = 600_000;

/** An expected failure: one line with the way out. */
export class SetUpError extends Error {}

/**
 * Makes the environment where it is missing or out of date, and returns what to start notebooks
 * with.
 *
 * @param {{ lab: boolean, report: (line: string) => void }} options `lab` adds JupyterLab
 * @returns {Promise<{ python: string, env: NodeJS.ProcessEnv }>}
 * @throws {SetUpError} when Python, its venv module, npm or a package is not available
 */
export async function prepareNotebooks({ lab, report }) {
  if (!existsSync(join(ROOT, 'node_modules', 'tsx'))) {
    throw new SetUpError('the workspace is not installed. Run npm ci in the root first.');
  }
  const unlock = lock(join(NOTEBOOKS, '.set-up.lock.tmp'), report);
  try {
    installTslab(report);
    installPython(
      lab ? ['requirements.txt', 'requirements-lab.txt'] : ['requirements.txt'],
      report,
    );
    await buildPackages({ report });
    writeKernel(NOTEBOOKS, { into: join(VENV, 'share', 'jupyter', 'kernels'), name: 'tslab' });
  } finally {
    unlock();
  }
  return {
    python: VENV_PYTHON,
    env: {
      ...process.env,
      // The kernel starts `node` from the path: the one that runs this.
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      // Before the user's own kernels, of which one may be called tslab too.
      JUPYTER_PATH: [join(VENV, 'share', 'jupyter'), process.env.JUPYTER_PATH]
        .filter((each) => each !== undefined && each !== '')
        .join(delimiter),
    },
  };
}

function installTslab(report) {
  const marker = join(NOTEBOOKS, 'node_modules', '.installed');
  const wanted = hashOf(['package-lock.json']);
  if (isMarked(marker, wanted)) return;
  report('installing tslab (npm ci in notebooks/)');
  // npm_execpath is set under `npm run`, and is a script that any Node can start.
  const npm = process.env.npm_execpath;
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const result =
    npm !== undefined && /\.c?js$/.test(npm)
      ? run(process.execPath, [npm, ...flags])
      : run(WINDOWS ? 'npm.cmd' : 'npm', flags, { shell: WINDOWS });
  if (result.status !== 0) {
    throw new SetUpError(
      `tslab could not be installed: ${lastLineOf(result, /error/i)} Run npm ci in notebooks/ to see the whole message.`,
    );
  }
  writeFileSync(marker, wanted);
}

function installPython(requirements, report) {
  const marker = join(VENV, `.installed-${requirements.length}`);
  const wanted = hashOf(requirements);
  if (existsSync(VENV_PYTHON) && run(VENV_PYTHON, ['-c', 'import pip']).status === 0) {
    if (isMarked(marker, wanted)) return;
  } else {
    makeVenv(report);
  }
  report(`installing Python packages into ${VENV_NAME} (${requirements.join(', ')})`);
  const flags = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  const files = requirements.flatMap((file) => ['-r', file]);
  const result = run(VENV_PYTHON, [...flags, ...files]);
  if (result.status !== 0) {
    throw new SetUpError(
      `pip could not install ${requirements.join(' and ')}: ${lastLineOf(result, /error/i)} Check that pip reaches its package index, then run this again.`,
    );
  }
  writeFileSync(marker, wanted);
}

function makeVenv(report) {
  const python = process.env.JANUS_PYTHON ?? (WINDOWS ? 'python' : 'python3');
  const wayOut = `Install Python ${OLDEST_PYTHON.join('.')} or newer with its venv module (Debian: apt-get install python3 python3-venv), or name one in JANUS_PYTHON.`;
  const version = run(python, ['-c', 'import sys; print(*sys.version_info[:2])']);
  if (version.status !== 0) throw new SetUpError(`${python} was not found. ${wayOut}`);
  const [major = 0, minor = 0] = version.stdout.trim().split(' ').map(Number);
  if (major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1])) {
    throw new SetUpError(`${python} is Python ${major}.${minor}. ${wayOut}`);
  }
  report(`making a Python environment in ${VENV_NAME} (Python ${major}.${minor})`);
  rmSync(VENV, { recursive: true, force: true });
  if (run(python, ['-m', 'venv', VENV]).status !== 0) {
    rmSync(VENV, { recursive: true, force: true });
    throw new SetUpError(`${python} could not make a virtual environment. ${wayOut}`);
  }
}

/**
 * Writes the kernel's entry into the user's own Jupyter folder, where other programs find it.
 *
 * @returns {string} the file
 */
export function installUserKernel(python) {
  const code = 'from jupyter_core.paths import jupyter_data_dir; print(jupyter_data_dir())';
  const { status, stdout } = run(python, ['-c', code]);
  if (status !== 0)
    throw new SetUpError(`${VENV_NAME} lacks jupyter_core. Remove it and run this again.`);
  const into = join(stdout.trim(), 'kernels');
  return writeKernel(NOTEBOOKS, { into, name: 'janus', title: 'Janus (TypeScript)' });
}

/** Two set-ups at once take turns; a lock whose owner is gone is taken over. */
function lock(file, report) {
  const began = Date.now();
  let told = false;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isRunning(readOr(file, ''))) {
      rmSync(file, { force: true });
      continue;
    }
    if (Date.now() - began > LOCK_TIMEOUT_MS) {
      throw new SetUpError(`another set-up did not end. Remove ${file} and run this again.`);
    }
    if (!told) report('waiting for another set-up of the notebooks to end');
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function isRunning(pid) {
  // A lock that was opened but not yet written belongs to someone.
  if (pid === '') return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(NOTEBOOKS, file)));
  return hash.digest('hex');
}

function isMarked(marker, wanted) {
  return readOr(marker, '') === wanted;
}

function readOr(file, otherwise) {
  return existsSync(file) ? readFileSync(file, 'utf8') : otherwise;
}

function run(command, parameters, options = {}) {
  return spawnSync(command, parameters, { cwd: NOTEBOOKS, encoding: 'utf8', ...options });
}

/** The last line that looks like the reason, else the last line at all, as a sentence. */
function lastLineOf(result, pattern) {
  const lines = `${result.stdout ?? ''}\n${result.stderr ?? ''}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const line = lines.filter((each) => pattern.test(each)).at(-1) ?? lines.at(-1);
  const reason = line ?? result.error?.message ?? 'it gave no reason';
  return `${reason.replace(/\.$/, '')}.`;
}
