/**
 * Bytes and seconds of a report of 20 runs, ten of them with as many records as a whole horse2zebra training logs (21,340), and
 * the seconds until its page can be used in a browser:
 *
 *     node --import tsx --conditions=@janus/source benchmarks/report-size.ts [--images <folder>] [--keep <folder>]
 *
 * The sheets show the images of `--images`, which compress as photos do, else generated faces.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import {
  appendMetrics,
  streamOf,
  wilsonInterval,
  writeJson,
  writeRun,
  type RunRecord,
  type StepRecord,
} from '@janus/core';
import { renderFace, sampleFace } from '@janus/faces';
import { contactSheet, figureSix, type SheetImage } from '@janus/figures';
import { chromium } from 'playwright-core';

const { values } = parseArgs({
  options: {
    images: { type: 'string' },
    keep: { type: 'string' },
    browser: { type: 'string', default: '/usr/bin/chromium' },
  },
});

const RUNS_OF_A_KIND = 10;
/** 200 epochs of 1,067 images, every tenth update. */
const CYCLEGAN_RECORDS = 21_340;
const CLASSIFIER_STEPS = 2000;
const IMAGE_PX = 256;
const SHEET_IMAGES = 18;

const JANUS = fileURLToPath(new URL('../apps/cli/bin/janus.mjs', import.meta.url));

async function sheetImages(): Promise<readonly SheetImage[]> {
  if (values.images === undefined) {
    return await Promise.all(
      Array.from({ length: SHEET_IMAGES }, async (_, index) => ({
        encoded: await renderFace(sampleFace({ seed: 1, person: index, image: 0 }), {
          size: IMAGE_PX,
        }),
      })),
    );
  }
  const names = (await readdir(values.images, { recursive: true }))
    .filter((name) => /\.jpe?g$/i.test(name))
    .slice(0, SHEET_IMAGES);
  const folder = values.images;
  return await Promise.all(
    names.map(async (name) => ({ encoded: await readFile(join(folder, name)) })),
  );
}

function recordOf(kind: RunRecord['kind'], i: number): RunRecord {
  const options =
    kind === 'classifier'
      ? { target: 'gender', backbone: 'vgg16', head: '1x1024', dropout: 0.5, unfreeze: 'none' }
      : { x: 'trainA', y: 'trainB', size: IMAGE_PX, lambdaCycle: 10, lambdaIdentity: 0.5 };
  return {
    ...{ format: 2, kind, name: `${kind}-${i}`, seed: i, options: { ...options, seed: i } },
    started: `2026-01-${String(i + 1).padStart(2, '0')}T10:00:00Z`,
    versions: { janus: '0.1.0', node: '20.20.2' },
    ...{ dataHash: 'made', engine: 'tensorflow 2.21.0 (CPU)', status: 'finished' },
    result: { steps: 213_400, seconds: 86_400, imagesPerSecond: 2.5 },
  };
}

function stepsOf(kind: RunRecord['kind'], seed: number): readonly StepRecord[] {
  const stream = streamOf(seed, 'losses');
  const names =
    kind === 'classifier'
      ? ['crossEntropy']
      : ['adversarial', 'cycle', 'identity', 'discriminator'].flatMap((name) => [
          `${name}X`,
          `${name}Y`,
        ]);
  const count = kind === 'classifier' ? CLASSIFIER_STEPS : CYCLEGAN_RECORDS;
  return Array.from({ length: count }, (_, i) => ({
    ...({ kind: 'step', step: 10 * (i + 1), epoch: Math.floor((10 * i) / 1067) } as const),
    ...{ learningRate: 2e-4, seconds: 4 * i },
    losses: Object.fromEntries(
      names.map((name) => [name, (0.2 + Math.exp(-i / 4000)) * (0.5 + stream.next())]),
    ),
    ...(kind === 'classifier' ? { metrics: { accuracy: 1 - 0.5 * Math.exp(-i / 300) } } : {}),
  }));
}

async function writeClassifier(folder: string, sheet: string): Promise<void> {
  await copyFile(sheet, join(folder, 'samples', 'mistakes.png'));
  await writeJson(join(folder, 'evaluation.json'), {
    ...{ kind: 'classifier', target: 'gender', classes: ['female', 'male'], split: 'test', n: 400 },
    ...{ accuracy: wilsonInterval(370, 400), balancedAccuracy: wilsonInterval(370, 400) },
    ...{ majority: 0.5, intervalMethod: 'Wilson 95 %', calibrationError: 0.02, mistakes: [] },
    perClass: {
      female: { n: 200, recall: wilsonInterval(186, 200) },
      male: { n: 200, recall: wilsonInterval(184, 200) },
    },
    confusion: [
      [186, 14],
      [16, 184],
    ],
  });
}

/** Sheets of a CycleGAN: each has images in another order, so that none is the same file. */
async function writeCycleGan(folder: string, images: readonly SheetImage[]): Promise<void> {
  const turned = (by: number): readonly SheetImage[] => [
    ...images.slice(by % images.length),
    ...images.slice(0, by % images.length),
  ];
  const at = Number(/\d+$/.exec(folder)?.[0] ?? 0);
  for (const [k, name] of ['figure6', 'figure6-back'].entries()) {
    const shown = turned(at + k);
    const rows = {
      originals: shown.slice(0, 8),
      fakes: shown.slice(8, 16),
      cycled: shown.slice(0, 8),
    };
    await writeFile(
      join(folder, 'samples', `${name}.png`),
      await figureSix({ ...rows, cellSize: IMAGE_PX }),
    );
  }
  for (let step = 1; step <= 10; step++) {
    const shown = turned(at + step);
    const sheet = { originals: shown.slice(0, 5), fakes: shown.slice(5, 10), cellSize: IMAGE_PX };
    const name = `step-${String(21_340 * step).padStart(6, '0')}.png`;
    await writeFile(join(folder, 'samples', name), await figureSix(sheet));
  }
}

async function writeRuns(folder: string): Promise<void> {
  const images = await sheetImages();
  const sheet = join(folder, 'mistakes.png');
  await mkdir(folder, { recursive: true });
  await writeFile(sheet, await contactSheet({ images, columns: 9, cellSize: 128 }));
  for (const kind of ['classifier', 'cyclegan'] as const) {
    for (let i = 0; i < RUNS_OF_A_KIND; i++) {
      const run = join(folder, `${kind}-${i}`);
      await mkdir(join(run, 'samples'), { recursive: true });
      await writeRun(run, recordOf(kind, i));
      await appendMetrics(run, stepsOf(kind, i));
      await (kind === 'classifier' ? writeClassifier(run, sheet) : writeCycleGan(run, images));
    }
  }
  await rm(sheet);
}

/** Returns seconds until the page has read its scripts and has drawn, the median of three openings. */
async function secondsToInteractive(index: string): Promise<number> {
  const browser = await chromium.launch({ executablePath: values.browser, args: ['--no-sandbox'] });
  try {
    const found: number[] = [];
    for (let i = 0; i < 3; i++) {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(index).href, { waitUntil: 'load' });
      // What was queued by then runs first: the frame after it is when a click is answered.
      const ms = await page.evaluate(
        'new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))',
      );
      found.push(Number(ms) / 1000);
      await page.close();
    }
    return found.sort((a, b) => a - b)[1] ?? 0;
  } finally {
    await browser.close();
  }
}

const made = values.keep ?? (await mkdtemp(join(tmpdir(), 'janus-report-size-')));
try {
  const runs = join(made, 'runs');
  if (!existsSync(runs)) await writeRuns(runs);
  const began = performance.now();
  const out = join(made, 'report');
  await promisify(execFile)(process.execPath, [JANUS, 'report', '--runs', runs, '--out', out]);
  const seconds = (performance.now() - began) / 1000;
  const index = join(out, 'index.html');
  const { size } = await stat(index);
  const isInteractive = existsSync(values.browser)
    ? `, ${(await secondsToInteractive(index)).toFixed(2)} s until its page can be used`
    : '';
  process.stdout.write(
    `${(size / 1e6).toFixed(1)} MB, written in ${seconds.toFixed(1)} s${isInteractive}\n`,
  );
} finally {
  if (values.keep === undefined) await rm(made, { recursive: true });
}
