import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JanusError, systemFailureText } from '@janus/core';
import { newRow, writeDatasetRecord, writeManifest } from '@janus/data';
import type { Command } from 'commander';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from './program.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-path-flags-'));
  const create = { width: 32, height: 32, channels: 3, background: 'red' } as const;
  await sharp({ create }).jpeg().toFile(join(folder, 'a.jpg'));
  const rows = ['train', 'validation', 'test'].flatMap((split, i) =>
    ['f', 'm'].map((sex) =>
      newRow({
        id: `${split}-${sex}`,
        path: join(folder, 'a.jpg'),
        labels: { sex },
        split: split as 'train' | 'validation' | 'test',
        sha256: `${i}`,
      }),
    ),
  );
  const data = join(folder, 'data');
  await writeManifest(data, rows);
  const record = { format: 1, name: 'made', source: 'made', licence: 'none' } as const;
  await writeDatasetRecord(data, { ...record, options: {}, steps: [] });
});
afterAll(async () => {
  // Commands that can be interrupted listen for these until the process ends.
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
  await rm(folder, { recursive: true });
});

/**
 * For each flag that takes a path, by its command: the arguments around it, in which `<data>` is a data folder and
 * `<images>` a folder with an image. Text: why the flag is not tried here.
 */
const CASES: Readonly<Record<string, readonly string[] | string>> = {
  'data import --out': ['synthetic', '1', '--size', '32'],
  'data import --root': ['csv', '<data>/list.csv', '--out', '<data>/made'],
  'data clean --decisions': ['<data>'],
  'data review --out': 'written like the figures of `probe`, with writeFileAtomic',
  'data review --weights': 'opened as `probe --weights` is',
  'data merge --out': 'needs two data sets; finishImport writes as that of `data import --out`',
  'data pack --out': ['<data>', '--format', 'webdataset'],
  'data show --out': ['<data>'],
  'data stats --figures': ['<data>'],
  'probe --out': ['<data>', '--target', 'sex', '--engine', 'js'],
  'probe --weights': [
    ...['<data>', '--target', 'sex', '--engine', 'js', '--backbone', 'squeezenet', '--size', '32'],
  ],
  'paper --data': ['--columns', 'gender=sex', '--engine', 'js'],
  'paper --out': ['--data', '<data>', '--columns', 'gender=sex,party=sex', '--engine', 'js'],
  'paper --template': 'read by the report, as `report --write-up` is',
  'paper --weights': 'of each row, opened as `train classifier --weights` is',
  'sweep --data': ['table1', '--engine', 'js'],
  'sweep --out': ['table1', '--data', '<data>', '--target', 'sex', '--engine', 'js'],
  'sweep --x': ['table3', '--y', '<images>', '--engine', 'js'],
  'sweep --y': ['table3', '--x', '<images>', '--engine', 'js'],
  'sweep --judge': 'opened as `evaluate --judge` is',
  'time-to-quality --x': ['--y', '<images>', '--recipes', 'paper:1', '--engine', 'js'],
  'time-to-quality --y': ['--x', '<images>', '--recipes', 'paper:1', '--engine', 'js'],
  'time-to-quality --judge': 'opened as `evaluate --judge` is',
  'time-to-quality --out': 'made like the folder of `sweep --out`',
  'sweep --weights': 'of each row, opened as `train classifier --weights` is',
  'train classifier --data': ['--target', 'sex', '--engine', 'js'],
  'train classifier --weights': [
    ...['--data', '<data>', '--target', 'sex', '--engine', 'js', '--run', '<images>/run'],
  ],
  'train classifier --run': [
    ...['--data', '<data>', '--target', 'sex', '--engine', 'js', '--backbone', 'small-vgg'],
    ...['--size', '32', '--epochs', '1'],
  ],
  'train cyclegan --x': ['--y', '<images>', '--engine', 'js'],
  'train cyclegan --y': ['--x', '<images>', '--engine', 'js'],
  'train cyclegan --run': [
    ...['--x', '<data>:sex=f', '--y', '<data>:sex=m', '--engine', 'js', '--size', '24'],
    ...['--filters', '1', '--blocks', '1', '--max-steps', '1'],
  ],
  'train stargan --data': ['--attributes', 'sex', '--engine', 'js'],
  'train stargan --run': 'made by the function that makes that of `train cyclegan`',
  'train icgan --data': ['--attributes', 'sex', '--engine', 'js', '--size', '32'],
  'train icgan --run': 'made by the function that makes that of `train cyclegan`',
  'train cut --x': ['--y', '<images>', '--engine', 'js'],
  'train cut --y': ['--x', '<images>', '--engine', 'js'],
  'train cut --run': 'made by the function that makes that of `train cyclegan`',
  'train classifier --from': 'a run, opened as the argument of `evaluate` is',
  'train cyclegan --judge': [
    ...['--x', '<data>:sex=f', '--y', '<data>:sex=m', '--engine', 'js', '--seeds', '2'],
    ...['--run', '<images>/seeds'],
  ],
  'train cyclegan --from': 'a run, opened as the argument of `evaluate` is',
  'evaluate --data': 'needs a run; a data folder, opened as `train classifier --data` is',
  'evaluate --weights':
    'needs a trained translation; opened as `probe --weights` is, or by readInception, which has its own tests',
  'evaluate --x': 'needs a run; a domain, opened as `train cyclegan --x` is',
  'evaluate --y': 'needs a run; a domain, opened as `train cyclegan --x` is',
  'evaluate --against': 'needs a run, and opens it as the argument of `evaluate` is opened',
  'evaluate --drift': 'needs a run, and opens others as the argument of `evaluate` is opened',
  'export --data': 'needs a run; a data folder, opened as `train classifier --data` is',
  'export --out': 'needs a run; exportRun writes with writeFileAtomic',
  'look --data': 'needs a run; a data folder, opened as `train classifier --data` is',
  'look --out': 'needs a run; written with writeFileAtomic',
  'lr-find --from': 'a run, opened as the argument of `evaluate` is',
  'lr-find --out': 'needs a sweep of updates; written like the figures of `probe`',
  'lr-find --weights': 'opened as `train classifier --weights` is',
  'pretrain --data': ['--out', '<images>/small.safetensors', '--engine', 'js'],
  'pretrain --out': 'needs a training; written with writeFileAtomic',
  'evaluate --judge': 'needs a run, and opens it as the argument of `evaluate` is opened',
  'translate --out': 'needs a run; translateImages writes with writeFileAtomic',
  'watch --runs': [],
  'playground --out': 'a program of its own; writePlayground writes with writeFileAtomic',
  'playground --translation': 'a run, opened as the argument of `translate` is',
  'report --runs': 'a program of its own: apps/report/src/write-report.test.ts',
  'report --out': 'a program of its own: apps/report/src/write-report.test.ts',
  'report --write-up': 'a file that is read by that program; its files are written below --out',
  'bench --peers': [],
  'bench --peer-python': 'a program, not a place to write',
  'bench --keras-python': 'a program, not a place to write',
  'bench --images': ['--workloads', 'jpeg'],
  'bench --out': ['--workloads', 'jpeg', '--rounds', '1'],
  'weights import --run': 'needs a generator; opened as `train cyclegan --run` is',
  'weights import --x': 'needs a generator; opened as `train cyclegan --x` is',
  'weights import --y': 'needs a generator; opened as `train cyclegan --x` is',
  'demo --out': 'installs the engine first',
  'demo --report': 'the --out of `report`',
};

/** Returns the flags of a command and all below it that take a path, each with the words of its command. */
function pathFlags(command: Command, words: readonly string[] = []): readonly string[] {
  const own = command.options
    .filter(({ flags }) => /[<|](dir|file|run)\b/.test(flags))
    .map(({ long }) => [...words, long ?? ''].join(' '));
  return [...own, ...command.commands.flatMap((each) => pathFlags(each, [...words, each.name()]))];
}

it('every flag that takes a path is in the table', () => {
  expect([...pathFlags(buildProgram())].sort()).toEqual(Object.keys(CASES).sort());
});

describe.each(Object.entries(CASES).filter(([, args]) => typeof args !== 'string'))(
  'janus %s',
  (flag, args) => {
    it('below a file ends in one line that names it, and writes nothing', async () => {
      const data = join(folder, 'data');
      await writeFile(join(data, 'list.csv'), 'path,sex\na.jpg,f\n');
      const file = join(folder, 'notes.txt');
      await writeFile(file, 'a file');
      const before = (await readdir(data)).filter((name) => !name.endsWith('.lock'));
      const given = (args as readonly string[]).map((each) =>
        each.replace('<data>', data).replace('<images>', folder),
      );
      const words = flag.split(' ');
      const line = await lineOf([
        ...words.slice(0, -1),
        ...given,
        words.at(-1) ?? '',
        join(file, 'x'),
      ]);
      expect(line).toMatch(/^[^\n]+$/);
      expect(line).toMatch(/notes\.txt|missing file/);
      expect(await readFile(file, 'utf8')).toBe('a file');
      expect((await readdir(data)).filter((name) => !name.endsWith('.lock'))).toEqual(before);
    });
  },
);

/** Returns the line that the command prints for what it throws; an error that would keep its stack is thrown. */
async function lineOf(args: readonly string[]): Promise<string> {
  try {
    await buildProgram().parseAsync([...args], { from: 'user' });
  } catch (error) {
    const line = error instanceof JanusError ? error.message : systemFailureText(error);
    if (line !== undefined) return line;
    throw error;
  }
  throw new Error(`janus ${args.join(' ')} did not fail`);
}
