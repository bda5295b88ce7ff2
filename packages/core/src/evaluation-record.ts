/** What `evaluation.json` of a run holds: written by an evaluation, read by the report. */
import { z } from 'zod';
import {
  EVALUATED_IMAGES_SCHEMA as evaluatedImages,
  INTERVAL_SCHEMA as interval,
  type EvaluatedImages,
} from './evaluated-images.js';
import { readJsonFile } from './files.js';
import { MEASURES_SHAPE, type ClassifierMeasures } from './measure-record.js';
import type { RunKind } from './run-record.js';
import type { Interval } from './statistics.js';
import type { TranslationEvaluation } from './translation-record.js';
import {
  ATTRIBUTES_EVALUATION_SCHEMA,
  CUT_EVALUATION_SCHEMA,
  CYCLEGAN_EVALUATION_SCHEMA,
} from './translation-schemas.js';

/** An image that was taken for another class. */
export interface Mistake {
  /** Manifest id. */
  readonly id: string;
  readonly label: string;
  readonly predicted: string;
  /** Probability of the predicted class, 0 to 1. */
  readonly confidence: number;
}

/** How one class fared. */
export interface ClassResult {
  /** Images that are labelled with the class. */
  readonly n: number;
  /** Share of them that were predicted as it; bootstrap over people where they repeat, else Wilson, 95 %. */
  readonly recall: Interval;
  /** Share of its predictions that are right, 0 to 1; absent where the class was never predicted. */
  readonly precision?: number | undefined;
  /** Harmonic mean of recall and precision, 0 to 1: 2 hits / (images + predictions); absent in older files. */
  readonly f1?: number | undefined;
}

/** How well a number was predicted, in its unit (years, for an age). */
export interface NumberFigures {
  /** Mean absolute error of the expected value; bootstrap over people, 95 %. */
  readonly mae: Interval;
  /** Share of images whose error is at most 5, 0 to 1; bootstrap over people, 95 %. */
  readonly withinFive: Interval;
  /** Mean absolute error of always naming the median of the training images. */
  readonly medianMae: number;
}

/** The same, absent where no number was predicted. */
export type OptionalNumberFigures = {
  readonly [Name in keyof NumberFigures]?: NumberFigures[Name] | undefined;
};

/** Evaluation of a classifier on a split; of a number, its classes are the bins in which it is predicted. */
export interface ClassifierEvaluation extends ClassifierMeasures, OptionalNumberFigures {
  readonly kind: 'classifier';
  /** Label column that was learned. */
  readonly target: string;
  readonly classes: readonly string[];
  readonly split: string;
  /** Images that were evaluated. */
  readonly n: number;
  readonly accuracy: Interval;
  /** Mean recall over the classes. */
  readonly balancedAccuracy: Interval;
  /** Accuracy of always naming the commonest class, 0 to 1. */
  readonly majority: number;
  /** By class name; a class without images is absent. */
  readonly perClass: Readonly<Record<string, ClassResult>>;
  /** Counts [true][predicted]. */
  readonly confusion: readonly (readonly number[])[];
  /** How the intervals were made, in a sentence. */
  readonly intervalMethod: string;
  /**
   * Expected calibration error, 0 to 1, of the probabilities that `predict` gives: 15 bins of equal width on the largest
   * one. Guo et al. 2017, arXiv 1706.04599.
   */
  readonly calibrationError: number;
  /** The surest first. */
  readonly mistakes: readonly Mistake[];
  /** Absent in older files. */
  readonly images?: EvaluatedImages | undefined;
  /** The other data set that was measured, by its folder's name; absent where it is the run's own. */
  readonly data?: OtherData | undefined;
}

/** Another data set than the run's own. */
export interface OtherData {
  /** Name of its folder. */
  readonly name: string;
  /** Its label column. */
  readonly column: string;
  /** Classes of the run by the data's names for them. */
  readonly classes: Readonly<Record<string, string>>;
  /** Classes of the run that no image of it has. */
  readonly missing: readonly string[];
  /** Images whose value is not a class of the run, by value; they are not in n. */
  readonly unknown: Readonly<Record<string, number>>;
}

/** Evaluation of a classifier of several targets on a split. */
export interface TargetsEvaluation {
  readonly kind: 'targets';
  readonly split: string;
  /** Images that have a label of at least one target. */
  readonly n: number;
  /** By label column, each on the images that have its label; a target without any is absent. */
  readonly targets: Readonly<Record<string, ClassifierEvaluation>>;
  readonly images?: EvaluatedImages | undefined;
}

/** Any of these; `kind` tells which. */
export type Evaluation = ClassifierEvaluation | TargetsEvaluation | TranslationEvaluation;

const otherData: z.ZodType<OtherData> = z.object({
  name: z.string(),
  column: z.string(),
  classes: z.record(z.string(), z.string()),
  missing: z.array(z.string()),
  unknown: z.record(z.string(), z.number()),
});

/** As files have it: older ones lack `majority`. */
type WrittenClassifier = Omit<ClassifierEvaluation, 'majority'> & {
  readonly majority?: number | undefined;
};

const classifierSchema: z.ZodType<WrittenClassifier> = z
  .object({
    kind: z.literal('classifier'),
    target: z.string(),
    classes: z.array(z.string()).min(2),
    split: z.string(),
    n: z.number(),
    accuracy: interval,
    balancedAccuracy: interval,
    majority: z.number().optional(),
    perClass: z.record(
      z.string(),
      z.object({
        n: z.number(),
        recall: interval,
        precision: z.number().optional(),
        f1: z.number().optional(),
      }),
    ),
    confusion: z.array(z.array(z.number())),
    intervalMethod: z.string(),
    calibrationError: z.number(),
    mistakes: z.array(
      z.object({
        id: z.string(),
        label: z.string(),
        predicted: z.string(),
        confidence: z.number(),
      }),
    ),
    images: evaluatedImages.optional(),
    data: otherData.optional(),
    ...MEASURES_SHAPE,
    mae: interval.optional(),
    withinFive: interval.optional(),
    medianMae: z.number().optional(),
  })
  .refine(
    ({ classes, confusion }) =>
      confusion.length === classes.length &&
      confusion.every((row) => row.length === classes.length),
    { path: ['confusion'], message: 'must have one row and one column per class' },
  );

/** As files have it. */
type WrittenTargets = Omit<TargetsEvaluation, 'targets'> & {
  readonly targets: Readonly<Record<string, WrittenClassifier>>;
};

const targetsSchema: z.ZodType<WrittenTargets> = z.object({
  kind: z.literal('targets'),
  split: z.string(),
  n: z.number(),
  targets: z.record(z.string(), classifierSchema),
  images: evaluatedImages.optional(),
});

/**
 * Returns the evaluation in a file, `undefined` when there is none.
 *
 * @param kind of its run; that of a classifier may be of several targets
 * @throws DataError when it is not an evaluation of `kind`
 */
export async function readEvaluation(path: string, kind: RunKind): Promise<Evaluation | undefined> {
  const wayOut = 'Evaluate the run again: `janus evaluate <run>`.';
  if (kind === 'stargan' || kind === 'icgan') {
    return await readJsonFile(path, ATTRIBUTES_EVALUATION_SCHEMA, wayOut);
  }
  if (kind === 'cut') return await readJsonFile(path, CUT_EVALUATION_SCHEMA, wayOut);
  if (kind === 'cyclegan') return await readJsonFile(path, CYCLEGAN_EVALUATION_SCHEMA, wayOut);
  const any = await readJsonFile(path, z.looseObject({ kind: z.unknown() }), wayOut);
  if (any?.kind !== 'targets') {
    const found = await readJsonFile(path, classifierSchema, wayOut);
    return found === undefined ? undefined : completed(found);
  }
  const found = await readJsonFile(path, targetsSchema, wayOut);
  if (found === undefined) return undefined;
  const targets = Object.entries(found.targets).map(([name, each]) => [name, completed(each)]);
  return { ...found, targets: Object.fromEntries(targets) as TargetsEvaluation['targets'] };
}

/** Returns an evaluation with what older files lack. */
function completed(found: WrittenClassifier): ClassifierEvaluation {
  const commonest = Math.max(...Object.values(found.perClass).map(({ n }) => n));
  return { majority: commonest / found.n, ...found } as ClassifierEvaluation;
}
