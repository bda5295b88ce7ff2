import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = join(dirname(fileURLToPath(import.meta.url)), '../bin/janus.mjs');

/** What a finished command left behind. */
export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A running command and the promise of its end. */
interface Running {
  readonly child: ChildProcess;
  readonly end: Promise<Finished>;
}

/** Starts the real command. */
export function startJanus(args: readonly string[], folder: string): Running {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return {
    child,
    end: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, signal) => {
        resolve({ status, signal, out, err });
      });
    }),
  };
}

/** Runs the real command to its end. */
export async function janus(args: readonly string[], folder: string): Promise<Finished> {
  return await startJanus(args, folder).end;
}

/** Runs the real command with `--json` and returns the object; throws when it fails. */
export async function janusJson(
  args: readonly string[],
  folder: string,
): Promise<Record<string, unknown>> {
  const { status, out, err } = await janus([...args, '--json'], folder);
  if (status !== 0) throw new Error(`janus ${args.join(' ')} exited ${String(status)}: ${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}
