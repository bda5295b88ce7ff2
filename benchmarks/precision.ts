/**
 * Whether bfloat16 trains as well as float32, on images of your own:
 *
 *     node --import tsx --conditions=@janus/source benchmarks/precision.ts --out runs/precision \
 *       --data data/congress --target gender --weights vgg16_notop.h5 --x horses --y zebras
 *
 * Three seeds in both precisions: the classifier, its head trained by steps, on a data folder that was split (with
 * --unfreeze and --fine-tune-epochs if given), and a small CycleGAN on two folders. Each part is left
 * out when its folders are. What is finished is not repeated, so that it can be interrupted.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  clusterBootstrap,
  discordantPairs,
  mcnemar,
  readRun,
  wilsonInterval,
  writeJson,
  type Interval,
} from '@janus/core';
import { readTable } from '@janus/data';
import { useEngine, type Precision } from '@janus/engine';
import { imageSetOfFiles, unpairedBatches, type ImageSet } from '@janus/images';
import { createCycleGan, CYCLEGAN_PAPER, cycleGanSteps, type CycleGanOptions } from '@janus/models';
import {
  CLASSIFIER_PAPER,
  evaluateRun,
  openDomain,
  trainClassifier,
  type ClassifierRunOptions,
} from '@janus/runs';

const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: 'runs/precision' },
    seeds: { type: 'string', default: '1,2,3' },
    data: { type: 'string' },
    target: { type: 'string', default: 'gender' },
    weights: { type: 'string' },
    unfreeze: { type: 'string', default: 'none' },
    'fine-tune-epochs': { type: 'string', default: '1' },
    x: { type: 'string' },
    y: { type: 'string' },
    steps: { type: 'string', default: '300' },
  },
});

const PRECISIONS: readonly Precision[] = ['float32', 'bfloat16'];
const seeds = flags.seeds.split(',').map(Number);

const meanOf = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (values.length - 1));
}

/** Two-sided 95 % quantiles of Student's t for 1, 2, ... degrees of freedom. */
const STUDENT_95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** The mean of paired differences with its t interval; NaN ends for one pair, or more than ten. */
function pairedInterval(differences: readonly number[]): Interval {
  const value = meanOf(differences);
  const quantile = STUDENT_95[differences.length - 2] ?? NaN;
  const half = (quantile * deviationOf(differences)) / Math.sqrt(differences.length);
  return { value, low: value - half, high: value + half };
}

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

function sayTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  say(`| ${head.join(' | ')} |`);
  say(`| ${head.map(() => '---').join(' | ')} |`);
  for (const row of rows) say(`| ${row.join(' | ')} |`);
  say();
}

const shown = ({ value, low, high }: Interval, scale: number, digits: number): string =>
  `${(scale * value).toFixed(digits)} [${(scale * low).toFixed(digits)}, ${(scale * high).toFixed(digits)}]`;

/** One image's prediction. */
interface Prediction {
  readonly id: string;
  readonly right: boolean;
  readonly predicted: string;
  readonly probabilities: readonly number[];
}

async function trainedRun(data: string, precision: Precision, seed: number): Promise<string> {
  const folder = join(flags.out, `classifier-${flags.unfreeze}-${precision}-${seed}`);
  const finished =
    existsSync(join(folder, 'run.json')) && (await readRun(folder)).status === 'finished';
  if (!finished) {
    const options: ClassifierRunOptions = {
      ...CLASSIFIER_PAPER,
      ...{ pooling: 'average+max', learningRate: 1e-4, classWeights: 'balanced' },
      ...{ data, target: flags.target, weights: flags.weights ?? null },
      ...{ unfreeze: flags.unfreeze, fineTuneEpochs: Number(flags['fine-tune-epochs']) },
      ...{ precision, seed },
    };
    await trainClassifier(options, { folder, existing: 'overwrite', engine: 'tensorflow' });
  }
  if (!existsSync(join(folder, 'predictions.parquet'))) {
    await evaluateRun(folder, { engine: 'tensorflow' });
  }
  return folder;
}

async function predictionsOf(run: string): Promise<readonly Prediction[]> {
  const rows = await readTable(join(run, 'predictions.parquet'), {
    sql: 'SELECT * FROM t ORDER BY id',
  });
  return rows.map((row) => ({
    id: String(row['id']),
    right: row['label'] === row['predicted'],
    predicted: String(row['predicted']),
    probabilities: Object.entries(row)
      .filter(([name]) => name.startsWith('p_'))
      .map(([, value]) => Number(value)),
  }));
}

type Both<T> = Readonly<Record<Precision, T>>;

async function inBoth<T>(work: (precision: Precision) => Promise<T>): Promise<Both<T>> {
  const found: Partial<Record<Precision, T>> = {};
  for (const precision of PRECISIONS) found[precision] = await work(precision);
  return found as Both<T>;
}

function disagreements(a: readonly Prediction[], b: readonly Prediction[]): number {
  return a.filter(({ predicted }, i) => predicted !== b[i]?.predicted).length;
}

/** The mean change of a class's probability. */
function change(a: readonly Prediction[], b: readonly Prediction[]): number {
  return meanOf(
    a.flatMap(({ probabilities }, i) =>
      probabilities.map((each, c) => Math.abs(each - (b[i]?.probabilities[c] ?? NaN))),
    ),
  );
}

async function compareClassifiers(data: string): Promise<void> {
  const found: Both<readonly Prediction[]>[] = [];
  for (const seed of seeds) {
    found.push(
      await inBoth(async (precision) => predictionsOf(await trainedRun(data, precision, seed))),
    );
  }
  const accuracy = (predictions: readonly Prediction[]): string => {
    const right = predictions.filter((each) => each.right).length;
    return shown(wilsonInterval(right, predictions.length), 100, 1);
  };
  say(`Classifier: ${flags.target} of ${data}, unfrozen: ${flags.unfreeze}`);
  say();
  sayTable(
    [
      'seed',
      'n',
      'float32, %',
      'bfloat16, %',
      'right in one only',
      'McNemar p',
      'other class',
      'mean change of a probability',
    ],
    found.map(({ float32, bfloat16 }, i) => {
      const right = (predictions: readonly Prediction[]): boolean[] =>
        predictions.map((each) => each.right);
      const { onlyFirst, onlySecond, p } = mcnemar(
        discordantPairs(right(float32), right(bfloat16)),
      );
      return [
        String(seeds[i]),
        String(float32.length),
        accuracy(float32),
        accuracy(bfloat16),
        `${onlyFirst} and ${onlySecond}`,
        p.toFixed(2),
        String(disagreements(float32, bfloat16)),
        change(float32, bfloat16).toFixed(4),
      ];
    }),
  );
  // An image counts with all its seeds: they are not independent.
  const pairs = found.flatMap(({ float32, bfloat16 }) =>
    float32.map(({ id, right }, i) => ({
      id,
      difference: Number(bfloat16[i]?.right) - Number(right),
    })),
  );
  const difference = clusterBootstrap({
    clusters: pairs.map(({ id }) => id),
    statistic: (items) => meanOf(items.map((i) => pairs[i]?.difference ?? NaN)),
  });
  const across = found.flatMap(({ float32 }, i) =>
    found.slice(i + 1).map((other) => [float32, other.float32] as const),
  );
  say(
    `Accuracy of bfloat16 less that of float32, points: ${shown(difference, 100, 2)} (bootstrap over images).`,
  );
  say(
    `For comparison, two seeds of float32: other class ${across.map(([a, b]) => disagreements(a, b)).join(', ')}; mean change ${across.map(([a, b]) => change(a, b).toFixed(4)).join(', ')}.`,
  );
  say();
}

/** Terms that a table row is made of: the mean of two losses. */
const TERMS = {
  cycle: ['cycleX', 'cycleY'],
  adversarial: ['adversarialX', 'adversarialY'],
  identity: ['identityX', 'identityY'],
  discriminator: ['discriminatorX', 'discriminatorY'],
} as const;

type Term = keyof typeof TERMS;
type Losses = Readonly<Record<Term, readonly number[]>>;

/** Steps at the end that are looked at. */
const LAST_STEPS = 50;

const SMALL: CycleGanOptions = {
  ...CYCLEGAN_PAPER,
  imageSize: 64,
  batchSize: 4,
  generatorFilters: 24,
  generatorBlocks: 4,
  discriminatorFilters: 24,
};

async function trainTranslation(
  [x, y]: readonly [string, string],
  precision: Precision,
  seed: number,
): Promise<Losses> {
  const file = join(flags.out, `cyclegan-${precision}-${seed}.json`);
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as Losses;
  const options = { ...SMALL, precision, seed };
  const { imageSize: size, batchSize } = options;
  const decoded = async (folder: string): Promise<ImageSet> => {
    const { items } = await openDomain(folder, 'train');
    return imageSetOfFiles(items, { size });
  };
  const source = unpairedBatches({
    ...{ imagesX: await decoded(x), imagesY: await decoded(y), batchSize, seed },
  });
  const cyclegan = createCycleGan(options);
  const losses: Record<Term, number[]> = {
    cycle: [],
    adversarial: [],
    identity: [],
    discriminator: [],
  };
  for await (const record of cycleGanSteps(cyclegan, source)) {
    if (record.kind !== 'step') continue;
    for (const [term, names] of Object.entries(TERMS)) {
      losses[term as Term].push(meanOf(names.map((name) => record.losses[name] ?? NaN)));
    }
    if (record.step >= Number(flags.steps)) break;
  }
  cyclegan.dispose();
  await writeJson(file, losses);
  return losses;
}

async function compareTranslations(folders: readonly [string, string]): Promise<void> {
  await useEngine({ engine: 'tensorflow' });
  const found: Both<Losses>[] = [];
  for (const seed of seeds) {
    found.push(await inBoth((precision) => trainTranslation(folders, precision, seed)));
  }
  say(
    `CycleGAN: ${folders.join(' and ')}, 64 px, ${flags.steps} steps; mean (deviation) of the last ${LAST_STEPS}`,
  );
  say();
  const last = (losses: Losses, term: Term): readonly number[] => losses[term].slice(-LAST_STEPS);
  const rows = (Object.keys(TERMS) as Term[]).map((term) => {
    const text = (losses: Losses): string =>
      `${meanOf(last(losses, term)).toFixed(4)} (${deviationOf(last(losses, term)).toFixed(4)})`;
    const means = (precision: Precision): number[] =>
      found.map((each) => meanOf(last(each[precision], term)));
    const exact = means('float32');
    const differences = means('bfloat16').map((mean, i) => mean - (exact[i] ?? NaN));
    return [
      term,
      ...PRECISIONS.map((precision) => found.map((each) => text(each[precision])).join('; ')),
      shown(pairedInterval(differences), 1, 4),
      deviationOf(exact).toFixed(4),
    ];
  });
  sayTable(
    [
      'loss',
      'float32, each seed',
      'bfloat16, each seed',
      'bfloat16 less float32, paired by seed',
      'deviation between seeds of float32',
    ],
    rows,
  );
}

await mkdir(flags.out, { recursive: true });
const engine = await useEngine({ engine: 'tensorflow' });
say(`${engine.line}; seeds ${seeds.join(', ')}; 95 % intervals`);
say();
if (flags.data !== undefined) await compareClassifiers(flags.data);
if (flags.x !== undefined && flags.y !== undefined) await compareTranslations([flags.x, flags.y]);
