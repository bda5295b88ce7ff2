/** The fits of linear heads of several targets, each on the images that have its label. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  LINEAR_PENALTIES,
  fitLogisticRegression,
  fitLogisticRegressions,
  fitOrderedLogistic,
  type HeadLoss,
  type LabelledRows,
  type LogisticModel,
  type OrderedLogisticFit,
  type TargetDescription,
} from '@janus/models';
import type { TaskItem } from './tasks.js';

/** The heads that are fitted, and the images that they learn from. */
export interface FittedHeads {
  readonly targets: readonly TargetDescription[];
  readonly heads: readonly HeadLoss[];
  readonly train: { readonly items: readonly TaskItem[] };
  /** Ends {@link fitFirst} between the steps of its fits; default never. */
  readonly signal?: AbortSignal | undefined;
}

/** Features of the training images, each column less its mean. */
type TrainRows = Pick<LabelledRows, 'data' | 'columns'>;

/** A fit of a head; of a number with the point from which the next one begins. */
export interface HeadFit {
  readonly model: LogisticModel;
  readonly ordered?: OrderedLogisticFit;
}

/**
 * Returns the fits of each head for {@link LINEAR_PENALTIES}, in their order.
 *
 * @throws NumericalError when features are not finite; the reason of the signal when that is aborted
 */
export async function fitFirst(given: FittedHeads, features: TrainRows): Promise<HeadFit[][]> {
  const { signal } = given;
  const found: HeadFit[][] = [];
  for (const [head, { classes, scale }] of given.targets.entries()) {
    if (scale === undefined) {
      const { labels, rows, weighting } = knownOf(given, head);
      const fits = LINEAR_PENALTIES.map((penalty) => ({ penalty, rows, ...weighting }));
      const of = { classes: classes.length, ...(signal === undefined ? {} : { signal }) };
      const models = await fitLogisticRegressions({ ...features, labels }, fits, of);
      found.push(models.map((model) => ({ model })));
      continue;
    }
    const fits: HeadFit[] = [];
    for (const penalty of LINEAR_PENALTIES) {
      await nextTurn(); // signals come through
      signal?.throwIfAborted();
      fits.push(fitNext(given, features, { head, penalty, last: fits.at(-1) }));
    }
    found.push(fits);
  }
  return found;
}

/** Returns the fit of a head for a penalty, begun where another one of it ended. */
export function fitNext(
  given: FittedHeads,
  features: TrainRows,
  next: { readonly head: number; readonly penalty: number; readonly last: HeadFit | undefined },
): HeadFit {
  const { head, penalty, last } = next;
  const { classes = [], scale } = given.targets[head] ?? {};
  const { labels, rows, weighting } = knownOf(given, head);
  if (scale === undefined) {
    const start = last === undefined ? {} : { start: last.model };
    const options = { classes: classes.length, penalty, ...weighting, ...start };
    return { model: fitLogisticRegression({ ...features, labels, rows }, options) };
  }
  const ordered = fitOrderedLogistic(
    { ...features, labels, rows },
    {
      ...{ centres: scale.centres, penalty },
      ...(last?.ordered === undefined ? {} : { start: last.ordered }),
    },
  );
  return { model: ordered.model, ordered };
}

/** Returns the labels of a head's images, and which of them have one. */
function knownOf(
  { heads, train }: FittedHeads,
  head: number,
): {
  readonly labels: readonly number[];
  readonly rows: readonly number[];
  readonly weighting: Pick<HeadLoss, 'classWeights'>;
} {
  const labels = train.items.map((item) => item.labels[head] ?? -1);
  const { classWeights } = heads[head] ?? {};
  return {
    labels,
    rows: labels.flatMap((label, i) => (label < 0 ? [] : [i])),
    weighting: classWeights === undefined ? {} : { classWeights },
  };
}
