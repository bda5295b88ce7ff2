/** Small runs as `janus train` and `janus evaluate` leave them: for the tests of the report. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  appendMetrics,
  streamOf,
  wilsonInterval,
  writeJson,
  writeRun,
  type RunRecord,
  type StepRecord,
  type ClassifierEvaluation,
  type CycleGanEvaluation,
  type DirectionEvaluation,
} from '@janus/core';
import { contactSheet, figureSix, type SheetImage } from '@janus/figures';

/** Returns a drawn face as pixels: enough for a sheet to look like one. */
function face(seed: number, long: boolean): SheetImage {
  const size = 64;
  const stream = streamOf(seed, 'face');
  const skin = [200 + stream.integer(50), 150 + stream.integer(60), 110 + stream.integer(60)];
  const hair = [40 + stream.integer(120), 30 + stream.integer(70), 20 + stream.integer(50)];
  const ground = [150 + stream.integer(90), 160 + stream.integer(80), 170 + stream.integer(80)];
  const data = new Uint8Array(size * size * 3);
  const inside = (x: number, y: number, r: number): boolean => x * x + y * y < r * r;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [(x - 32) / 32, (y - 34) / 32];
      let colour = ground;
      if (inside(u, v + 0.15, 0.68) && (long || v < 0.05)) colour = hair;
      if (long && Math.abs(u) < 0.62 && v > 0 && v < 0.75) colour = hair;
      if (inside(u / 0.85, v, 0.55)) colour = skin;
      if (inside(Math.abs(u) - 0.2, v + 0.1, 0.07)) colour = [30, 30, 40];
      if (inside(u / 2.2, v - 0.28, 0.07)) colour = [170, 60, 70];
      data.set(colour, (y * size + x) * 3);
    }
  }
  return { data, width: size, height: size };
}

const faces = (n: number, long: boolean): SheetImage[] =>
  Array.from({ length: n }, (_, i) => face(i + 1, long));

function record(parts: Pick<RunRecord, 'kind' | 'name' | 'options' | 'result'>): RunRecord {
  return {
    format: 1,
    started: parts.kind === 'classifier' ? '2026-01-02T10:00:00Z' : '2026-01-02T10:05:00Z',
    seed: 1,
    versions: { janus: '0.1.0', node: '20.20.2', tfjs: '4.22.0' },
    gitCommit: '0123abc',
    dataHash: '5f1c0ffee5f1c0ffee',
    engine: 'tensorflow 2.21.0 (CPU)',
    status: 'finished',
    ...parts,
  };
}

/** Returns the metrics of a head's training and a short fine-tuning. */
function classifierMetrics(): readonly StepRecord[] {
  const stream = streamOf(1, 'metrics');
  const base = { losses: {}, learningRate: 1e-3, seconds: 1 };
  return Array.from({ length: 240 }, (_, i): StepRecord[] => {
    const step = i + 1;
    const phase = step <= 180 ? 'head' : 'fine-tune';
    const fit = Math.exp(-step / 45);
    const here = { ...base, phase, step, epoch: Math.ceil(step / 20) } as const;
    const train: StepRecord = {
      ...here,
      kind: 'step',
      split: 'train',
      losses: { crossEntropy: 0.62 * fit + 0.1 + 0.12 * stream.next() },
      metrics: { accuracy: 0.97 - 0.45 * fit - 0.06 * stream.next() },
    };
    if (step % 20 !== 0) return [train];
    const validation: StepRecord = {
      ...here,
      kind: 'epoch',
      split: 'validation',
      losses: { crossEntropy: 0.6 * fit + 0.19 },
      metrics: { accuracy: 0.945 - 0.4 * fit },
    };
    return [train, validation];
  }).flat();
}

function cycleGanMetrics(): readonly StepRecord[] {
  const stream = streamOf(2, 'metrics');
  return Array.from({ length: 400 }, (_, i) => {
    const fit = Math.exp(-i / 130);
    const noisy = (value: number): number => value * (0.75 + 0.5 * stream.next());
    return {
      kind: 'step',
      step: i + 1,
      epoch: 1 + Math.floor(i / 100),
      phase: 'cyclegan',
      losses: {
        adversarialX: noisy(0.42),
        adversarialY: noisy(0.36),
        cycleX: noisy(0.35 * fit + 0.06),
        cycleY: noisy(0.31 * fit + 0.07),
        identityX: noisy(0.3 * fit + 0.05),
        identityY: noisy(0.26 * fit + 0.05),
        discriminatorX: noisy(0.2),
        discriminatorY: noisy(0.22),
        generatorTotal: noisy(5 * fit + 2),
      },
      learningRate: 2e-4,
      seconds: i / 3,
    } satisfies StepRecord;
  });
}

async function writeClassifier(folder: string): Promise<void> {
  await writeRun(
    folder,
    record({
      kind: 'classifier',
      name: 'presentation-vgg16',
      options: {
        target: 'presentation',
        backbone: 'vgg16',
        head: '1x1024',
        dropout: 0.5,
        unfreeze: 'block5',
        batchSize: 20,
      },
      result: { steps: 240, seconds: 96, imagesPerSecond: 50.1 },
    }),
  );
  await appendMetrics(folder, classifierMetrics());
  const [female, male] = [wilsonInterval(141, 150), wilsonInterval(139, 148)];
  const mistakes = Array.from({ length: 18 }, (_, i) => ({
    id: `face-${String(17 * i + 4).padStart(5, '0')}`,
    label: i < 9 ? 'feminine' : 'masculine',
    predicted: i < 9 ? 'masculine' : 'feminine',
    confidence: 0.99 - 0.02 * i,
  }));
  const evaluation: ClassifierEvaluation = {
    kind: 'classifier',
    target: 'presentation',
    classes: ['feminine', 'masculine'],
    split: 'test',
    n: 298,
    accuracy: wilsonInterval(280, 298),
    balancedAccuracy: { value: 0.9396, low: 0.909, high: 0.965 },
    perClass: {
      feminine: { n: 150, precision: 0.94, recall: female },
      masculine: { n: 148, precision: 0.939, recall: male },
    },
    confusion: [
      [141, 9],
      [9, 139],
    ],
    intervalMethod: 'Wilson 95 %',
    majority: 150 / 298,
    calibrationError: 0.031,
    mistakes,
    images: { source: 'run', gone: 2, changed: 0, trainedOn: 0, sameData: false },
  };
  await writeJson(join(folder, 'evaluation.json'), evaluation);
  await writeFile(
    join(folder, 'samples', 'mistakes.png'),
    await contactSheet({
      images: [...faces(9, true), ...faces(9, false)],
      captions: mistakes.map(
        (each) => `${each.label}\nas ${each.predicted} ${Math.round(100 * each.confidence)} %`,
      ),
      frames: mistakes.map(() => 'wrong'),
      columns: 9,
      cellSize: 96,
    }),
  );
  await writeFile(
    join(folder, 'card.md'),
    '# Classifier of perceived presentation\n\nTrained on **generated** faces with `vgg16`.\n\n## Slices\n\n| slice | n | accuracy |\n| --- | --- | --- |\n| feminine | 150 | 94.0 % (89.0–96.8 %) |\n| masculine | 148 | 93.9 % (88.9–96.8 %) |\n\n## Not for\n\n- decisions about people\n- photographs <of anybody>\n',
  );
}

async function writeCycleGan(folder: string): Promise<void> {
  await writeRun(
    folder,
    record({
      kind: 'cyclegan',
      name: 'presentation-cyclegan',
      options: {
        x: 'faces:presentation=feminine',
        y: 'faces:presentation=masculine',
        size: 64,
        lambdaCycle: 10,
        lambdaIdentity: 0.5,
        skip: true,
      },
      result: { steps: 400, seconds: 250, imagesPerSecond: 3.2 },
    }),
  );
  await appendMetrics(folder, cycleGanMetrics());
  const direction = (judged: number, cycleL1: number): DirectionEvaluation => ({
    n: 150,
    judgedAsTarget: wilsonInterval(judged, 150),
    originalsJudgedAsTarget: wilsonInterval(9, 150),
    cycleL1,
    changeL1: 0.0523,
    judgeTrainedOn: 0,
    images: { source: 'run', gone: 0, changed: 0, trainedOn: 0, sameData: true },
    kid: { value: 0.0421, originals: 0.0913, protocol: 'classifier features, 10 subsets of 100' },
  });
  const evaluation: CycleGanEvaluation = {
    kind: 'cyclegan',
    domains: { x: 'feminine', y: 'masculine' },
    split: 'test',
    xToY: direction(129, 0.0712),
    yToX: direction(121, 0.0804),
    judge: 'small-vgg trained on the train split, 95.3 % (92.3–97.2 %, n = 298)',
  };
  await writeJson(join(folder, 'evaluation.json'), evaluation);
  const [X, Y] = [faces(8, true), faces(8, false)];
  await writeFile(
    join(folder, 'samples', 'figure6.png'),
    await figureSix({
      originals: X,
      fakes: Y,
      cycled: X,
      rowLabels: ['feminine', 'masculine\n(fake)', 'and back'],
    }),
  );
  for (const step of [100, 200, 300, 400]) {
    const sheet = await figureSix({
      originals: X.slice(0, 5),
      fakes: Y.slice(0, 5),
      cellSize: 64,
      rowLabels: ['real', 'fake'],
    });
    await writeFile(join(folder, 'samples', `step-${String(step).padStart(6, '0')}.png`), sheet);
  }
}

/** Writes a classifier's run, a CycleGAN's run and a summary of their data into a folder. */
export async function writeFixture(folder: string): Promise<void> {
  for (const name of ['classifier', 'cyclegan']) {
    await mkdir(join(folder, name, 'samples'), { recursive: true });
  }
  await writeClassifier(join(folder, 'classifier'));
  await writeCycleGan(join(folder, 'cyclegan'));
  await writeFile(
    join(folder, 'removed.png'),
    await contactSheet({
      images: [...faces(5, true), { encoded: new Uint8Array(10) }],
      captions: ['blank', 'duplicate', 'duplicate', 'too small', 'blank', 'undecodable'],
      cellSize: 96,
    }),
  );
  await writeJson(join(folder, 'data.json'), {
    name: 'Generated faces',
    source: 'drawn by janus data import synthetic, seed 1',
    licence: 'CC0, no person is depicted',
    steps: [
      { step: 'import', rows: 2060, rejected: 0, reasons: {} },
      {
        step: 'clean',
        rows: 1988,
        rejected: 72,
        reasons: { blank: 30, undecodable: 20, duplicate: 22 },
      },
      {
        step: 'split',
        rows: 1988,
        rejected: 0,
        reasons: {},
        splits: { train: 1392, validation: 298, test: 298 },
      },
    ],
    kept: 1988,
    distributions: {
      presentation: { feminine: 1001, masculine: 987 },
      age: { child: 210, young: 702, middle: 640, old: 436 },
    },
    splitBalances: {
      presentation: {
        train: { feminine: 701, masculine: 691 },
        validation: { feminine: 150, masculine: 148 },
        test: { feminine: 150, masculine: 148 },
      },
      age: { train: { child: 210 }, test: { young: 702, middle: 640, old: 436 } },
    },
    missing: { presentation: 0, age: 0, glasses: 12 },
    numbers: { born: { first: 390, width: 5, counts: [300, 900, 700, 88] } },
    sizes: {
      grid: {
        x: { first: 8, width: 16 },
        y: { first: 8, width: 16 },
        counts: [
          [1900, 40],
          [8, 40],
        ],
      },
      median: { width: 128, height: 128 },
    },
    sheets: [{ title: 'Some of the images that cleaning removed', file: 'removed.png' }],
  });
}

/** Returns a page without scripts, styles and inlined files: what a person reads. */
export function readableText(page: string): string {
  return page
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}
