/** Which labels of a data set are probably wrong. */
import {
  balancedAccuracy,
  confidentJoint,
  confusionMatrix,
  findLabelIssues,
  LABEL_FILTERS,
  labelQuality,
  likeliestClass,
  OptionsError,
  SILENT,
  type LabelFilter,
} from '@janus/core';
import {
  assignSplits,
  classesOf,
  keptRows,
  labelledItems,
  openDataset,
  readReviewedLabels,
  type Dataset,
  type LabelledItem,
} from '@janus/data';
import type { PrecisionChoice } from '@janus/engine';
import { PROBE_POOLINGS, type BackboneName, type Pooling } from '@janus/models';
import { cutOf } from '../classifier/options.js';
import { startEngine, type StoppableContext } from '../context.js';
import { predictHeldOut, type ProbeInput } from '../probe/probe-rows.js';
import type { ProbeNormalisation } from '../probe/scaled-columns.js';
import { doubtedFeatures } from './doubted-features.js';

/** Options of {@link reviewLabels}. */
export interface ReviewLabelsOptions {
  /** Label column to doubt. */
  readonly target: string;
  /** Which labels are flagged; default `prune-by-noise-rate`, cleanlab's default. */
  readonly filterBy?: LabelFilter;
  /** Pretrained; default `vgg16`. */
  readonly backbone?: Exclude<BackboneName, 'small-vgg'>;
  /** Its weights, a Keras .h5 or a .safetensors file; default: from the cache, or fetched. */
  readonly weights?: string;
  /** Side of the images in pixels, at least 32; default 224, what the backbones were trained on. */
  readonly size?: number;
  /** Block after which features are taken; default `block4` of VGG-16, the best on faces, else the last. */
  readonly cut?: string;
  /** Default `average+max+grid`, as of a classifier. */
  readonly pooling?: Pooling;
  /** Default `sqrt-l2`. */
  readonly normalisation?: ProbeNormalisation;
  /** Folds, 3 to 1000; images of one identity, and near duplicates, share one. Default 5. */
  readonly folds?: number;
  /** Seed of the folds, a whole number; default 1. */
  readonly seed?: number;
  /** What features are computed in; default `auto`. */
  readonly precision?: PrecisionChoice;
}

/** Defaults of {@link ReviewLabelsOptions}; `cut` depends on the backbone. */
export const REVIEW_DEFAULTS: Required<Omit<ReviewLabelsOptions, 'target' | 'weights' | 'cut'>> = {
  filterBy: 'prune-by-noise-rate',
  backbone: 'vgg16',
  size: 224,
  pooling: 'average+max+grid',
  normalisation: 'sqrt-l2',
  folds: 5,
  seed: 1,
  precision: 'auto',
};

/** A label that is probably wrong. */
export interface LabelIssue {
  /** Manifest id. */
  readonly id: string;
  /** Path that can be opened. */
  readonly path: string;
  /** The label of the data set. */
  readonly given: string;
  /** The likeliest of the other classes. */
  readonly suggested: string;
  /** Probability of the given label, 0 to 1, from a fit without the image's fold: the label's quality. */
  readonly quality: number;
  /** Probability of the suggested one, 0 to 1. */
  readonly confidence: number;
}

/** What {@link reviewLabels} found. */
export interface LabelReview {
  /** Data folder. */
  readonly data: string;
  readonly target: string;
  readonly classes: readonly string[];
  readonly filterBy: LabelFilter;
  readonly backbone: BackboneName;
  readonly size: number;
  readonly cut: string;
  readonly pooling: Pooling;
  readonly normalisation: ProbeNormalisation;
  readonly folds: number;
  readonly seed: number;
  /** The ridge penalty that was chosen. */
  readonly penalty: number;
  /** Mean cross-entropy of held-out images, nats; each class counts as much. */
  readonly loss: number;
  /** Images with a label, of all splits. */
  readonly n: number;
  /** Mean share of each class's labels that held-out predictions agree with. */
  readonly balancedAccuracy: number;
  /** A sentence where so much is flagged that it is rather the classifier that is wrong; else null. */
  readonly warning: string | null;
  /** Labels that would be flagged, but that a person has judged already. */
  readonly judged: number;
  /** Estimated images [given label][true class]. */
  readonly joint: readonly (readonly number[])[];
  /** The most suspicious first. */
  readonly issues: readonly LabelIssue[];
}

/**
 * Finds labels that are probably wrong, by confident learning: a linear classifier on the features of a pretrained
 * backbone says what each image is without having seen its fold, and `findLabelIssues` of `core` compares that with the
 * labels. All kept images with a label are judged, those of the test split too. The features are kept in the data folder.
 *
 * @throws OptionsError when the data set has no such label column, there is no cut, pooling or filter of a name, or an
 * option is out of range; DataError when the column has fewer than two classes; the reason of the context's signal when
 * that is aborted
 * Source: Northcutt, Jiang and Chuang 2021, arXiv 1911.00068; cleanlab 2.9.
 */
export async function reviewLabels(
  data: string,
  options: ReviewLabelsOptions,
  context: StoppableContext = {},
): Promise<LabelReview> {
  const { target, weights, ...rest } = { ...REVIEW_DEFAULTS, ...options };
  const { filterBy, backbone, size, pooling, normalisation, folds, seed, precision } = rest;
  const { reporter = SILENT, signal } = context;
  requireAmong('filterBy', filterBy, LABEL_FILTERS);
  requireAmong('pooling', pooling, PROBE_POOLINGS);
  const dataset = await openDataset(data);
  const items = labelledItems(dataset, target);
  const classes = classesOf(dataset, target);
  // Before the features, which take minutes: a number of folds that breaks its rule ends here.
  const assigned = foldsOf(dataset, items, { folds, seed, stratify: [target] });
  await startEngine(context);
  const cut = cutOf({ backbone, cut: options.cut ?? null, unfreeze: 'none' });
  const features = await doubtedFeatures(
    { dataset, items, reporter, signal },
    { backbone, size, cut, pooling, precision, ...(weights === undefined ? {} : { weights }) },
  );
  const columns = features.data.length / features.count;
  const input: ProbeInput = {
    ...{ data: features.data, columns, classes: classes.length, folds: assigned },
    labels: items.map(({ label }) => label),
    clusters: items.map(({ cluster }) => cluster),
  };
  const part = { cut, pooling, from: 0, length: columns };
  const held = await predictHeldOut(input, { part, normalisation }, signal);
  const { penalty, loss, probabilities } = held;
  const given = { labels: input.labels, probabilities, classes: classes.length };
  const found = issuesOf(items, { classes, probabilities, filterBy });
  const judged = await judgedLabels(data, target);
  const issues = found.filter(({ id, given: label }) => judged.get(id) !== label);
  const predicted = input.labels.map((_, i) => likeliestClass(given, i));
  const balanced = balancedAccuracy(confusionMatrix(input.labels, predicted, classes.length));
  return {
    ...{ data, target, classes, filterBy, backbone, size, cut, pooling, normalisation },
    ...{ folds, seed, penalty, loss, n: items.length, joint: confidentJoint(given).counts },
    ...{ balancedAccuracy: balanced, judged: found.length - issues.length },
    ...{ warning: warningOf(found.length / items.length, target), issues },
  };
}

/** Returns the labels that a person has judged, as they are since then, by image. */
async function judgedLabels(data: string, target: string): Promise<ReadonlyMap<string, string>> {
  const reviewed = await readReviewedLabels(data);
  return new Map(
    reviewed.flatMap(({ id, column, after }): [string, string][] =>
      column === target ? [[id, after]] : [],
    ),
  );
}

/**
 * The largest share of wrong labels in the test sets of ten well-known data sets. Source: Northcutt, Athalye and Mueller
 * 2021, "Pervasive label errors in test sets", table 1 (QuickDraw; 3.3 % on average).
 */
const MUCH_NOISE = 0.1012;

function warningOf(share: number, target: string): string | null {
  return share <= MUCH_NOISE
    ? null
    : `That is more than data sets have wrong (3.3 % on average, 10.1 % at most): these features tell ${target} too badly, and most of what is flagged is the classifier's mistake. Look at the first few only, or crop the images to what matters.`;
}

function foldsOf(
  dataset: Dataset,
  items: readonly LabelledItem[],
  options: Parameters<typeof assignSplits>[1],
): readonly number[] {
  const rows = new Map(keptRows(dataset).map((row) => [row.id, row]));
  const assigned = assignSplits(
    items.flatMap(({ id }) => rows.get(id) ?? []),
    options,
  );
  return items.map(({ id }) => assigned.get(id)?.fold ?? 0);
}

function issuesOf(
  items: readonly LabelledItem[],
  judged: Pick<LabelReview, 'classes' | 'filterBy'> & { readonly probabilities: Float64Array },
): readonly LabelIssue[] {
  const { classes, filterBy, probabilities } = judged;
  const given = {
    ...{ probabilities, classes: classes.length },
    labels: items.map(({ label }) => label),
  };
  const quality = labelQuality(given, 'self-confidence');
  return findLabelIssues(given, { filterBy }).flatMap((i): LabelIssue[] => {
    const item = items[i];
    if (item === undefined) return [];
    const row = probabilities.subarray(i * classes.length, (i + 1) * classes.length);
    const others = row.map((probability, k) => (k === item.label ? -1 : probability));
    const confidence = Math.max(...others);
    return [
      {
        ...{ id: item.id, path: item.path, given: classes[item.label] ?? '' },
        suggested: classes[others.indexOf(confidence)] ?? '',
        ...{ quality: quality[i] ?? 0, confidence },
      },
    ];
  });
}

function requireAmong(what: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  throw new OptionsError(
    `review: ${what} must be one of ${known.join(', ')}, but got ${given}. Name one of these, or leave it out.`,
  );
}
