/** What an evaluation of a translation holds. */
import type { EvaluatedImages } from './evaluated-images.js';
import type { ReconstructionsEvaluation } from './reconstruction-record.js';
import type { Interval } from './statistics.js';

/** A distance of fakes, and of the originals, to the real images of the other domain. */
export interface SetDistance {
  /** Of the fakes. */
  readonly value: number;
  /** Of the originals: what leaving the images as they are would get. */
  readonly originals: number;
  /** On generated faces, of the twins: what a perfect translation would get. */
  readonly twins?: number | undefined;
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
  /** On generated faces. */
  readonly twins?: NeighbourhoodMeasures | undefined;
  readonly protocol: string;
}

/** Inception Score: how surely, and how variously, ImageNet's Inception classifies images; from 1 to the number of its classes. */
export interface InceptionScoreEvaluation extends SetDistance {
  /** Population deviation of the fakes' over the splits; 0 for one. */
  readonly deviation: number;
}

/** A mean over pairs of images, with its 95 % interval and the number of the pairs. */
export interface PairsEvaluation extends Interval {
  readonly pairs: number;
}

/**
 * Whether a face stays that of the same person: means of the cosine between what a face network makes of two images, -1 to 1;
 * intervals from a bootstrap over people.
 */
export interface FaceEvaluation {
  /** Of an original and its fake. */
  readonly fakes: PairsEvaluation;
  /** Of an original and its twin: on generated faces, what a perfect translation would get. */
  readonly twins?: PairsEvaluation | undefined;
  /** Of two originals of one person; absent where nobody has several. */
  readonly onePerson?: PairsEvaluation | undefined;
  /** Of two originals of two people: what would be left of a face that became someone else's; absent where there is one person. */
  readonly twoPeople?: PairsEvaluation | undefined;
  /** Network and size, in a sentence. */
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
  /** Share that the judge takes for the target; bootstrap over people where they repeat, else Wilson, 95 %. */
  readonly judgedAsTarget?: Interval | undefined;
  /** See {@link DirectionEvaluation.drift}: what the classifiers' own noise gives. */
  readonly drift?: Readonly<Record<string, number>> | undefined;
  /** See {@link DirectionEvaluation.driftRanges}. */
  readonly driftRanges?: Readonly<Record<string, Range>> | undefined;
}

/** Networks over whose features sets of images are compared. */
export type DistanceFeatures = 'vgg16' | 'inception-v3';

/** What gave the intervals of judged shares: a bootstrap where people have several images. */
export type ShareIntervals = 'Wilson' | 'bootstrap over people';

/** How one direction of a translation fared on a split. */
export interface DirectionEvaluation {
  readonly n: number;
  /** Share of fakes that an independent classifier takes for the target; 95 %, see `intervalMethod`. */
  readonly judgedAsTarget?: Interval | undefined;
  /** The same of the originals: what the judge's own errors would give. */
  readonly originalsJudgedAsTarget?: Interval | undefined;
  /** Of these shares and of `drift`; absent where nothing judged, and in older files, where it is `Wilson`. */
  readonly intervalMethod?: ShareIntervals | undefined;
  /** Mean absolute difference of the cycled image, 0 to 2 (signed pixels); absent where nothing translates back. */
  readonly cycleL1?: number | undefined;
  /** Mean absolute difference that the translation makes, 0 to 2 (signed pixels). */
  readonly changeL1: number;
  /** Absent where the feature network's weights are missing or a domain has fewer than two images. */
  readonly kid?: KernelDistance | undefined;
  /** Fréchet distance over the same features as `kid`: the FID where {@link CycleGanEvaluation.features} is `inception-v3`, and only there. */
  readonly frechet?: SetDistance | undefined;
  readonly neighbourhoods?: NeighbourhoodEvaluation | undefined;
  /** Only where the features are Inception's. */
  readonly inceptionScore?: InceptionScoreEvaluation | undefined;
  /** Mean absolute change that the generator makes to images of its own target, 0 to 2 (signed pixels); absent in older files. */
  readonly identityL1?: number | undefined;
  /** Absent where the images are not known to be faces. */
  readonly face?: FaceEvaluation | undefined;
  readonly cycle?: CycleEvaluation | undefined;
  /**
   * By attribute that was not to change: share of fakes whose value a classifier tells to be another one than the
   * original's, 0 to 1. Absent where no classifiers were named for it.
   */
  readonly drift?: Readonly<Record<string, number>> | undefined;
  /** Of `drift`; 95 %, bootstrap over people where they repeat, else Wilson; absent in older files. */
  readonly driftRanges?: Readonly<Record<string, Range>> | undefined;
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
  /** Whose features `kid`, `frechet` and `neighbourhoods` are over; absent in older files, where it is `vgg16`. */
  readonly features?: DistanceFeatures | undefined;
  /** Folder of the classifier run that judged; `none` where none was named. */
  readonly judge: string;
}

/** Evaluation of a CUT, which translates one way, on a split. */
export interface CutEvaluation extends Omit<CycleGanEvaluation, 'kind' | 'yToX'> {
  readonly kind: 'cut';
}

/** How one attribute was changed from one value to another. */
export interface AttributeChange extends DirectionEvaluation {
  readonly attribute: string;
  readonly from: string;
  readonly to: string;
}

/** Evaluation of a generator that sets attributes, on a split. */
export interface AttributesEvaluation {
  readonly kind: 'stargan' | 'icgan';
  readonly split: string;
  /** Every attribute, from each of its classes to each other. */
  readonly changes: readonly AttributeChange[];
  /** Of an IcGAN: how it makes faces again without a change. */
  readonly reconstructions?: ReconstructionsEvaluation | undefined;
  /** As {@link CycleGanEvaluation.features}. */
  readonly features?: DistanceFeatures | undefined;
  /** Folder of the classifier run that judged; `none` where none was named. */
  readonly judge: string;
}

/** Evaluation of any translation. */
export type TranslationEvaluation = CycleGanEvaluation | CutEvaluation | AttributesEvaluation;

/** A direction of a translation, with the titles of its domains; of attributes `glasses none`. */
export interface NamedDirection {
  readonly from: string;
  readonly to: string;
  readonly result: DirectionEvaluation;
}

/** Returns the directions that were measured, the first one first. */
export function directionsOf(evaluation: TranslationEvaluation): readonly NamedDirection[] {
  if ('changes' in evaluation) {
    return evaluation.changes.map(({ attribute, from, to, ...result }) => ({
      from: `${attribute} ${from}`,
      to,
      result,
    }));
  }
  const { x, y } = evaluation.domains;
  const forward = { from: x, to: y, result: evaluation.xToY };
  return evaluation.kind === 'cut'
    ? [forward]
    : [forward, { from: y, to: x, result: evaluation.yToX }];
}

/** Returns what a translation is between: `cats and dogs`, of one direction `cats to dogs`, of attributes their names. */
export function translationTitle(evaluation: TranslationEvaluation): string {
  switch (evaluation.kind) {
    case 'cyclegan':
      return `${evaluation.domains.x} and ${evaluation.domains.y}`;
    case 'cut':
      return `${evaluation.domains.x} to ${evaluation.domains.y}`;
    case 'stargan':
    case 'icgan':
      return [...new Set(evaluation.changes.map(({ attribute }) => attribute))].join(', ');
  }
}
