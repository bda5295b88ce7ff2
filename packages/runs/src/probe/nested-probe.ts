/** What a probe's winner is worth on images that had no say in choosing it. */
import { DataError, SILENT, type Interval } from '@janus/core';
import { openDataset } from '@janus/data';
import { fitLogisticRegressions, predictLogistic } from '@janus/models';
import type { StoppableContext } from '../context.js';
import {
  openProbe,
  type OpenedProbe,
  type ProbeLayersOptions,
  type ProbeResult,
} from './probe-layers.js';
import {
  accuraciesOf,
  lossOf,
  predictHeldOut,
  TOLERANCE,
  weightsOf,
  type ProbeInput,
  type ProbeRow,
} from './probe-rows.js';
import { scaledColumns, type ProbeChoice } from './scaled-columns.js';

/** What was chosen for a fold, from the images of the others. */
export interface FoldChoice extends Pick<
  ProbeRow,
  'cut' | 'pooling' | 'normalisation' | 'penalty' | 'loss'
> {
  /** The fold that it predicts, from 0. */
  readonly fold: number;
  /** The data folder whose images were chosen. */
  readonly data: string;
  /** Images of the fold. */
  readonly n: number;
}

/** What {@link probeNested} found. */
export interface NestedProbeResult extends Omit<ProbeResult, 'rows' | 'cuts'> {
  /** The data folders that were compared. */
  readonly data: readonly string[];
  /** Choices that were compared for each fold. */
  readonly compared: number;
  /** Share of images predicted right by what was chosen without them, with its interval. */
  readonly accuracy: Interval;
  readonly balancedAccuracy: Interval;
  /** Mean cross-entropy of the same predictions, nats; each class counts as much. */
  readonly loss: number;
  readonly choices: readonly FoldChoice[];
}

/** A choice of features with the folder that they are of. */
export interface Candidate {
  readonly data: string;
  readonly input: ProbeInput;
  readonly choice: ProbeChoice;
}

/**
 * Returns how well a linear probe does whose cut, pooling, normalisation and penalty were chosen without the images that
 * it predicts: for each fold, all choices are compared by cross-validation over the other folds, and the one of the lowest
 * loss, fitted on them, predicts the fold. Several folders that hold the same images, cropped in several ways, are
 * compared as well. Scaling is that of all images: it sees no label.
 *
 * @param folders data folders with the same ids and labels; the folds are those of the first
 * @throws DataError when the folders hold different images; as `probeLayers` otherwise
 * Source: Varma and Simon 2006, "Bias in error estimation when using cross-validation for model selection".
 */
export async function probeNested(
  folders: readonly [string, ...string[]],
  options: ProbeLayersOptions,
  context: StoppableContext = {},
): Promise<NestedProbeResult> {
  const { reporter = SILENT, signal } = context;
  const opened: OpenedProbe[] = [];
  for (const folder of folders) {
    opened.push(await openProbe(await openDataset(folder), options, context));
  }
  const [first] = opened;
  if (first === undefined) throw new Error('probeNested: no folder');
  const candidates = opened.flatMap((probe, i) => candidatesOf(folders[i] ?? '', probe, first));
  const onFold = (done: number, total: number): void => {
    reporter.progress({ done, total, unit: 'folds', label: 'choosing' });
  };
  const { probabilities, choices } = await predictNested(candidates, { onFold, signal });
  const described = withoutCuts(first.described);
  return {
    ...{ ...described, data: folders, compared: candidates.length, choices },
    ...{ loss: lossOf(probabilities, first.input), ...accuraciesOf(first.input, probabilities) },
  };
}

/** Predictions of each fold by what was chosen without it. */
export interface NestedPredictions {
  /** float64 [N, classes]. */
  readonly probabilities: Float64Array;
  readonly choices: readonly FoldChoice[];
}

/** Who watches {@link predictNested}. */
export interface NestedContext {
  readonly onFold?: (done: number, total: number) => void;
  /** Ends the fits between their steps: its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Does what {@link probeNested} does, on features in memory; all candidates have the same labels and folds. */
export async function predictNested(
  candidates: readonly Candidate[],
  { onFold, signal }: NestedContext = {},
): Promise<NestedPredictions> {
  const [first] = candidates;
  if (first === undefined) throw new Error('predictNested: no candidate');
  const { folds, labels, classes } = first.input;
  const probabilities = new Float64Array(labels.length * classes);
  const choices: FoldChoice[] = [];
  const numbers = [...new Set(folds)].sort((a, b) => a - b);
  for (const fold of numbers) {
    const chosen = await chooseWithout(fold, candidates, signal);
    const held = labels.flatMap((_, i) => (folds[i] === fold ? [i] : []));
    const found = await predictFold(held, chosen);
    held.forEach((row, i) => {
      probabilities.set(found.subarray(i * classes, (i + 1) * classes), row * classes);
    });
    const { data, penalty, loss, choice } = chosen;
    const { part, normalisation } = choice;
    choices.push({
      ...{ fold, data, cut: part.cut, pooling: part.pooling, normalisation, penalty, loss },
      n: held.length,
    });
    onFold?.(choices.length, numbers.length);
  }
  return { probabilities, choices };
}

/** Returns the choices of a folder, its images in the folds of the first folder. */
function candidatesOf(data: string, probe: OpenedProbe, first: OpenedProbe): readonly Candidate[] {
  const { ids, input, choices } = probe;
  const differs = ids.findIndex((id, i) => id !== first.ids[i]);
  if (ids.length !== first.ids.length || differs >= 0) {
    throw new DataError(
      `${data}: must hold the same images as the first folder, but has ${ids.length} of ${first.ids.length}${differs < 0 ? '' : `, and ${ids[differs] ?? ''} for ${first.ids[differs] ?? ''}`}. Crop copies of one folder, and keep images without a face.`,
      { path: data },
    );
  }
  const { folds } = first.input;
  return choices.map((choice) => ({ data, input: { ...input, folds }, choice }));
}

/** Returns the candidate of the lowest loss in a cross-validation over the other folds. */
async function chooseWithout(
  fold: number,
  candidates: readonly Candidate[],
  signal: AbortSignal | undefined,
): Promise<Candidate & { readonly penalty: number; readonly loss: number }> {
  let best: (Candidate & { readonly penalty: number; readonly loss: number }) | undefined;
  for (const candidate of candidates) {
    const { input, choice } = candidate;
    const part = { ...choice.part, from: 0 };
    const others = withoutFold(fold, input, choice);
    const { penalty, loss } = await predictHeldOut(others, { ...choice, part }, signal);
    if (best === undefined || loss < best.loss) best = { ...candidate, penalty, loss };
  }
  if (best === undefined) throw new Error('probeNested: no choice');
  return best;
}

/** Returns the features of a choice, of the images that are not in a fold. */
function withoutFold(fold: number, input: ProbeInput, { part }: ProbeChoice): ProbeInput {
  const { data, columns, labels, clusters, folds, classes } = input;
  const rows = labels.flatMap((_, i) => (folds[i] === fold ? [] : [i]));
  const own = new Float32Array(rows.length * part.length);
  rows.forEach((row, i) => {
    const from = row * columns + part.from;
    own.set(data.subarray(from, from + part.length), i * part.length);
  });
  return {
    ...{ data: own, columns: part.length, classes },
    labels: rows.map((row) => labels[row] ?? 0),
    clusters: rows.map((row) => clusters[row] ?? ''),
    folds: rows.map((row) => folds[row] ?? 0),
  };
}

/** Returns the probabilities of held-out images by a fit on all others: float64 [held, classes]. */
async function predictFold(
  held: readonly number[],
  { input, choice, penalty }: Candidate & { readonly penalty: number },
): Promise<Float64Array> {
  const { labels, classes } = input;
  const data = scaledColumns(input, choice);
  const isHeld = new Set(held);
  const rows = labels.flatMap((_, i) => (isHeld.has(i) ? [] : [i]));
  const [model] = await fitLogisticRegressions(
    { data, columns: choice.part.length, labels },
    [{ rows, penalty, classWeights: weightsOf(rows, labels, classes) }],
    { classes, tolerance: TOLERANCE },
  );
  if (model === undefined) throw new Error('probeNested: no fit');
  return predictLogistic(model, { data, rows: held });
}

/** Returns what describes a probe but its cuts: each fold chooses its own. */
function withoutCuts(described: OpenedProbe['described']): Omit<OpenedProbe['described'], 'cuts'> {
  const rest = { ...described };
  Reflect.deleteProperty(rest, 'cuts');
  return rest;
}
