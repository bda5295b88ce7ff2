import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FIRST_CHECKPOINT, janus, janusJson, killAt, startJanus } from './janus.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-way-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const TRAIN = [
  ...['train', 'classifier', '--data', 'faces', '--target', 'presentation'],
  ...['--backbone', 'small-vgg', '--size', '32', '--head', '1x16', '--epochs', '40'],
  ...['--batch-size', '8', '--learning-rate', '0.001', '--precision', 'float32'],
];

const CYCLEGAN = [
  ...['train', 'cyclegan', '--size', '32', '--filters', '4', '--discriminator-filters', '4'],
  ...['--x', 'faces:presentation=feminine', '--y', 'faces:presentation=masculine'],
  ...['--blocks', '1', '--batch-size', '2', '--epochs', '40'],
  ...['--max-steps', '220', '--precision', 'float32'],
];

it('data, training, a kill and its resume, evaluation, prediction, translation and report', async () => {
  const imported = await janusJson(
    [
      'data',
      'import',
      'synthetic',
      '90',
      '--size',
      '48',
      '--out',
      'faces',
      '--corrupt-rate',
      '0.05',
    ],
    folder,
  );
  expect(imported).toMatchObject({ rows: 90, rejected: 0 });
  // 0.05 of 90, rounded half up
  expect(await janusJson(['data', 'clean', 'faces'], folder)).toMatchObject({ rejected: 5 });
  const split = await janusJson(['data', 'split', 'faces', '--stratify', 'presentation'], folder);
  expect(Object.keys(split['splits'] as object)).toEqual(['train', 'validation', 'test']);
  expect(await janusJson(['data', 'show', 'faces'], folder)).toHaveProperty('sheets');

  const whole = await janusJson([...TRAIN, '--run', 'runs/whole'], folder);
  expect(whole).toMatchObject({ run: 'runs/whole', finished: true });
  await killAt(FIRST_CHECKPOINT, [...TRAIN, '--run', 'runs/killed'], folder);
  const again = await janus([...TRAIN, '--run', 'runs/killed', '--resume'], folder);
  expect(again.err + again.out).toContain('Resuming after step');
  expect(again.status).toBe(0);
  const inOther = ['--run', 'runs/killed', '--resume', '--precision', 'bfloat16'];
  const other = await janus([...TRAIN, ...inOther], folder);
  // The second where it could not be computed anyway.
  expect(other.err).toMatch(/precision must be what the run began with|bfloat16 needs a/);
  expect(other.status).toBe(1);
  const weights = async (run: string, file: string): Promise<Buffer> =>
    await readFile(join(folder, 'runs', run, 'model', file));
  expect(
    (await weights('killed', 'weights.bin')).equals(await weights('whole', 'weights.bin')),
  ).toBe(true);

  const measuring = startJanus(['evaluate', 'runs/whole', '--robustness'], folder);
  await measuring.until((printed) => printed.includes('Engine: '));
  measuring.child.kill('SIGINT');
  const stopped = await measuring.end;
  expect(stopped.status).toBe(130);
  expect(stopped.out).toMatch(/Stopped: nothing of this evaluation was written\. .*repeat/);
  expect(existsSync(join(folder, 'runs', 'whole', 'evaluation.json'))).toBe(false);
  const evaluation = await janusJson(['evaluate', 'runs/whole'], folder);
  expect(evaluation['accuracy']).toHaveProperty('low');
  const image = join('faces', 'images', 'face-00001.jpg');
  const predicted = await janusJson(['predict', 'runs/whole', image], folder);
  expect(predicted['rows']).toHaveLength(1);

  await janusJson([...CYCLEGAN, '--run', 'runs/gan'], folder);
  await killAt(FIRST_CHECKPOINT, [...CYCLEGAN, '--run', 'runs/shot'], folder);
  const onward = await janus([...CYCLEGAN, '--run', 'runs/shot', '--resume'], folder);
  expect(onward.err + onward.out).toContain('Resuming after step');
  for (const way of ['G', 'F']) {
    const file = join(way, 'weights.bin');
    expect((await weights('shot', file)).equals(await weights('gan', file))).toBe(true);
  }
  const judged = await janusJson(['evaluate', 'runs/gan', '--judge', 'runs/whole'], folder);
  expect(judged['xToY']).toHaveProperty('judgedAsTarget.low');
  await janusJson(['translate', 'runs/gan', image, '--out', 'fakes'], folder);
  expect(existsSync(join(folder, 'fakes', 'face-00001.png'))).toBe(true);

  const report = await janus(['report', '--runs', 'runs', '--out', 'report'], folder);
  expect(report.status, report.err).toBe(0);
  expect(await readFile(join(folder, 'report', 'index.html'), 'utf8')).toContain('presentation');
});
