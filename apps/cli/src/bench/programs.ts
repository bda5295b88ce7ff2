/** The measured programs: one process per measurement, so that memory and settings belong to one side. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { engineEnvironment } from '@janus/engine';

/** The result of one process. */
export interface Measurement {
  /** Library and version, such as `torch 2.13.0`. */
  readonly peer: string;
  /** Settings of the process: its arguments and what it chose itself. */
  readonly config: Readonly<Record<string, unknown>>;
  /** In the workload's unit, images per second or seconds per step; above 0. */
  readonly value: number;
  /** Peak resident memory in MB. */
  readonly peakRssMb: number;
}

/** A process without a result, and why. */
export interface Failure {
  readonly reason: string;
}

/** A process to start. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

const OURS = join(dirname(fileURLToPath(import.meta.url)), '../../../../benchmarks/ours.ts');

/** Returns our side's program, with the environment that a training process has. */
export function ourProgram(args: readonly string[]): Program {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return {
    command: process.execPath,
    args: ['--conditions=@janus/source', '--import', tsx, OURS, ...args],
    environment: { ...process.env, ...engineEnvironment() },
  };
}

/** Whether an environment variable is one that Janus, or its launcher, sets for its own processes. */
function isSetting(name: string): boolean {
  return (
    name in engineEnvironment() || /^(MALLOC_|GLIBC_TUNABLES$|TF_ENABLE_ONEDNN_OPTS$)/.test(name)
  );
}

/** Returns a peer's program, without the environment variables that Janus sets for itself. */
export function peerProgram(python: string, args: readonly string[]): Program {
  return {
    command: python,
    args,
    environment: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !isSetting(name)),
    ),
  };
}

/** Affects log output only, so it is not part of the record. */
const LOGGING = 'TF_CPP_MIN_LOG_LEVEL';

/** Returns the environment settings of our processes as text, for the record. */
export function ourSettings(): string {
  return Object.entries(ourProgram([]).environment)
    .filter(([name]) => isSetting(name) && name !== LOGGING)
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .join(' ');
}

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program until it exits; it is killed when this process exits or `signal` fires. */
async function run(program: Program, signal?: AbortSignal): Promise<Ended | Failure> {
  const { command, args, environment } = program;
  const child = spawn(command, [...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.on('exit', kill);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  try {
    return await new Promise((resolve) => {
      child.on('error', (error) => {
        resolve({ reason: error.message });
      });
      child.on('close', (status, by) => {
        resolve({ status, signal: by, out, err });
      });
    });
  } finally {
    process.off('exit', kill);
  }
}

/** Runs a program and returns the measurement in the JSON line that it prints last. */
export async function measure(
  program: Program,
  signal?: AbortSignal,
): Promise<Measurement | Failure> {
  const ended = await run(program, signal);
  if ('reason' in ended) return ended;
  if (ended.signal !== null) return { reason: `killed by ${ended.signal}` };
  if (ended.status !== 0) return { reason: reasonIn(ended.err) };
  return measurementIn(ended.out);
}

/** Runs Python code and returns what it prints, or why it failed. */
export async function askPython(python: string, code: string): Promise<string | Failure> {
  const ended = await run(peerProgram(python, ['-c', code]));
  if ('reason' in ended) return ended;
  return ended.status === 0 ? ended.out.trim() : { reason: reasonIn(ended.err) };
}

/** The longest reason that is shown, in characters. */
const MAX_REASON_LENGTH = 240;

/** Returns the line of a program's standard error that explains its failure: that of the last error, else the last. */
export function reasonIn(standardError: string): string {
  const lines = standardError
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const named = lines.filter((line) => /^[\w.]*(Error|Exception|Interrupt)\b/.test(line));
  return (named.at(-1) ?? lines.at(-1) ?? 'no error message').slice(0, MAX_REASON_LENGTH);
}

function measurementIn(out: string): Measurement | Failure {
  const line = out.trim().split('\n').at(-1) ?? '';
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    found = undefined;
  }
  if (typeof found !== 'object' || found === null) return { reason: 'no JSON line in its output' };
  const { peer, config, value, peak_rss_mb: peakRssMb } = found as Record<string, unknown>;
  if (
    typeof peer !== 'string' ||
    typeof value !== 'number' ||
    !(value > 0 && value < Infinity) ||
    typeof peakRssMb !== 'number' ||
    typeof config !== 'object' ||
    config === null
  ) {
    return { reason: 'its JSON line must have peer, config, a value above 0 and peak_rss_mb' };
  }
  return { peer, config: config as Record<string, unknown>, value, peakRssMb };
}
