/** What a classifier's training will do, and about how long it takes. */
import { countText, stepsPerEpochOf } from '@janus/core';
import type { MeasuredSpeed } from '@janus/engine';
import {
  LINEAR_PENALTIES,
  buildBackbone,
  buildPooling,
  cutAfter,
  disposeWeights,
  cutBackbone,
  FEATURE_BATCH,
  sumOfWork,
  unfrozenBlocks,
  workOf,
  type ClassifierPhase,
  type Work,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { trainingPlan, type TrainingPlan } from '../training-plan.js';
import { secondsOfWork } from '../training-time.js';
import { copiesOf } from './augment-frozen.js';
import { cutOf, normalisationOf, type ClassifierRunOptions } from './options.js';
import { isOwn, knownName } from './own-backbone.js';
import { epochsOfPhase, isFittedPhase, phasesOf } from './phase-order.js';
import { imagesPerUpdate } from './recipe.js';

/** What `planClassifier` takes. */
export interface ClassifierPlanOptions {
  readonly options: TrainedOptions;
  /** Images of each part. */
  readonly counts: Readonly<Record<'train' | 'validation', number>>;
  /** Number of classes. */
  readonly classes: number;
  /** As `measureSpeed` of the engine returns it. */
  readonly speed: MeasuredSpeed;
}

/** Options that say how much is computed. */
type TrainedOptions = Omit<ClassifierRunOptions, 'data' | 'target'>;

/** A pass with the gradients of its weights and its input: three times the work of the pass alone. */
const TRAINED = 3;
/** Seconds for a number of the features and an output of a linear head, all penalties together. */
const FIT_SECONDS = 1.2e-6;
/** Seconds to read an image and bring it to its size, several at a time. */
const DECODE_SECONDS = 0.0015;

/**
 * Returns what the options will train. Start the engine first.
 *
 * @throws OptionsError when the backbone has no such size, cut or block
 */
export function planClassifier(given: ClassifierPlanOptions): TrainingPlan {
  const { options, counts } = given;
  const maxUpdates = phasesOf(options)
    .filter((name) => !isFittedPhase(name, options))
    .reduce((sum, name) => sum + updatesOfPhase(name, given), 0);
  return trainingPlan({
    ...(options.maxSteps === undefined ? {} : { maxUpdates }),
    images: `${countText(counts.train)} images (${countText(counts.validation)} for validation)`,
    phases: phasesOf(options).map((name) =>
      isFittedPhase(name, options)
        ? { name, fits: LINEAR_PENALTIES.length }
        : {
            name,
            constantEpochs: epochsOfPhase(name, options),
            fallingEpochs: 0,
            schedule: options.schedule === 'constant' ? undefined : options.schedule,
            stepsPerEpoch: updatesPerEpoch(given),
            patience: options.patience,
          },
    ),
    // What a backbone of the caller's own computes is known once it is built, with its weights.
    ...(isOwn(options.backbone) ? {} : { seconds: classifierSeconds(given) }),
    mayBeKept: phasesOf(options).includes('head'),
  });
}

/**
 * Returns about how long all phases take here, if none ends early and no features are kept. Start the engine
 * first.
 *
 * @returns seconds, within a third on 2 processor cores where nothing else runs
 * @throws OptionsError when the backbone has no such size, cut or block, or is the caller's own
 */
export function classifierSeconds(given: ClassifierPlanOptions): number {
  const { options, counts } = given;
  const { size, seed, pooling } = options;
  const whole = buildBackbone(knownName(options.backbone), { imageSize: size, seed });
  try {
    const cut = cutOf(options);
    const backbone = cut === 'last' ? whole : cutAfter(whole, cut);
    const maps = backbone.outputs[0]?.shape.slice(1).map(Number) ?? [];
    const normalisation = normalisationOf(options);
    const pooled = buildPooling({ inputShape: maps, pooling, normalisation });
    const columns = pooled.outputs[0]?.shape[1] ?? 0;
    const images = counts.train * (1 + copiesOf(options)) + counts.validation;
    return phasesOf(options).reduce(
      (sum, phase) => sum + secondsOfPhase(phase, { ...given, backbone, columns }),
      images * DECODE_SECONDS,
    );
  } finally {
    disposeWeights(whole);
  }
}

/** Returns the most updates of a phase that is trained by steps. */
function updatesOfPhase(
  phase: ClassifierPhase,
  { options, counts }: Pick<ClassifierPlanOptions, 'options' | 'counts'>,
): number {
  const { maxSteps = Infinity } = options;
  return Math.min(maxSteps, epochsOfPhase(phase, options) * updatesPerEpoch({ options, counts }));
}

const updatesPerEpoch = ({
  options,
  counts,
}: Pick<ClassifierPlanOptions, 'options' | 'counts'>): number =>
  stepsPerEpochOf({ count: counts.train, batchSize: imagesPerUpdate(options) });

function secondsOfPhase(
  phase: ClassifierPhase,
  given: ClassifierPlanOptions & {
    readonly backbone: tf.LayersModel;
    /** Of a row of features. */
    readonly columns: number;
  },
): number {
  const { options, counts, classes, speed, backbone, columns } = given;
  const { precision } = options;
  const stepsPerEpoch = updatesPerEpoch(given);
  const rows = counts.train * (1 + copiesOf(options));
  const images = rows + counts.validation;
  const seconds = (work: Work, calls: number): number =>
    secondsOfWork(work, { calls, speed, precision });
  const updates = updatesOfPhase(phase, given);
  if (phase === 'head') {
    const features = seconds(sumOfWork([[workOf(backbone), images]]), images / FEATURE_BATCH);
    const outputs = classes === 2 ? 1 : classes;
    return (
      features +
      (isFittedPhase(phase, options)
        ? rows * columns * outputs * FIT_SECONDS
        : seconds({ operations: 0, numbers: 0 }, updates))
    );
  }
  const unfrozen = unfrozenBlocks(backbone, phase === 'fine-tune' ? options.unfreeze : 'all');
  const { frozen, tail = backbone } = cutBackbone(backbone, unfrozen);
  const epochs = updates / stepsPerEpoch;
  const passes = epochs * TRAINED * counts.train + Math.ceil(epochs) * counts.validation;
  // Images that change in every epoch pass through the frozen layers in each.
  const again = frozen === undefined || (options.augment ?? []).length === 0 ? 0 : epochs;
  const below = frozen === undefined ? [] : [[workOf(frozen), again * counts.train] as const];
  return seconds(sumOfWork([[workOf(tail), passes], ...below]), updates);
}
