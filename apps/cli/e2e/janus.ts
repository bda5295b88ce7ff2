import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const BIN = join(HERE, '../bin/janus.mjs');
const FILE_EVENTS = new URL('file-events.fixture.mjs', import.meta.url).href;

/** What a finished command left behind. */
export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A call of `node:fs/promises` by a command, which its stderr names once it is done. */
export interface FileEvent {
  /** `rename`, a method of the handle of an open file, or `appendFile` with a path. */
  readonly call: 'rename' | 'write' | 'appendFile';
  /** Regular expression of the file's path; of the new one for `rename`. */
  readonly path: string;
  /** The command stops at this one and at all later ones, counted from 1; default: it never stops. */
  readonly holdAt?: number;
  /** A stopped command goes on once this file exists; default: never. */
  readonly heldUntil?: string;
}

/** A running command and the promise of its end. */
interface Running {
  /** The launcher; the command itself is its child. */
  readonly child: ChildProcess;
  /**
   * Resolves when nobody can write to the command's output any more. So a command whose launcher was killed
   * has ended too by then: it has the same output.
   */
  readonly end: Promise<Finished>;
  /** Returns the command's process, which it names with an event; `undefined` before the first one. */
  readonly commandPid: () => number | undefined;
  /**
   * Resolves once `met` holds, which is asked each time the command prints something.
   *
   * @throws Error when the command ends first
   */
  readonly until: (met: (printed: string) => boolean | Promise<boolean>) => Promise<void>;
}

/** Starts the real command; with an event, its stderr reports that. */
export function startJanus(args: readonly string[], folder: string, event?: FileEvent): Running {
  const reporting = {
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${FILE_EVENTS}`,
    JANUS_FILE_EVENT: JSON.stringify(event),
  };
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { ...process.env, ...(event === undefined ? {} : reporting) },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const end = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      resolve({ status, signal, out, err });
    });
  });
  const until: Running['until'] = (met) =>
    new Promise((resolve, reject) => {
      const ask = (): void => {
        Promise.resolve(met(out + err)).then((yes) => {
          if (yes) resolve();
        }, reject);
      };
      child.stdout.on('data', ask);
      child.stderr.on('data', ask);
      void end.then(() => {
        reject(new Error(`janus ${args.join(' ')} ended before what was waited for: ${out}${err}`));
      }, reject);
      ask();
    });
  const commandPid = (): number | undefined => {
    const pid = /^event 1 of process (\d+):/m.exec(err)?.[1];
    return pid === undefined ? undefined : Number(pid);
  };
  return { child, end, commandPid, until };
}

/**
 * Starts the real command, and kills its launcher when the command has come to an event, where it is held.
 * Returns when both have ended.
 */
export async function killAt(
  event: FileEvent & { readonly holdAt: number },
  args: readonly string[],
  folder: string,
): Promise<void> {
  const { child, end, until } = startJanus(args, folder, event);
  await until((printed) => printed.includes(`event ${event.holdAt} of`));
  child.kill('SIGKILL');
  await end;
}

/** The first checkpoint of a training is whole: it has its name. */
export const FIRST_CHECKPOINT = {
  call: 'rename',
  path: '[\\\\/]checkpoints[\\\\/]step-\\d+$',
  holdAt: 1,
} as const;

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
