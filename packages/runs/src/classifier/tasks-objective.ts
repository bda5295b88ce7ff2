/** What the heads of a run with several targets learn. */
import { isFittedWhole, OptionsError } from '@janus/core';
import {
  balancedClassWeights,
  buildDenseHeads,
  parseHead,
  saveHeads,
  stackedFeatures,
  startLossOf,
  type HeadLabels,
  type HeadLoss,
  type TargetDescription,
} from '@janus/models';
import { repeated, type Objective } from './objective.js';
import type { ClassifierRunOptions, ResolvedClassifierOptions } from './options.js';
import { fitLinearHeads } from './tasks-linear.js';
import type { TaskItem } from './tasks.js';

/** What the objective is of. */
export interface TasksContext {
  readonly targets: readonly TargetDescription[];
  readonly parts: Readonly<Record<'train' | 'validation', readonly TaskItem[]>>;
  readonly options: ResolvedClassifierOptions;
  /** Receives a line for each head that is fitted. */
  readonly line: (text: string) => void;
}

const NO_LABELS: HeadLabels = { labels: [], values: [] };

/** Returns the objective of several targets, or of a number, whose weights were checked. */
export function severalTargets(context: TasksContext): Objective {
  const { targets, parts, options, line } = context;
  const { head, dropout, seed, normalisation, size: imageSize } = options;
  const heads = headsOf(context);
  const units = head === 'linear' ? [] : parseHead(head);
  const items = new Map([...parts.train, ...parts.validation].map((item) => [item.id, item]));
  return {
    startLoss: startLossOf(heads),
    buildDense: (inputShape) =>
      buildDenseHeads({ inputShape, targets, units, dropout, seed, normalisation }),
    fit: (dense, { train, copies, validation, signal }, scales) =>
      fitLinearHeads({
        ...{ dense, targets, heads, line, scales, signal },
        train: {
          features: stackedFeatures([train, ...copies]),
          items: repeated(parts.train, 1 + copies.length),
        },
        validation: { features: validation, items: parts.validation },
      }),
    training: {
      classes: targets.reduce((sum, { classes }) => sum + classes.length, 0),
      several: { heads, labelsOf: (id) => items.get(id) ?? NO_LABELS },
    },
    save: async (folder, { model, preprocessing }) => {
      const description = { format: 2, targets, imageSize, preprocessing } as const;
      await saveHeads(folder, { model, description });
    },
  };
}

/** Returns what each head counts in the loss. The bins of a number are not balanced: its expected value would be off. */
function headsOf({ targets, parts, options }: TasksContext): readonly HeadLoss[] {
  const { targetWeights = {}, classWeights } = options;
  return targets.map(({ target: name, classes, scale }, h) => {
    const labels = parts.train.flatMap((item) => {
      const label = item.labels[h] ?? -1;
      return label < 0 ? [] : [label];
    });
    return {
      ...{ name, classes: classes.length, weight: targetWeights[name] ?? 1 },
      ...(classWeights === 'balanced' && scale === undefined
        ? { classWeights: balancedClassWeights(labels, classes.length) }
        : {}),
      ...(scale === undefined ? {} : { scale }),
    };
  });
}

/**
 * Checks the weights of targets.
 *
 * @throws OptionsError when one is of no target or below 0, all are 0, or no layers are shared that they could weigh
 */
export function checkTargetWeights(
  targets: readonly TargetDescription[],
  options: ClassifierRunOptions,
): void {
  const { targetWeights: weights } = options;
  if (weights === undefined) return;
  const names = targets.map(({ target }) => target);
  const unknown = Object.keys(weights).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new OptionsError(
      `--target-weights: must name targets (${names.join(', ')}), but got ${unknown}. Add it to --target, or leave its weight out.`,
    );
  }
  const wrong = Object.entries(weights).find(([, weight]) => !(weight >= 0 && weight < Infinity));
  if (wrong !== undefined) {
    throw new OptionsError(
      `--target-weights: must be 0 or more, but got ${wrong[1]} for ${wrong[0]}. 1 is the weight of the others.`,
    );
  }
  if (names.every((name) => weights[name] === 0)) {
    throw new OptionsError(
      '--target-weights: one must be above 0, but all are 0. Leave some of them out: 1 is the default.',
    );
  }
  if (!isFittedWhole(options)) return;
  throw new OptionsError(
    '--target-weights: weigh the targets in the loss of layers that they share, but linear heads on frozen layers share none. Leave it out, or add --unfreeze or a --head with a hidden layer.',
  );
}
