/** What an evaluation of a classifier may hold beside its accuracy: the types and how a file of them is read. */
import { z } from 'zod';
import type { CalibrationMeasures } from './calibration.js';
import { INTERVAL_SCHEMA as interval } from './evaluated-images.js';
import type { DiscordantPairs } from './mcnemar.js';
import type { CurvePoint } from './ranking.js';
import type { SliceFrame } from './slices.js';
import type { Interval } from './statistics.js';

/** The temperature of a run's probabilities, fitted on held-out images. */
export interface FittedTemperature {
  /** Logits are divided by it: above 1, the network was too sure of itself. */
  readonly value: number;
  /** Images it was fitted on. */
  readonly n: number;
  /** Part of the data they are of; never the one that is measured, unless that is asked for. */
  readonly split: string;
}

/** How far the probabilities that `predict` gives can be believed. */
export interface CalibrationRecord extends CalibrationMeasures {
  /** Absent where none could be fitted: the probabilities are the network's own. */
  readonly temperature?: FittedTemperature | undefined;
  /** The same of the network's own probabilities; absent where there is no temperature. */
  readonly before?: CalibrationMeasures | undefined;
}

/** How one class is ranked before the others. */
export interface ClassRanking {
  /** Area under its ROC curve, 0 to 1. */
  readonly auc: number;
  readonly averagePrecision: number;
  /** False positive rate and recall, at most about 100 points. */
  readonly roc: readonly CurvePoint[];
  /** Recall and precision, at most about 100 points. */
  readonly precisionRecall: readonly CurvePoint[];
}

/** How well probabilities rank images, whatever the threshold. */
export interface RankingRecord {
  /** Mean over the classes, each against the others; 0.5 is chance. */
  readonly auc: Interval;
  /** Mean over the classes; chance is a class's share of the images. */
  readonly averagePrecision: Interval;
  /** By class name; a class without images is absent. */
  readonly perClass: Readonly<Record<string, ClassRanking>>;
}

/** Accuracy by groups of images. */
export interface SlicesRecord {
  /** Smallest group that is measured. */
  readonly minCell: number;
  /** Columns that are not groups, with the reason. */
  readonly leftOut: readonly { readonly column: string; readonly reason: string }[];
  /** One a column, then one a pair; p values are corrected for their number by Holm's method. */
  readonly frames: readonly SliceFrame[];
}

/** Accuracy on changed images. */
export interface RobustnessRow {
  /** Such as `brightness`. */
  readonly change: string;
  /** In the unit of the change. */
  readonly strength: number;
  readonly accuracy: Interval;
}

/** Accuracy on images that were made darker, blurred, small or were compressed. */
export interface RobustnessRecord {
  /** Images, each changed in all ways. */
  readonly n: number;
  /** Side of the images that were changed, in pixels. */
  readonly size: number;
  /** On the same images as they are. */
  readonly unchanged: Interval;
  readonly rows: readonly RobustnessRow[];
}

/** Two classifiers on the images that both were measured on. */
export interface ComparisonRecord extends DiscordantPairs {
  /** The other run's folder, or what the other reads. */
  readonly other: string;
  readonly n: number;
  readonly accuracy: Interval;
  readonly otherAccuracy: Interval;
  /** This one's accuracy less the other's, -1 to 1. */
  readonly difference: Interval;
  /** Exact McNemar test, 0 to 1. */
  readonly p: number;
}

/** A classifier that reads label columns in place of the image. */
export interface BaselineRecord {
  /** What it reads. */
  readonly columns: readonly string[];
  /** Ridge penalty that did best on validation. */
  readonly penalty: number;
  readonly accuracy: Interval;
  readonly balancedAccuracy: Interval;
  /** The run against it, on the same images. */
  readonly comparison: ComparisonRecord;
}

/** Measures that an evaluation may hold; absent in files of earlier versions, or where they were not asked for. */
export interface ClassifierMeasures {
  readonly calibration?: CalibrationRecord | undefined;
  readonly ranking?: RankingRecord | undefined;
  readonly slices?: SlicesRecord | undefined;
  readonly robustness?: RobustnessRecord | undefined;
  readonly against?: ComparisonRecord | undefined;
  readonly baseline?: BaselineRecord | undefined;
}

const calibrationMeasures = z.object({
  error: z.number(),
  brier: z.number(),
  logLoss: z.number(),
  bins: z.array(z.object({ n: z.number(), confidence: z.number(), accuracy: z.number() })),
});

const calibration: z.ZodType<CalibrationRecord> = calibrationMeasures.extend({
  temperature: z.object({ value: z.number(), n: z.number(), split: z.string() }).optional(),
  before: calibrationMeasures.optional(),
});

const curve: z.ZodType<readonly CurvePoint[]> = z.array(z.tuple([z.number(), z.number()]));

const ranking: z.ZodType<RankingRecord> = z.object({
  auc: interval,
  averagePrecision: interval,
  perClass: z.record(
    z.string(),
    z.object({
      auc: z.number(),
      averagePrecision: z.number(),
      roc: curve,
      precisionRecall: curve,
    }),
  ),
});

const shares = z.record(z.string(), z.number()).optional();

const sliceFrame: z.ZodType<SliceFrame> = z.object({
  columns: z.array(z.string()),
  n: z.number(),
  cells: z.array(
    z.object({
      values: z.array(z.string()),
      n: z.number(),
      accuracy: interval.optional(),
      majority: z.number().optional(),
      recalls: shares,
      selected: shares,
    }),
  ),
  difference: interval.optional(),
  ratio: z.number().optional(),
  demographicParity: z.number().optional(),
  equalizedOdds: z.number().optional(),
  p: z.number().optional(),
});

const slices: z.ZodType<SlicesRecord> = z.object({
  minCell: z.number(),
  leftOut: z.array(z.object({ column: z.string(), reason: z.string() })),
  frames: z.array(sliceFrame),
});

const robustness: z.ZodType<RobustnessRecord> = z.object({
  n: z.number(),
  size: z.number(),
  unchanged: interval,
  rows: z.array(z.object({ change: z.string(), strength: z.number(), accuracy: interval })),
});

const comparison: z.ZodType<ComparisonRecord> = z.object({
  other: z.string(),
  n: z.number(),
  onlyFirst: z.number(),
  onlySecond: z.number(),
  accuracy: interval,
  otherAccuracy: interval,
  difference: interval,
  p: z.number(),
});

const baseline: z.ZodType<BaselineRecord> = z.object({
  columns: z.array(z.string()),
  penalty: z.number(),
  accuracy: interval,
  balancedAccuracy: interval,
  comparison,
});

/** The fields of {@link ClassifierMeasures} in a file. */
export const MEASURES_SHAPE: {
  readonly [Name in keyof ClassifierMeasures]-?: z.ZodType<ClassifierMeasures[Name]>;
} = {
  calibration: calibration.optional(),
  ranking: ranking.optional(),
  slices: slices.optional(),
  robustness: robustness.optional(),
  against: comparison.optional(),
  baseline: baseline.optional(),
};
