/** What `evaluation.json` of a run holds: written by an evaluation, read by the report. */
import { z } from 'zod';
import { readJsonFile } from './files.js';
import { MEASURES_SHAPE, type ClassifierMeasures } from './measure-record.js';
import type { RunKind } from './run-record.js';
import type { Interval } from './statistics.js';

/** An image that was taken for another class. */
export interface Mistake {
  /** Manifest id. */
  readonly id: string;
  readonly label: string;
  readonly predicted: string;
  /** Probability of the predicted class, 0 to 1. */
  readonly confidence: number;
}

/** Where the images of an evaluation come from, and what is known of them. */
export interface EvaluatedImages {
  /**
   * `run`: the part that the run was trained with. `data`: the part of the data as it is split now, since the run does
   * not say with which it was trained. `other`: another data set.
   */
  readonly source: 'run' | 'data' | 'other';
  /** Images of the run's part that the data does not have, or does not use, any more; they are not in n. */
  readonly gone: number;
  /** Images of the run's part whose content is another one now; they are not in n. */
  readonly changed: number;
  /** How many of those in n have the content of an image that the run was trained on; absent where it is not known. */
  readonly trainedOn?: number | undefined;
  /** Whether the data is what it was when the run began; absent where it is not known. */
  readonly sameData?: boolean | undefined;
}

/** How one class fared. */
export interface ClassResult {
  /** Images that are labelled with the class. */
  readonly n: number;
  /** Share of them that were predicted as it; Wilson, 95 %. */
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

/** A distance of fakes, and of the originals, to the real images of the other domain. */
export interface SetDistance {
  /** Of the fakes. */
  readonly value: number;
  /** Of the originals: what leaving the images as they are would get. */
  readonly originals: number;
  /** Network, resize and counts, in a sentence. */
  readonly protocol: string;
}

/** Kernel distance (KID), which is unbiased for few images; with its 95 % interval where there are three images or more. */
export interface KernelDistance extends SetDistance {
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** How fakes lie among the real images of the other domain. */
export interface NeighbourhoodMeasures {
  /** Share of fakes near a real image, 0 to 1. */
  readonly precision: number;
  /** Share of real images near a fake, 0 to 1. */
  readonly recall: number;
  /** Mean number of real images that a fake is near to, over the neighbours counted; about 1 for real images. */
  readonly density: number;
  /** Share of real images with a fake among their nearest images, 0 to 1. */
  readonly coverage: number;
}

/** {@link NeighbourhoodMeasures} of fakes, and of the originals: what leaving the images as they are would get. */
export interface NeighbourhoodEvaluation {
  readonly fakes: NeighbourhoodMeasures;
  readonly originals: NeighbourhoodMeasures;
  readonly protocol: string;
}

/** How like its original an image is after both translations; means over the images. */
export interface CycleEvaluation {
  /** Peak signal-to-noise ratio in decibels; absent where an image came back exactly. */
  readonly psnr?: number | undefined;
  /** Structural similarity, at most 1; absent below 11 px. */
  readonly ssim?: number | undefined;
  /** Perceptual distance over VGG-16, without LPIPS' learned weights; absent without the weights of VGG-16. */
  readonly perceptual?: number | undefined;
}

/**
 * How far fakes lie from their twins, the same generated faces drawn with the other value: mean distance fake to twin over
 * mean distance original to twin. 0 is a perfect translation, 1 no better than leaving the images as they are.
 */
export interface TwinError {
  /** Images that have a twin. */
  readonly n: number;
  /** In what the judge pools of the feature maps, Euclidean; absent where no classifier judged. */
  readonly features?: number | undefined;
  /** In pixels, mean absolute difference. */
  readonly pixels: number;
  /** 95 %, bootstrap over people. */
  readonly ranges: {
    readonly features?: Range | undefined;
    readonly pixels: Range;
  };
}

type Range = Pick<Interval, 'low' | 'high'>;

/** How the twins themselves fare: what a perfect translation would get. */
export interface TwinsEvaluation {
  readonly n: number;
  /** Share that the judge takes for the target; Wilson, 95 %. */
  readonly judgedAsTarget?: Interval | undefined;
  /** See {@link DirectionEvaluation.drift}: what the classifiers' own noise gives. */
  readonly drift?: Readonly<Record<string, number>> | undefined;
}

/** How one direction of a translation fared on a split. */
export interface DirectionEvaluation {
  readonly n: number;
  /** Share of fakes that an independent classifier takes for the target; Wilson, 95 %. */
  readonly judgedAsTarget?: Interval | undefined;
  /** The same of the originals: what the judge's own errors would give. */
  readonly originalsJudgedAsTarget?: Interval | undefined;
  /** Mean absolute difference of the cycled image, 0 to 2 (signed pixels). */
  readonly cycleL1: number;
  /** Mean absolute difference that the translation makes, 0 to 2 (signed pixels). */
  readonly changeL1: number;
  /** Absent where the feature network's weights are missing or a domain has fewer than two images. */
  readonly kid?: KernelDistance | undefined;
  /** Fréchet distance over the same features as `kid`: not the FID, whose network is Inception. */
  readonly frechet?: SetDistance | undefined;
  readonly neighbourhoods?: NeighbourhoodEvaluation | undefined;
  readonly cycle?: CycleEvaluation | undefined;
  /**
   * By attribute that was not to change: share of fakes whose value a classifier tells to be another one than the
   * original's, 0 to 1. Absent where no classifiers were named for it.
   */
  readonly drift?: Readonly<Record<string, number>> | undefined;
  /** On generated faces. */
  readonly twinError?: TwinError | undefined;
  /** On generated faces. */
  readonly twins?: TwinsEvaluation | undefined;
  /**
   * How many of the originals have the content of an image that the judge was trained on: there, it
   * does not judge independently. Absent where there is no judge, or it is not known.
   */
  readonly judgeTrainedOn?: number | undefined;
  /** Of the originals; absent in older files. */
  readonly images?: EvaluatedImages | undefined;
}

/** Evaluation of a CycleGAN on a split. */
export interface CycleGanEvaluation {
  readonly kind: 'cyclegan';
  /** Titles of the domains. */
  readonly domains: { readonly x: string; readonly y: string };
  readonly split: string;
  readonly xToY: DirectionEvaluation;
  readonly yToX: DirectionEvaluation;
  /** Folder of the classifier run that judged; `none` where none was named. */
  readonly judge: string;
}

/** Any of these; `kind` tells which. */
export type Evaluation = ClassifierEvaluation | TargetsEvaluation | CycleGanEvaluation;

const interval: z.ZodType<Interval> = z.object({
  value: z.number(),
  low: z.number(),
  high: z.number(),
});

const evaluatedImages: z.ZodType<EvaluatedImages> = z.object({
  source: z.enum(['run', 'data', 'other']),
  gone: z.number(),
  changed: z.number(),
  trainedOn: z.number().optional(),
  sameData: z.boolean().optional(),
});

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

const shares = z.record(z.string(), z.number());

const range: z.ZodType<Range> = z.object({ low: z.number(), high: z.number() });

const twinErrorSchema: z.ZodType<TwinError> = z.object({
  n: z.number(),
  features: z.number().optional(),
  pixels: z.number(),
  ranges: z.object({ features: range.optional(), pixels: range }),
});

const twinsSchema: z.ZodType<TwinsEvaluation> = z.looseObject({
  n: z.number(),
  judgedAsTarget: interval.optional(),
  drift: shares.optional(),
});

const setDistance = { value: z.number(), originals: z.number(), protocol: z.string() };

const neighbourhoodMeasures: z.ZodType<NeighbourhoodMeasures> = z.object({
  precision: z.number(),
  recall: z.number(),
  density: z.number(),
  coverage: z.number(),
});

// Loose: measures that a later version adds may stand beside these.
const directionSchema: z.ZodType<DirectionEvaluation> = z.looseObject({
  n: z.number(),
  judgedAsTarget: interval.optional(),
  originalsJudgedAsTarget: interval.optional(),
  cycleL1: z.number(),
  changeL1: z.number(),
  kid: z
    .object({ ...setDistance, low: z.number().optional(), high: z.number().optional() })
    .optional(),
  frechet: z.object(setDistance).optional(),
  neighbourhoods: z
    .object({
      fakes: neighbourhoodMeasures,
      originals: neighbourhoodMeasures,
      protocol: z.string(),
    })
    .optional(),
  cycle: z
    .object({
      psnr: z.number().optional(),
      ssim: z.number().optional(),
      perceptual: z.number().optional(),
    })
    .optional(),
  drift: shares.optional(),
  twinError: twinErrorSchema.optional(),
  twins: twinsSchema.optional(),
  judgeTrainedOn: z.number().optional(),
  images: evaluatedImages.optional(),
});

const cycleGanSchema: z.ZodType<CycleGanEvaluation> = z.object({
  kind: z.literal('cyclegan'),
  domains: z.object({ x: z.string(), y: z.string() }),
  split: z.string(),
  xToY: directionSchema,
  yToX: directionSchema,
  judge: z.string(),
});

/**
 * Returns the evaluation in a file, `undefined` when there is none.
 *
 * @param kind of its run; that of a classifier may be of several targets
 * @throws DataError when it is not an evaluation of `kind`
 */
export async function readEvaluation(path: string, kind: RunKind): Promise<Evaluation | undefined> {
  const wayOut = 'Evaluate the run again: `janus evaluate <run>`.';
  if (kind === 'cyclegan') return await readJsonFile(path, cycleGanSchema, wayOut);
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
