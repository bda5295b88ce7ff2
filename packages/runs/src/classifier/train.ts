import { join } from 'node:path';
import {
  appendMetrics,
  writeFileAtomic,
  type Reporter,
  type RunRecord,
  type StepRecord,
} from '@janus/core';
import { classesOf, labelledItems, type Dataset } from '@janus/data';
import type { Precision } from '@janus/engine';
import type { Augmentation } from '@janus/images';
import {
  buildBackbone,
  buildHead,
  createClassifierTraining,
  joinModels,
  latestCheckpoint,
  loadCheckpoint,
  parseHead,
  pretrainedWeights,
  saveCheckpoint,
  saveClassifier,
  setWeights,
  type BackboneName,
  type ClassifierTraining,
  type ClassifierTrainingState,
  type Pooling,
} from '@janus/models';
import { createInputs, type Parts } from './features.js';
import { phaseNames, phaseParts, type Network, type PhaseName } from './phases.js';
import { keepMetricsUpTo } from '../run-folder.js';

/** What a classifier run is repeated from; `run.json` holds it. */
export interface ClassifierOptions {
  readonly data: string;
  readonly target: string;
  /** Run of a cross-validation; absent where the data's own parts are used. */
  readonly fold?: number;
  readonly backbone: BackboneName;
  readonly weights: string | null;
  readonly head: string;
  readonly pooling: Pooling;
  readonly dropout: number;
  readonly unfreeze: string;
  readonly size: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly fineTuneEpochs: number;
  readonly learningRate: number;
  readonly fineTuneLearningRate: number;
  readonly balanced: boolean;
  readonly precision: Precision;
  readonly seed: number;
  /** How images are changed while training; absent: half of them are mirrored. */
  readonly augment?: readonly Augmentation[];
}

/** What a run works with. */
export interface ClassifierRun {
  readonly folder: string;
  readonly record: RunRecord;
  readonly dataset: Dataset;
  readonly options: ClassifierOptions;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** How a run ended. */
export interface ClassifierRunResult {
  readonly finished: boolean;
  readonly steps: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly peakRssMb: number;
  readonly validationAccuracy: number | null;
}

/** Steps between checkpoints within an epoch. */
const CHECKPOINT_STEPS = 100;

/** One phase of training: a fit, and the network that it leaves behind. */
interface Phase {
  readonly name: PhaseName;
  readonly fit: ClassifierTraining;
  readonly stepsPerEpoch: number;
  readonly imagesPerStep: number;
}

async function buildNetwork(run: ClassifierRun): Promise<Network> {
  const { backbone: name, size, seed, weights: file } = run.options;
  const backbone = buildBackbone(name, { imageSize: size, seed });
  if (name === 'small-vgg') return { backbone, preprocessing: 'signed', hash: undefined };
  const { reporter } = run;
  const pretrained = await pretrainedWeights(name, {
    ...(file === null ? {} : { file }),
    line: reporter.log,
    report: reporter.progress,
  });
  setWeights(backbone, pretrained.weights, pretrained.source);
  reporter.log(`Backbone: ${name}, pretrained on ImageNet (${pretrained.source})`);
  return { backbone, preprocessing: pretrained.preprocessing, hash: pretrained.hash };
}

/** Trains head and tail as the options say; the run's folder has everything when it returns. */
export async function runClassifier(run: ClassifierRun): Promise<ClassifierRunResult> {
  const { dataset, options, folder, reporter } = run;
  const classes = classesOf(dataset, options.target);
  const parts: Parts = {
    train: labelledItems(dataset, options.target, { split: 'train' }),
    validation: labelledItems(dataset, options.target, { split: 'validation' }),
  };
  const network = await buildNetwork(run);
  const { backbone } = network;
  const outputShape = backbone.outputs[0]?.shape.slice(1).map(Number) ?? [];
  const head = buildHead({
    inputShape: outputShape,
    classes: classes.length,
    units: parseHead(options.head),
    dropout: options.dropout,
    pooling: options.pooling,
    seed: options.seed,
  });
  const resumed = await loadState(run);
  const began = performance.now();
  let steps = resumed?.steps ?? 0;
  let images = 0;
  let validationAccuracy: number | null = null;

  const { hash = '', preprocessing } = network;
  const { target, size, precision } = options;
  const pretrained = { hash, preprocessing };
  const inputs = createInputs({ dataset, target, size, precision, pretrained, reporter, parts });
  const phases = phaseNames(options, network);
  let epochsBefore = 0;
  let stepsBefore = 0;
  for (const name of phases) {
    const shared = {
      classes: classes.length,
      batchSize: options.batchSize,
      seed: options.seed,
      balanced: options.balanced,
      precision,
      stepsBefore,
      epochsBefore,
      phase: name,
    };
    const fromNothing = network.hash === undefined;
    const epochs = name === 'head' || fromNothing ? options.epochs : options.fineTuneEpochs;
    const stepsPerEpoch = Math.ceil(parts.train.length / options.batchSize);
    const isPast = resumed !== undefined && phases.indexOf(resumed.phase) > phases.indexOf(name);
    if (!isPast) {
      const { model, train, validation, close } = await phaseParts(name, {
        network,
        head,
        inputs,
        options,
      });
      const fit = createClassifierTraining({
        ...shared,
        model,
        train,
        validation,
        epochs,
        keepStart: name === 'fine-tune' && !fromNothing,
        learningRate:
          name === 'head' || fromNothing ? options.learningRate : options.fineTuneLearningRate,
      });
      if (resumed?.phase === name) fit.restore(resumed);
      const phase: Phase = { name, fit, stepsPerEpoch, imagesPerStep: options.batchSize };
      const done = await runPhase(run, phase, (record) => {
        steps = record.step;
        images += record.kind === 'step' ? options.batchSize : 0;
        if (record.split === 'validation')
          validationAccuracy = record.metrics?.['accuracy'] ?? null;
      });
      await close();
      if (!done) {
        fit.dispose();
        return result(false);
      }
      fit.useBest();
      reporter.log(
        fit.bestEpoch() === 0
          ? `${name}: no epoch was better than the head alone, whose weights stay`
          : `${name}: best epoch ${fit.bestEpoch()} of ${epochs}`,
      );
      fit.dispose();
    }
    epochsBefore += epochs;
    stepsBefore += epochs * stepsPerEpoch;
  }
  const model = joinModels(backbone, head, 'classifier');
  await saveClassifier(join(folder, 'model'), {
    model,
    description: {
      format: 1,
      target: options.target,
      classes,
      imageSize: options.size,
      preprocessing: network.preprocessing,
    },
  });
  return result(true);

  function result(finished: boolean): ClassifierRunResult {
    const seconds = (performance.now() - began) / 1000;
    return {
      finished,
      steps,
      seconds,
      imagesPerSecond: seconds > 0 ? images / seconds : 0,
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
      validationAccuracy,
    };
  }
}

/** Runs a phase to its end, or to the first safe point after an interruption (then false). */
async function runPhase(
  run: ClassifierRun,
  phase: Phase,
  listen: (record: StepRecord) => void,
): Promise<boolean> {
  const { folder, reporter, signal } = run;
  const total = phase.stepsPerEpoch;
  for await (const record of phase.fit.steps()) {
    await appendMetrics(folder, [record]);
    listen(record);
    const local = record.step % phase.stepsPerEpoch;
    const epochEnded = record.kind === 'epoch' && record.split === 'validation';
    const safe = epochEnded || (record.kind === 'step' && local !== 0);
    if (record.kind === 'step') {
      reporter.progress({
        done: local === 0 ? total : local,
        total,
        unit: 'steps',
        label: `${phase.name}, epoch ${record.epoch + 1}`,
        note: `loss ${(record.losses['crossEntropy'] ?? 0).toFixed(3)}`,
      });
    }
    if (epochEnded) {
      const { losses, metrics } = record;
      reporter.log(
        `${phase.name}, epoch ${record.epoch}: validation loss ${(losses['crossEntropy'] ?? 0).toFixed(4)}, accuracy ${(100 * (metrics?.['accuracy'] ?? 0)).toFixed(1)} %`,
      );
    }
    if (safe && (epochEnded || signal.aborted || record.step % CHECKPOINT_STEPS === 0)) {
      await saveState(run, phase, record.step);
      if (signal.aborted) return false;
    }
  }
  return true;
}

type SavedState = ClassifierTrainingState & { readonly phase: PhaseName };

const architectureOf = ({ backbone, head, pooling, size, unfreeze }: ClassifierOptions): string =>
  JSON.stringify({ kind: 'classifier', backbone, head, pooling, size, unfreeze });

async function saveState(run: ClassifierRun, phase: Phase, step: number): Promise<void> {
  const { arrays, state } = await phase.fit.snapshot();
  await saveCheckpoint(join(run.folder, 'checkpoints'), {
    step,
    arrays,
    state: { ...state, phase: phase.name },
    architecture: architectureOf(run.options),
  });
}

async function loadState(run: ClassifierRun): Promise<
  | {
      readonly phase: PhaseName;
      readonly steps: number;
      readonly state: ClassifierTrainingState;
      readonly arrays: Awaited<ReturnType<typeof loadCheckpoint>>['arrays'];
    }
  | undefined
> {
  const path = await latestCheckpoint(join(run.folder, 'checkpoints'));
  if (path === undefined) {
    await writeFileAtomic(join(run.folder, 'metrics.jsonl'), '');
    return undefined;
  }
  const checkpoint = await loadCheckpoint(path, { architecture: architectureOf(run.options) });
  const { phase, ...state } = checkpoint.state as unknown as SavedState;
  await keepMetricsUpTo(run.folder, checkpoint.step);
  run.reporter.log(`Going on after step ${checkpoint.step} (${phase}).`);
  return { phase, steps: checkpoint.step, state, arrays: checkpoint.arrays };
}
