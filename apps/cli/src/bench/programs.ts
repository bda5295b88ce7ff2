/** The programs that are measured: one process a measurement, so that memory and settings are its own. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { engineEnvironment } from '@janus/engine';

/** What one process found. */
export interface Measurement {
  /** Library and version. */
  readonly peer: string;
  /** Everything that it was told or chose. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly value: number;
  readonly peakRssMb: number;
}

/** A process that found nothing, and why. */
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

/** Returns our side's process, with the settings that a training's process has. */
export function ourProgram(args: readonly string[]): Program {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return {
    command: process.execPath,
    args: ['--conditions=@janus/source', '--import', tsx, OURS, ...args],
    environment: { ...process.env, ...engineEnvironment() },
  };
}

/** Settings that Janus may have made for itself, those of its launcher among them. */
function isSetting(name: string): boolean {
  return (
    name in engineEnvironment() || /^(MALLOC_|GLIBC_TUNABLES$|TF_ENABLE_ONEDNN_OPTS$)/.test(name)
  );
}

/** Returns a peer's process, with none of the settings that Janus makes for itself. */
export function peerProgram(python: string, args: readonly string[]): Program {
  return {
    command: python,
    args,
    environment: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !isSetting(name)),
    ),
  };
}

/** Changes what is printed, and nothing else. */
const LOGGING = 'TF_CPP_MIN_LOG_LEVEL';

/** Returns the settings that our processes start with, for the record. */
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

/** Runs a program to its end; it ends when this process does, or when `signal` fires. */
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

/** Starts a program and returns what the JSON line says that it prints last. */
export async function measure(
  program: Program,
  signal?: AbortSignal,
): Promise<Measurement | Failure> {
  const ended = await run(program, signal);
  if ('reason' in ended) return ended;
  if (ended.signal !== null) return { reason: `it was ended by ${ended.signal}` };
  if (ended.status !== 0) return { reason: reasonIn(ended.err) };
  return measurementIn(ended.out);
}

/** Returns what a Python program prints for an expression, or why there is nothing. */
export async function askPython(python: string, code: string): Promise<string | Failure> {
  const ended = await run(peerProgram(python, ['-c', code]));
  if ('reason' in ended) return ended;
  return ended.status === 0 ? ended.out.trim() : { reason: reasonIn(ended.err) };
}

/** The longest reason that a table takes. */
const REASON_LENGTH = 240;

/** Returns the line of a program's complaints that says why: the last error's, else the last. */
export function reasonIn(complaints: string): string {
  const lines = complaints
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const named = lines.filter((line) => /^[\w.]*(Error|Exception|Interrupt)\b/.test(line));
  return (named.at(-1) ?? lines.at(-1) ?? 'it said nothing').slice(0, REASON_LENGTH);
}

function measurementIn(out: string): Measurement | Failure {
  const line = out.trim().split('\n').at(-1) ?? '';
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    found = undefined;
  }
  if (typeof found !== 'object' || found === null) return { reason: 'it printed no JSON line' };
  const { peer, config, value, peak_rss_mb: peakRssMb } = found as Record<string, unknown>;
  if (
    typeof peer !== 'string' ||
    typeof value !== 'number' ||
    !(value > 0 && value < Infinity) ||
    typeof peakRssMb !== 'number' ||
    typeof config !== 'object' ||
    config === null
  ) {
    return { reason: 'its JSON line lacks peer, config, value above 0 or peak_rss_mb' };
  }
  return { peer, config: config as Record<string, unknown>, value, peakRssMb };
}
