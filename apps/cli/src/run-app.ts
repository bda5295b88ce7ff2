/** The other apps, each a program of its own: the command may not import them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programArguments } from '../bin/launch.mjs';
import { INTERRUPTED } from './interrupt.js';

/** The apps beside the command. */
type AppName = 'report' | 'playground';

/** Runs an app in a process of its own, and returns its exit status. */
export async function runApp(app: AppName, args: readonly string[]): Promise<number> {
  return await exitOf(spawn(process.execPath, await programOf(app, args), { stdio: 'inherit' }));
}

/** Runs an app as {@link runApp} does, and returns what it printed; its exit status where it failed, after it said why. */
export async function printedByApp(
  app: AppName,
  args: readonly string[],
): Promise<string | number> {
  const child = spawn(process.execPath, await programOf(app, args), {
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const status = await exitOf(child);
  return status === 0 ? text : status;
}

async function programOf(app: AppName, args: readonly string[]): Promise<readonly string[]> {
  const main = join(dirname(fileURLToPath(import.meta.url)), '../..', app, 'src/main.ts');
  return [...(await programArguments(main)), ...args];
}

/** Waits for an app to end; it gets a Ctrl-C first, and cleans up, before this process does anything about it. */
async function exitOf(child: ChildProcess): Promise<number> {
  const names = ['SIGINT', 'SIGTERM'] as const;
  const forward = (name: NodeJS.Signals): void => {
    child.kill(name);
  };
  for (const name of names) process.on(name, forward);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve(code ?? (signal === null ? 1 : INTERRUPTED));
      });
    });
  } finally {
    for (const name of names) process.off(name, forward);
  }
}
