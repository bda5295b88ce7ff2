import { existsSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { OptionsError, readBench, writeBench, type BenchRecord } from '@janus/core';
import { bfloat16Instructions, type EngineName } from '@janus/engine';
import type { Command } from 'commander';
import { findPeers, type Peers } from '../bench/peers.js';
import { measure, ourProgram, ourSettings, type Measurement } from '../bench/programs.js';
import { compareInRounds } from '../bench/rounds.js';
import { linesOf, rowsOf, withWork, type WorkResult } from '../bench/rows.js';
import { BENCH_WORKS, type BenchWork } from '../bench/workloads.js';
import { engineFlag, jsonFlag, listOf, wholeNumber } from '../flags.js';
import { INTERRUPTED, interruptSignal } from '../interrupt.js';
import { createTerminal, type Terminal } from '../terminal.js';
import { makeBenchImages, VERSION, type BenchImages } from '@janus/runs';

interface Flags {
  readonly works?: readonly string[];
  readonly rounds: number;
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
  const names = BENCH_WORKS.map(({ name }) => name).join(', ');
  const command = program
    .command('bench')
    .description('measure speed and memory, side by side with peers in turn when they are named')
    .option('--works <list>', `which, with commas between (default: all: ${names})`, listOf)
    .option('--rounds <n>', 'how often each side is measured', wholeNumber(1), 5)
    .option('--peers <dir>', 'folder of peer scripts: torch_peer.py, keras_peer.py')
    .option('--peer-python <file>', 'Python with torch (default: python3)')
    .option('--keras-python <file>', 'Python with Keras; without it Keras is left out')
    .option('--images <dir>', 'folder of .jpg files to decode (default: 2,000 generated ones)')
    .option('--out <dir>', 'where bench.json goes; the report of this folder shows it', 'runs')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nWorks that are not named keep their figures in bench.json.\n\nExample:\n  $ npx janus bench --works cyclegan-64 --peers peers --peer-python peers/venv/bin/python',
    );
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

function worksNamed(names: readonly string[] | undefined): readonly BenchWork[] {
  if (names === undefined) return BENCH_WORKS;
  const all = BENCH_WORKS.map(({ name }) => name);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined || names.length === 0) {
    throw new OptionsError(
      `bench: --works must name some of ${all.join(', ')}, but got ${unknown ?? 'none'}. Leave it out for all.`,
    );
  }
  return BENCH_WORKS.filter(({ name }) => names.includes(name));
}

function imagesIn(folder: string): BenchImages {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new OptionsError(
      `bench: --images must be a folder of .jpg files, but there is none at ${folder}. Leave it out for generated ones.`,
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

/** Measures all works that the flags name; after each, `bench.json` has it. */
async function bench(flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<BenchRecord> {
  const works = worksNamed(flags.works);
  const peers =
    flags.peers === undefined
      ? undefined
      : await findPeers(
          {
            folder: flags.peers,
            python: flags.peerPython ?? 'python3',
            kerasPython: flags.kerasPython,
          },
          works,
        );
  const device = deviceText();
  const old = await readBench(flags.out);
  const kept = old?.device === device ? old : { rows: [], tried: [], leftOut: [] };
  const versions = { janus: VERSION, node: process.version, ...peers?.versions };
  let record: BenchRecord = { format: 1, ...kept, device, versions };
  const images = await imagesFor(works, flags, terminal);
  try {
    for (const work of works) {
      const found = await measureWork(work, { flags, peers, images, terminal, signal });
      if (found === undefined) break;
      record = withWork(record, work, found);
      await writeBench(flags.out, record);
    }
  } finally {
    terminal.endProgress();
    await images?.dispose();
  }
  return record;
}

async function imagesFor(
  works: readonly BenchWork[],
  { images: chosen }: Flags,
  terminal: Terminal,
): Promise<BenchImages | undefined> {
  if (!works.some(({ readsImages }) => readsImages)) return undefined;
  const images = chosen === undefined ? await makeBenchImages(terminal.progress) : imagesIn(chosen);
  terminal.log(`Images: ${images.line}`);
  return images;
}

interface WorkContext {
  readonly flags: Flags;
  readonly peers: Peers | undefined;
  readonly images: BenchImages | undefined;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Returns what a work adds; undefined when it was interrupted. */
async function measureWork(work: BenchWork, context: WorkContext): Promise<WorkResult | undefined> {
  const { flags, peers, images, terminal, signal } = context;
  const { rounds, engine } = flags;
  const more = work.readsImages && images !== undefined ? ['--folder', images.folder] : [];
  const own = work.readsImages ? more : ['--engine', engine];
  let done = 0;
  const count = <T>(found: T): T => {
    done += 1;
    terminal.progress({ done, unit: 'measurements', label: work.name });
    return found;
  };
  const ours = async (): Promise<Measurement> => {
    const found = count(await measure(ourProgram([...work.ours, ...own]), signal));
    if (!('reason' in found)) return found;
    throw new OptionsError(
      `bench: ${work.name} must end with a figure on our side, but ${found.reason}. Leave it out with --works, or mend what it says.`,
    );
  };
  try {
    const result = await compareInRounds({
      unit: work.unit,
      rounds,
      ours,
      classes: peers === undefined ? [] : work.peers,
      theirs: async (program) => {
        signal.throwIfAborted();
        return count((await peers?.measure(program, more, signal)) ?? { reason: 'no peers' });
      },
    });
    signal.throwIfAborted();
    const shown = work.readsImages && images !== undefined ? images.line : '';
    const settings = [shown, ourSettings()].filter((each) => each !== '').join(', ');
    return rowsOf(work, result, { settings, measured: new Date().toISOString() });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
