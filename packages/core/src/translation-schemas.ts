/** How a file of an evaluation of a translation is read. */
import { z } from 'zod';
import {
  EVALUATED_IMAGES_SCHEMA as evaluatedImages,
  INTERVAL_SCHEMA as interval,
} from './evaluated-images.js';
import { RECONSTRUCTIONS_SCHEMA } from './reconstruction-record.js';
import type { Interval } from './statistics.js';
import type {
  AttributesEvaluation,
  CutEvaluation,
  CycleGanEvaluation,
  DirectionEvaluation,
  FaceEvaluation,
  NeighbourhoodMeasures,
  PairsEvaluation,
  ShareIntervals,
  TwinError,
  TwinsEvaluation,
} from './translation-record.js';

const shares = z.record(z.string(), z.number());

const range: z.ZodType<Pick<Interval, 'low' | 'high'>> = z.object({
  low: z.number(),
  high: z.number(),
});

const ranges = z.record(z.string(), range);

/** {@link ShareIntervals} in a file. */
export const SHARE_INTERVALS_SCHEMA: z.ZodType<ShareIntervals> = z.enum([
  'Wilson',
  'bootstrap over people',
]);

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
  driftRanges: ranges.optional(),
});

const setDistance = {
  ...{ value: z.number(), originals: z.number(), protocol: z.string() },
  twins: z.number().optional(),
};

const pairs: z.ZodType<PairsEvaluation> = z.object({
  ...{ value: z.number(), low: z.number(), high: z.number(), pairs: z.number() },
});

const faceSchema: z.ZodType<FaceEvaluation> = z.object({
  ...{ fakes: pairs, twins: pairs.optional(), protocol: z.string() },
  ...{ onePerson: pairs.optional(), twoPeople: pairs.optional() },
});

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
  intervalMethod: SHARE_INTERVALS_SCHEMA.optional(),
  cycleL1: z.number().optional(),
  changeL1: z.number(),
  kid: z
    .object({ ...setDistance, low: z.number().optional(), high: z.number().optional() })
    .optional(),
  frechet: z.object(setDistance).optional(),
  neighbourhoods: z
    .object({
      fakes: neighbourhoodMeasures,
      originals: neighbourhoodMeasures,
      twins: neighbourhoodMeasures.optional(),
      protocol: z.string(),
    })
    .optional(),
  inceptionScore: z.object({ ...setDistance, deviation: z.number() }).optional(),
  identityL1: z.number().optional(),
  face: faceSchema.optional(),
  cycle: z
    .object({
      psnr: z.number().optional(),
      ssim: z.number().optional(),
      perceptual: z.number().optional(),
    })
    .optional(),
  drift: shares.optional(),
  driftRanges: ranges.optional(),
  twinError: twinErrorSchema.optional(),
  twins: twinsSchema.optional(),
  judgeTrainedOn: z.number().optional(),
  images: evaluatedImages.optional(),
});

const distanceFeatures = z.enum(['vgg16', 'inception-v3']);

/** An {@link AttributesEvaluation} in a file. */
export const ATTRIBUTES_EVALUATION_SCHEMA: z.ZodType<AttributesEvaluation> = z.object({
  kind: z.enum(['stargan', 'icgan']),
  split: z.string(),
  changes: z.array(
    z.intersection(
      directionSchema,
      z.looseObject({ attribute: z.string(), from: z.string(), to: z.string() }),
    ),
  ),
  reconstructions: RECONSTRUCTIONS_SCHEMA.optional(),
  features: distanceFeatures.optional(),
  judge: z.string(),
});

/** A {@link CutEvaluation} in a file. */
export const CUT_EVALUATION_SCHEMA: z.ZodType<CutEvaluation> = z.object({
  kind: z.literal('cut'),
  domains: z.object({ x: z.string(), y: z.string() }),
  split: z.string(),
  xToY: directionSchema,
  features: distanceFeatures.optional(),
  judge: z.string(),
});

/** A {@link CycleGanEvaluation} in a file. */
export const CYCLEGAN_EVALUATION_SCHEMA: z.ZodType<CycleGanEvaluation> = z.object({
  kind: z.literal('cyclegan'),
  domains: z.object({ x: z.string(), y: z.string() }),
  split: z.string(),
  xToY: directionSchema,
  yToX: directionSchema,
  features: distanceFeatures.optional(),
  judge: z.string(),
});
