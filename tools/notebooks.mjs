// Opens the notebooks in JupyterLab, or runs them headless.
//
//   node tools/notebooks.mjs open [jupyter lab flags]
//   node tools/notebooks.mjs set-up
//   node tools/notebooks.mjs test [--write] [--timeout seconds] [notebook...]
//
// `test` runs every notebook of notebooks/ (or those named) from top to bottom, ends with exit
// code 1 and the failing cell's own error when one fails, and with --write keeps the outputs.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NOTEBOOKS, prepareNotebooks, ROOT, SetUpError } from './notebook-environment.mjs';

const USAGE =
  'usage: node tools/notebooks.mjs open [jupyter lab flags] | set-up | test [--write] [--timeout seconds] [notebook...]';

function main() {
  const [command, ...rest] = process.argv.slice(2);
  if (command === 'open') return openLab(rest);
  if (command === 'test') return testNotebooks(rest);
  if (command === 'set-up') {
    prepareNotebooks({ lab: false, report });
    return 0;
  }
  return usage(command === undefined ? 'say open, set-up or test' : `no such command: ${command}`);
}

async function openLab(flags) {
  const { python, env } = prepareNotebooks({ lab: true, report });
  const asRoot = process.getuid?.() === 0 ? ['--allow-root'] : [];
  return start(
    python,
    ['-m', 'jupyterlab', `--ServerApp.root_dir=${NOTEBOOKS}`, ...asRoot, ...flags],
    {
      ...env,
      JANUS_NOTEBOOK_INTERACTIVE: '1',
    },
  );
}

async function testNotebooks(args) {
  const options = parseTestFlags(args);
  if (typeof options === 'string') return usage(options);
  const missing = options.notebooks.find((file) => !existsSync(file));
  if (missing !== undefined) {
    throw new SetUpError(`there is no notebook ${missing}. Name one of notebooks/*.ipynb.`);
  }
  const { python, env } = prepareNotebooks({ lab: false, report });
  const began = Date.now();
  let failed = 0;
  for (const notebook of options.notebooks) {
    const runner = ['-u', join(ROOT, 'tools', 'run_notebook.py'), notebook, '--in', NOTEBOOKS];
    const code = await start(python, [...runner, ...options.runnerFlags], env);
    if (code === 130) return code;
    if (code !== 0) failed++;
  }
  const seconds = Math.round((Date.now() - began) / 1000);
  const passed = options.notebooks.length - failed;
  console.log(`notebooks: ${passed} ran to the end, ${failed} failed, in ${seconds} s`);
  return failed === 0 ? 0 : 1;
}

/** Returns what to run, or what is wrong with the flags. */
function parseTestFlags(args) {
  const notebooks = [];
  const runnerFlags = [];
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--write') runnerFlags.push('--write');
    else if (args[i] === '--timeout') {
      const seconds = Number(args[++i]);
      if (!(seconds > 0)) return `--timeout takes seconds above 0, but got ${args[i] ?? 'nothing'}`;
      runnerFlags.push('--timeout', String(seconds));
    } else if (args[i].startsWith('-')) return `no such flag: ${args[i]}`;
    else notebooks.push(resolve(args[i]));
  }
  return { notebooks: notebooks.length > 0 ? notebooks : allNotebooks(), runnerFlags };
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
      done(code ?? (signal === 'SIGINT' ? 130 : 1));
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
