/** Translations of every kind on the page. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  appendMetrics,
  wilsonInterval,
  writeJson,
  writeRun,
  type DirectionEvaluation,
  type RunKind,
  type RunRecord,
  type TranslationEvaluation,
} from '@janus/core';
import { figureSix } from '@janus/figures';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readableText } from './fixture.js';
import { writeReport } from './write-report.js';

let folder = '';
let page = '';
let tables: readonly string[] = [];

const direction = (judged: number): DirectionEvaluation => ({
  n: 50,
  judgedAsTarget: wilsonInterval(judged, 50),
  changeL1: 0.05,
  twinError: { n: 50, pixels: 0.9, ranges: { pixels: { low: 0.88, high: 0.92 } } },
});

const record = (kind: RunKind): RunRecord => ({
  ...{ format: 1, kind, name: `study-${kind}`, status: 'finished', seed: 1, engine: 'js' },
  ...{ started: '2026-01-02T10:00:00Z', gitCommit: 'unknown', versions: {} },
  dataHash: 'a'.repeat(64),
  options: { data: 'data/faces' },
  result: { steps: 10, seconds: 5 },
});

const image = { data: new Uint8Array(8 * 8 * 3).fill(90), width: 8, height: 8 };

async function writeTranslation(
  evaluation: TranslationEvaluation,
  sheets: readonly string[],
): Promise<void> {
  const { kind } = evaluation;
  const run = join(folder, 'runs', kind);
  await mkdir(join(run, 'samples'), { recursive: true });
  await writeRun(run, record(kind));
  await appendMetrics(run, [
    {
      ...{ step: 10, epoch: 0, split: 'train', kind: 'step', phase: kind, seconds: 5 },
      ...{ learningRate: 1e-4, losses: { adversarial: 0.4, discriminator: 0.3 } },
    },
  ]);
  await writeJson(join(run, 'evaluation.json'), evaluation);
  const sheet = await figureSix({ originals: [image], fakes: [image] });
  for (const name of sheets) await writeFile(join(run, 'samples', `${name}.png`), sheet);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-translations-'));
  const measured = { split: 'test', judge: 'runs/judge' } as const;
  await writeTranslation(
    { kind: 'cut', domains: { x: 'horse', y: 'zebra' }, xToY: direction(31), ...measured },
    ['figure6'],
  );
  const change = { attribute: 'glasses', from: 'none', to: 'clear' };
  const back = { attribute: 'glasses', from: 'clear', to: 'none' };
  const changes = [
    { ...change, ...direction(44) },
    { ...back, ...direction(47) },
  ];
  await writeTranslation({ kind: 'stargan', changes, ...measured }, ['glasses-none-clear']);
  const reconstructions = {
    n: 32,
    ways: [{ latent: 'encoder' as const, differenceL1: 0.21 }],
    protocol: 'faces at 112 px',
  };
  await writeTranslation({ kind: 'icgan', changes, reconstructions, ...measured }, []);
  const out = join(folder, 'report');
  const result = await writeReport({ runs: join(folder, 'runs'), out });
  tables = result.tables;
  page = await readFile(result.index, 'utf8');
});
afterAll(() => rm(folder, { recursive: true }));

test('a run that translates one way has its direction alone', () => {
  const words = readableText(page);
  expect(words).toContain('Translation (CUT): horse to zebra');
  expect(words).toContain('horse → zebra (n = 50)');
  expect(words).toContain('The paper’s Figure 6, horse → zebra');
  expect(words).not.toContain('zebra → horse');
});

test('a generator of attributes has each change, with its sheet where there is one', () => {
  const words = readableText(page);
  expect(words).toContain('Translation (StarGAN): glasses');
  expect(words).toContain('glasses none → clear (n = 50)');
  expect(words).toContain('glasses clear → none (n = 50)');
  expect(page.match(/glasses none → clear: originals above/g)?.length).toBeGreaterThan(0);
  expect(words).toContain('Translation (IcGAN): glasses');
  expect(words).toContain('Made again without a change (n = 32)');
});

test('all kinds can be chosen, are headlined, and have tables', () => {
  for (const kind of ['cut', 'stargan', 'icgan']) {
    expect(page).toContain(`<option>${kind}</option>`);
    expect(tables).toContain(join(folder, 'report', 'tables', `${kind}-measures.md`));
  }
  expect(readableText(page)).toContain('judged so 88.0 %');
});
