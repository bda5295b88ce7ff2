// Opens the notebooks in JupyterLab, or runs them headless.
//
//   node tools/notebooks.mjs open [jupyter lab flags]
//   node tools/notebooks.mjs set-up [--user-kernel]
//   node tools/notebooks.mjs test [--profile small|full] [--out folder] [--timeout seconds] [notebook...]
//
// `test` runs every notebook of notebooks/ (or those named) from top to bottom, writes copies with
// their outputs, and ends with exit code 1 and the failing cell's own error when one fails.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  installUserKernel,
  NOTEBOOKS,
  prepareNotebooks,
  ROOT,
  SetUpError,
} from './notebook-environment.mjs';

const USAGE =
  'usage: node tools/notebooks.mjs open [jupyter lab flags] | set-up [--user-kernel] | test [--profile small|full] [--out folder] [--timeout seconds] [notebook...]';

/** Exit codes of programs that a signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };
const STOPPED = Object.values(EXIT_CODES);

function main() {
  const [command, ...rest] = process.argv.slice(2);
  if (command === 'open') return openLab(rest);
  if (command === 'test') return testNotebooks(rest);
  if (command === 'set-up') return setUp(rest);
  return usage(command === undefined ? 'say open, set-up or test' : `no such command: ${command}`);
}

async function setUp(flags) {
  const unknown = flags.find((flag) => flag !== '--user-kernel');
  if (unknown !== undefined) return usage(`no such flag: ${unknown}`);
  const { python } = await prepareNotebooks({ lab: false, report });
  if (flags.length > 0) report(`wrote ${installUserKernel(python)}`);
  return 0;
}

async function openLab(flags) {
  const { python, env } = await prepareNotebooks({ lab: true, report });
  const asRoot = process.getuid?.() === 0 ? ['--allow-root'] : [];
  const root = `--ServerApp.root_dir=${NOTEBOOKS}`;
  return start(python, ['-m', 'jupyterlab', root, ...asRoot, ...flags], env);
}

async function testNotebooks(args) {
  const options = parseTestFlags(args);
  if (typeof options === 'string') return usage(options);
  const missing = options.notebooks.find((file) => !existsSync(file));
  if (missing !== undefined) {
    throw new SetUpError(`there is no notebook ${missing}. Name one of notebooks/*.ipynb.`);
  }
  const { python, env } = await prepareNotebooks({ lab: false, report });
  const began = Date.now();
  let failed = 0;
  for (const notebook of options.notebooks) {
    const runner = ['-u', join(ROOT, 'tools', 'run_notebook.py'), notebook, '--in', NOTEBOOKS];
    const flags = ['--out', options.out ?? join(dirname(notebook), 'executed')];
    const profiled = { ...env, JANUS_NOTEBOOK_PROFILE: options.profile };
    const code = await start(python, [...runner, ...flags, ...options.runnerFlags], profiled);
    if (STOPPED.includes(code)) return code;
    if (code !== 0) failed++;
  }
  const seconds = Math.round((Date.now() - began) / 1000);
  const passed = options.notebooks.length - failed;
  console.log(`notebooks: ${passed} ran to the end, ${failed} failed, in ${seconds} s`);
  return failed === 0 ? 0 : 1;
}

/** Returns what to run, or what is wrong with the flags. */
function parseTestFlags(args) {
  const { error, values, positionals } = parsed(args);
  if (error !== undefined) return error;
  const { profile, out, timeout } = values;
  if (!['small', 'full'].includes(profile)) {
    return `--profile must be small or full, but got ${profile}`;
  }
  if (timeout !== undefined && !(Number(timeout) > 0)) {
    return `--timeout takes seconds above 0, but got ${timeout}`;
  }
  return {
    notebooks: positionals.length > 0 ? positionals.map((file) => resolve(file)) : allNotebooks(),
    profile,
    out: out === undefined ? undefined : resolve(out),
    runnerFlags: timeout === undefined ? [] : ['--timeout', timeout],
  };
}

function parsed(args) {
  const options = {
    profile: { type: 'string', default: 'small' },
    out: { type: 'string' },
    timeout: { type: 'string' },
  };
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    const unknown = /^Unknown option '([^']+)'/.exec(error.message)?.[1];
    return { error: unknown === undefined ? error.message : `no such flag: ${unknown}` };
  }
}

function allNotebooks() {
  return readdirSync(NOTEBOOKS)
    .filter((name) => name.endsWith('.ipynb'))
    .sort()
    .map((name) => join(NOTEBOOKS, name));
}

/** Runs a child to its end, hands signals on, and returns its exit code. */
function start(command, parameters, env) {
  return new Promise((done, fail) => {
    const child = spawn(command, parameters, { cwd: NOTEBOOKS, env, stdio: 'inherit' });
    // A terminal's Ctrl-C reaches the child by itself; this process waits for it to clean up.
    const signals = { SIGINT: () => undefined, SIGTERM: () => child.kill('SIGTERM') };
    for (const [signal, listener] of Object.entries(signals)) process.on(signal, listener);
    child.on('error', fail);
    child.on('exit', (code, signal) => {
      for (const [name, listener] of Object.entries(signals)) process.off(name, listener);
      done(code ?? EXIT_CODES[signal] ?? 1);
    });
  });
}

function usage(problem) {
  console.error(`notebooks: ${problem}. ${USAGE}`);
  return 2;
}

function report(line) {
  console.error(`notebooks: ${line}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  report(error.message);
  process.exitCode = 1;
}
