/**
 * How good a translation is after some minutes, beside PyTorch with the CycleGAN reference's networks and recipe:
 *
 *     node --import tsx --conditions=@janus/source benchmarks/translation.ts --data horse2zebra --minutes 60 --peer-python <python with torch, numpy, pillow> --out runs/texture
 *
 * `--data` has the folders trainA, trainB, testA and testB. Both sides train at once, each on half of the cores, so that what
 * else the machine does slows both. The peer's generators are imported as a run, and both runs are evaluated on the
 * test images by the same function. Our clock has what the speed is measured with for the schedule, theirs has training alone.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { CycleGanEvaluation, DirectionEvaluation } from '@janus/core';
import { importFolder } from '@janus/data';
import { translationGrid } from '@janus/figures';
import {
  CYCLEGAN_PRESETS,
  evaluateRun,
  importGenerators,
  trainCycleGan,
  translateImages,
  updatesSchedule,
  type CycleGanRunOptions,
} from '@janus/runs';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'horse2zebra' },
    minutes: { type: 'string', default: '60' },
    size: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(Math.max(1, availableParallelism() >> 1)) },
    'peer-python': { type: 'string' },
    out: { type: 'string', default: join('runs', 'texture') },
  },
});

const here = dirname(fileURLToPath(import.meta.url));
const out = values.out;
const size = Number(values.size);
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const data = join(out, 'data');
const domains = { x: `${data}:domain=A`, y: `${data}:domain=B` };

/** Updates by which the speed is measured; the time of compiling is in it. */
const TRIED_UPDATES = 40;

/** Images of each domain in the figure. */
const SHOWN = 8;

/** What a side did in its minutes. */
interface Side {
  readonly folder: string;
  readonly updates: number;
  readonly minutes: number;
}

/** Runs a program and returns the last line that it printed. */
async function lastLineOf(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args);
  return stdout.trim().split('\n').at(-1) ?? '';
}

/** Trains our recipe for a texture until the minutes are over. */
async function ours(): Promise<Side> {
  const began = performance.now();
  const folder = join(out, 'ours');
  const options: CycleGanRunOptions = {
    ...CYCLEGAN_PRESETS.texture,
    imageSize: size,
    ...domains,
    seed,
  };
  const tried = {
    ...{ ...options, discriminatorWarmup: 0 },
    ...{ constantEpochs: 1, decayEpochs: 0, maxSteps: TRIED_UPDATES },
  };
  const records: { readonly step: number; readonly seconds: number }[] = [];
  await trainCycleGan(tried, {
    folder: join(out, 'ours-tried'),
    existing: 'overwrite',
    onRecord: ({ step, seconds }) => {
      records.push({ step, seconds });
    },
  });
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined || last.step === first.step) {
    throw new Error(`${folder}: a training must have records`);
  }
  const rate = (last.step - first.step) / (last.seconds - first.seconds);
  const left = Math.max(1, minutes * 60 - (performance.now() - began) / 1000);
  const updates = Math.max(1, Math.floor(left * rate));
  const schedule = await updatesSchedule(options, updates);
  process.stdout.write(`ours: ${updates} updates planned\n`);
  const run = await trainCycleGan(
    { ...options, ...schedule },
    { folder, existing: 'overwrite', signal: AbortSignal.timeout(Math.round(left * 1000)) },
  );
  return { folder, updates: run.steps, minutes: (performance.now() - began) / 60_000 };
}

/** Trains the peer for as many minutes, and makes a run of its generators. */
async function peer(python: string): Promise<Side & { readonly about: string }> {
  const trained = join(out, 'peer-weights');
  const line = await lastLineOf(python, [
    join(here, 'translation_peer.py'),
    ...['--x', join(values.data, 'trainA'), '--y', join(values.data, 'trainB')],
    ...['--size', values.size, '--minutes', values.minutes, '--threads', values.threads],
    ...['--seed', values.seed, '--out', trained],
  ]);
  const { updates, seconds, precision, torch } = JSON.parse(line) as {
    readonly updates: number;
    readonly seconds: number;
    readonly precision: string;
    readonly torch: string;
  };
  return {
    ...{ folder: trained, updates, minutes: seconds / 60 },
    about: `PyTorch ${torch}, ${precision}`,
  };
}

/** Returns the run of the generators that the peer saved. */
async function importPeer(python: string, trained: string): Promise<string> {
  const converted = await Promise.all(
    ['x-to-y', 'y-to-x'].map(async (name) => {
      const file = join(trained, `${name}.safetensors`);
      const script = join(here, '..', 'tools', 'convert_cyclegan.py');
      await lastLineOf(python, [script, join(trained, `${name}.pth`), file]);
      return file;
    }),
  );
  const [xToY = '', yToX = ''] = converted;
  const folder = join(out, 'peer');
  await importGenerators({ xToY, yToX, ...domains, size }, { folder, existing: 'overwrite' });
  return folder;
}

async function evaluated(folder: string): Promise<CycleGanEvaluation> {
  const found = await evaluateRun(folder, { split: 'test' });
  if (found.kind !== 'cyclegan') throw new Error(`${folder}: is not a CycleGAN`);
  return found;
}

/** Draws the first test images of a domain above what each side makes of them. */
async function drawGrid(
  runs: readonly { readonly name: string; readonly folder: string }[],
  { folder, direction }: { readonly folder: string; readonly direction: 'x-to-y' | 'y-to-x' },
): Promise<void> {
  const names = (await readdir(join(values.data, folder))).sort().slice(0, SHOWN);
  const originals = names.map((name) => join(values.data, folder, name));
  const stages = [];
  for (const { name, folder: run } of runs) {
    const fakes = join(out, `${name}-of-${folder}`);
    const { rows } = await translateImages(run, originals, {
      out: fakes,
      direction,
      fit: 'square',
    });
    stages.push({ label: name, fakes: rows.map((row) => row.out) });
  }
  const png = await translationGrid({ originals, stages, cellSize: 128 });
  await writeFile(join(out, `${folder}.png`), png);
}

const text = ({ kid, frechet }: DirectionEvaluation): string =>
  kid === undefined
    ? 'not measured'
    : `${kid.value.toFixed(3)} [${(kid.low ?? NaN).toFixed(3)}, ${(kid.high ?? NaN).toFixed(3)}], originals ${kid.originals.toFixed(3)}, Fréchet ${frechet?.value.toFixed(1) ?? '-'}`;

async function measure(python: string | undefined): Promise<void> {
  // Read by every engine when it starts.
  process.env['JANUS_THREADS'] = values.threads;
  if (!existsSync(join(data, 'dataset.json'))) await importFolder(values.data, { out: data });
  const [own, theirs] = await Promise.all([
    ours(),
    python === undefined ? undefined : peer(python),
  ]);
  const sides = [{ name: 'Janus', ...own, about: 'preset texture' }];
  if (python !== undefined && theirs !== undefined) {
    sides.push({ name: 'PyTorch', ...theirs, folder: await importPeer(python, theirs.folder) });
  }
  const found = [];
  for (const side of sides) found.push({ ...side, evaluation: await evaluated(side.folder) });
  await drawGrid(sides, { folder: 'testA', direction: 'x-to-y' });
  await drawGrid(sides, { folder: 'testB', direction: 'y-to-x' });
  await writeFile(join(out, 'translation.json'), `${JSON.stringify({ found }, undefined, 2)}\n`);
  process.stdout.write(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${values.threads} of its cores a side\n`,
  );
  for (const { name, about, updates, minutes: spent, evaluation } of found) {
    process.stdout.write(`${name} (${about}): ${updates} updates, ${spent.toFixed(1)} minutes\n`);
    process.stdout.write(`  X to Y: kernel distance ${text(evaluation.xToY)}\n`);
    process.stdout.write(`  Y to X: kernel distance ${text(evaluation.yToX)}\n`);
  }
}

await measure(values['peer-python']);
