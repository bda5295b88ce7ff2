/** Generated faces and the smallest trainings on them, for tests of whole runs. */
import { copyFile, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeSafetensors,
  readMetrics,
  SILENT,
  writeFileAtomic,
  type StepRecord,
} from '@janus/core';
import { splitDataset } from '@janus/data';
import { useEngine } from '@janus/engine';
import { arraysOf, buildBackbone, CYCLEGAN_TEST, variablesOf } from '@janus/models';
import {
  CLASSIFIER_DEFAULTS,
  CLASSIFIER_SMALL,
  type ClassifierRunOptions,
} from './classifier/options.js';
import { CYCLEGAN_RUN_PAPER, type CycleGanRunOptions } from './cyclegan/options.js';
import type { RunContext } from './context.js';
import { generateFaces } from './dataset/generate-faces.js';
import { TEST_ENGINE } from './test-engine.fixture.js';

/** What {@link makeSmallRuns} makes. */
export interface SmallRuns {
  /** A new folder; the caller removes it. */
  readonly root: string;
  /** All layers of the small VGG, 2 epochs of 4 updates. */
  readonly classifier: ClassifierRunOptions;
  /** SqueezeNet with weights of its own: an epoch of the head, then one of its last blocks. */
  readonly fineTuned: ClassifierRunOptions;
  /** 2 epochs at the full rate and 1 falling, each of 3 updates. */
  readonly translation: CycleGanRunOptions;
}

/** Images of each domain. */
const IMAGES = 3;

/** Makes a data set and options of runs on it, all as small as they can be. */
export async function makeSmallRuns(): Promise<SmallRuns> {
  const root = await mkdtemp(join(tmpdir(), 'janus-small-'));
  const data = join(root, 'faces');
  await generateFaces(40, { out: data, size: 32 });
  await splitDataset(data, { stratify: ['presentation'] });
  await useEngine({ engine: TEST_ENGINE });
  const backbone = buildBackbone('squeezenet', { imageSize: 32, seed: 5 });
  const weights = join(root, 'squeezenet.safetensors');
  await writeFileAtomic(weights, encodeSafetensors(await arraysOf(variablesOf(backbone))));
  backbone.dispose();
  // In float32, since `auto` measures, and two runs that are to be equal could differ in what it finds.
  const computed = { batchSize: 8, precision: 'float32' } as const;
  const small = { data, target: 'presentation', size: 32, head: '1x8', ...computed };
  const [x, y] = await Promise.all(
    ['x', 'y'].map(async (name, i) => {
      const out = join(root, name);
      await mkdir(out);
      for (let n = 0; n < IMAGES; n++) {
        const file = `face-${String(IMAGES * i + n).padStart(5, '0')}.jpg`;
        await copyFile(join(data, 'images', file), join(out, file));
      }
      return out;
    }),
  );
  return {
    root,
    classifier: { ...CLASSIFIER_SMALL, ...small, epochs: 2 },
    fineTuned: {
      ...{ ...CLASSIFIER_DEFAULTS, ...small, backbone: 'squeezenet', weights, unfreeze: 'fire9' },
      ...{ epochs: 1, fineTuneEpochs: 1, fineTuneLearningRate: 1e-3, learningRate: 1e-2 },
    },
    translation: {
      ...{ ...CYCLEGAN_RUN_PAPER, ...CYCLEGAN_TEST, x: x ?? '', y: y ?? '' },
      ...{ constantEpochs: 2, decayEpochs: 1, batchSize: 1, averageDecay: 0.9 },
    },
  };
}

/** Returns the context of a run of that name, with the lines that it reports. */
export function listeningContext(
  root: string,
  name: string,
  more: RunContext = {},
): RunContext & { readonly folder: string; readonly lines: string[] } {
  const lines: string[] = [];
  const reporter = { ...SILENT, log: (line: string) => void lines.push(line) };
  return { folder: join(root, name), engine: TEST_ENGINE, reporter, ...more, lines };
}

/** Returns the bytes of a run's models. */
export async function modelBytes(folder: string, kind: 'classifier' | 'cyclegan'): Promise<Buffer> {
  const models = kind === 'classifier' ? ['model'] : [join('model', 'G'), join('model', 'F')];
  const parts = models.map((model) => readFile(join(folder, model, 'weights.bin')));
  return Buffer.concat(await Promise.all(parts));
}

/** Returns a run's records without their times, the only field in which repeated runs differ. */
export async function timeless(folder: string): Promise<readonly StepRecord[]> {
  return (await readMetrics(folder)).map((record) => ({ ...record, seconds: 0 }));
}

/** Aborts after the record of an update. */
export function abortingAt(step: number): Pick<RunContext, 'signal' | 'onRecord'> {
  const controller = new AbortController();
  const onRecord = (record: StepRecord): void => {
    if (record.step === step) controller.abort();
  };
  return { signal: controller.signal, onRecord };
}
