import { mkdir } from 'node:fs/promises';
import { existsSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { OptionsError, readBench, writeBench, type BenchRecord } from '@janus/core';
import { bfloat16Instructions, type EngineName } from '@janus/engine';
import type { Command } from 'commander';
import { findPeers, type Peers } from '../bench/peers.js';
import {
  measure,
  ourProgram,
  ourSettings,
  type Failure,
  type Measurement,
} from '../bench/programs.js';
import { compareInRounds } from '../bench/rounds.js';
import { linesOf, rowsOf, withWorkload, type WorkloadResult } from '../bench/rows.js';
import { WORKLOADS, workloadsOf, type PeerProgram, type Workload } from '../bench/workloads.js';
import { acceptOldName, engineFlag, jsonFlag, listOf, wholeNumber } from '../flags.js';
import { INTERRUPTED, interruptSignal } from '../interrupt.js';
import { createTerminal, type Terminal } from '../terminal.js';
import { makeBenchImages, VERSION, type BenchImages } from '@janus/runs';

interface Flags {
  readonly workloads?: readonly string[];
  readonly rounds: number;
  readonly batch?: number;
  readonly size?: number;
  readonly peers?: string;
  readonly peerPython?: string;
  readonly kerasPython?: string;
  readonly images?: string;
  readonly out: string;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

/** `janus bench`. */
export function addBenchCommand(program: Command): void {
  const names = WORKLOADS.map(({ name }) => name).join(', ');
  const command = program
    .command('bench')
    .description(
      'measure speed and peak memory, in alternation with scripts for PyTorch and Keras when --peers is given',
    )
    .option(
      '--workloads <list>',
      `comma-separated workloads, some of ${names} (default: all but those of bytes)`,
      listOf,
    )
    .option('--rounds <n>', 'measurements of each side', wholeNumber(1), 5)
    .option('--batch <n>', 'images a step of workloads of bytes (default: 8)', wholeNumber(1))
    .option(
      '--size <px>',
      'side of the images of workloads of bytes, a multiple of 4 from 32 (default: 224; 64 for bytes-cyclegan)',
      wholeNumber(32),
    )
    .option(
      '--peers <dir>',
      'folder with the Python scripts to compare with: your own torch_peer.py and keras_peer.py (docs/benchmarks.md), or benchmarks, which has bytes_peer.py for the workloads of bytes',
    )
    .option('--peer-python <file>', 'Python executable that has torch (default: python3)')
    .option(
      '--keras-python <file>',
      'Python executable that has Keras (default: Keras is left out)',
    )
    .option('--images <dir>', 'folder of .jpg files to decode (default: 2,000 generated files)')
    .option('--out <dir>', 'folder for bench.json, which `janus report --runs <dir>` shows', 'runs')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nWorkloads that are not measured keep their figures in bench.json.\n\nExample:\n  $ npx janus bench --workloads cyclegan-64 --peers peers --peer-python peers/venv/bin/python',
    );
  acceptOldName(command, { flags: '--works <list>', replacedBy: '--workloads' });
  command.action(async (flags: Flags) => {
    const python = flags.peerPython ?? flags.kerasPython;
    if (flags.peers === undefined && python !== undefined) {
      command.error('error: --peer-python and --keras-python need --peers (see --help)', {
        exitCode: 2,
      });
    }
    const terminal = createTerminal(flags.json === true);
    const signal = interruptSignal();
    const record = await bench(flags, terminal, signal);
    terminal.result(record, linesOf(record));
    if (signal.aborted) process.exitCode = INTERRUPTED;
  });
}

function workloadsNamed({ workloads: names, batch, size }: Flags): readonly Workload[] {
  const all = workloadsOf({ batch, size });
  const known = all.map(({ name }) => name);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined || names?.length === 0) {
    throw new OptionsError(
      `bench: --workloads must be some of ${known.join(', ')}, but got ${unknown ?? 'none'}. Leave it out to measure all.`,
    );
  }
  const chosen = all.filter(({ name, onlyNamed }) => names?.includes(name) ?? onlyNamed !== true);
  if ((batch ?? size) !== undefined && !chosen.every(({ onlyNamed }) => onlyNamed === true)) {
    throw new OptionsError(
      'bench: --batch and --size are of workloads of bytes alone, but others are measured too. Name those of bytes with --workloads.',
    );
  }
  return chosen;
}

function imagesIn(folder: string): BenchImages {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new OptionsError(
      `bench: --images must be a folder of .jpg files, but ${folder} is not a folder. Leave it out to decode generated files.`,
    );
  }
  return {
    folder: resolve(folder),
    line: `the .jpg files in ${folder}`,
    dispose: () => Promise.resolve(),
  };
}

function deviceText(): string {
  const instructions = bfloat16Instructions().join(', ');
  const reduced = instructions === '' ? 'no bfloat16 instructions' : instructions;
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} threads, ${reduced}`;
}

/** Measures the chosen workloads, and writes `bench.json` after each. */
async function bench(flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<BenchRecord> {
  const workloads = workloadsNamed(flags);
  const peers =
    flags.peers === undefined
      ? undefined
      : await findPeers(
          {
            folder: flags.peers,
            python: flags.peerPython ?? 'python3',
            kerasPython: flags.kerasPython,
          },
          workloads,
        );
  const device = deviceText();
  // Before the first measurement, which takes minutes.
  await mkdir(flags.out, { recursive: true });
  const old = await readBench(flags.out);
  const kept = old?.device === device ? old : { rows: [], tried: [], leftOut: [] };
  const versions = { janus: VERSION, node: process.version, ...peers?.versions };
  let record: BenchRecord = { format: 1, ...kept, device, versions };
  const images = await imagesFor(workloads, flags, terminal);
  try {
    for (const workload of workloads) {
      const found = await measureWorkload(workload, { flags, peers, images, terminal, signal });
      if (found === undefined) break;
      record = withWorkload(record, workload, found);
      await writeBench(flags.out, record);
    }
  } finally {
    terminal.endProgress();
    await images?.dispose();
  }
  return record;
}

async function imagesFor(
  workloads: readonly Workload[],
  { images: chosen }: Flags,
  terminal: Terminal,
): Promise<BenchImages | undefined> {
  if (!workloads.some(({ readsImages }) => readsImages)) return undefined;
  const images = chosen === undefined ? await makeBenchImages(terminal.progress) : imagesIn(chosen);
  terminal.log(`Images: ${images.line}`);
  return images;
}

interface WorkloadContext {
  readonly flags: Flags;
  readonly peers: Peers | undefined;
  readonly images: BenchImages | undefined;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Returns what a workload adds to the record; undefined when it was interrupted. */
async function measureWorkload(
  workload: Workload,
  context: WorkloadContext,
): Promise<WorkloadResult | undefined> {
  const { flags, peers, images, terminal, signal } = context;
  const { rounds, engine } = flags;
  const more = workload.readsImages && images !== undefined ? ['--folder', images.folder] : [];
  const own = workload.readsImages ? more : ['--engine', engine];
  let done = 0;
  const count = <T>(found: T): T => {
    done += 1;
    terminal.progress({ done, unit: 'measurements', label: workload.name });
    return found;
  };
  const ours = async (): Promise<Measurement> => {
    const found = count(await measure(ourProgram([...workload.ours, ...own]), signal));
    if (!('reason' in found)) return found;
    throw new OptionsError(
      `bench: ${workload.name} must have a result on our side, but it failed: ${found.reason}. Fix the cause, or choose other workloads with --workloads.`,
    );
  };
  const theirs = async (program: PeerProgram): Promise<Measurement | Failure> => {
    signal.throwIfAborted();
    return count((await peers?.measure(program, more, signal)) ?? { reason: 'no peers' });
  };
  try {
    const result = await compareInRounds({
      unit: workload.unit,
      rounds,
      ours,
      classes: peers === undefined ? [] : workload.peers,
      theirs,
      firstStep: (program) =>
        program.oneStep === undefined
          ? undefined
          : theirs({ ...program, args: [...program.args, ...program.oneStep] }),
    });
    signal.throwIfAborted();
    const shown = workload.readsImages && images !== undefined ? images.line : '';
    const settings = [shown, ourSettings()].filter((each) => each !== '').join(', ');
    return rowsOf(workload, result, { settings, measured: new Date().toISOString() });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
