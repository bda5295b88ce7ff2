/** What a run learns of its data set: which images, and which classes. */
import { OptionsError, type Reporter } from '@janus/core';
import { classesOf, labelledItems, type Dataset } from '@janus/data';
import { classNames } from '@janus/models';
import { checkClasses } from './check-classes.js';
import type { Parts } from './features.js';
import { oneTarget, type Objective } from './objective.js';
import type { ClassifierRunOptions, ResolvedClassifierOptions } from './options.js';
import { checkTargetWeights, severalTargets } from './tasks-objective.js';
import { isPlain, targetsOf } from './tasks-targets.js';
import { noNumbers, taskItems, tasksOf } from './tasks.js';

/** What a run learns. */
export interface Subject {
  readonly parts: Parts;
  /** All that can be told, in the order of the outputs; of several targets, each with its target. */
  readonly classes: readonly string[];
  readonly objectiveOf: (options: ResolvedClassifierOptions) => Objective;
}

/**
 * Returns what a run learns of its data set.
 *
 * @throws OptionsError when the data set has no split, or not such targets; DataError when a class has no image in
 * train, or validation is empty
 */
export function subjectOf(
  dataset: Dataset,
  options: ClassifierRunOptions,
  reporter: Pick<Reporter, 'log'>,
): Subject {
  const { data, binWidth } = options;
  const targets = targetsOf(dataset, options.target);
  const [first] = targets;
  const column = first?.column ?? options.target;
  if (!dataset.rows.some((row) => row.split === 'train')) {
    throw new OptionsError(
      `${data}: must be split before training, but no row has a split. Run \`npx janus data split ${data} --stratify ${column}\`.`,
    );
  }
  if (!isPlain(targets)) {
    const tasks = tasksOf(dataset, targets, {
      ...(binWidth === undefined ? {} : { binWidth }),
      reporter,
    });
    checkTargetWeights(tasks, options);
    const parts = partsOf((split) => taskItems(dataset, tasks, { split }));
    return {
      ...{ parts, classes: classNames(tasks) },
      objectiveOf: (resolved) =>
        severalTargets({ targets: tasks, parts, options: resolved, line: reporter.log }),
    };
  }
  checkPlainOptions(options);
  checkClasses(dataset, column, reporter);
  const parts = partsOf((split) => labelledItems(dataset, column, { split }));
  const classes = classesOf(dataset, column);
  return {
    ...{ parts, classes },
    objectiveOf: (resolved) => oneTarget({ target: column, classes, parts, options: resolved }),
  };
}

/** Returns the images of both parts. */
const partsOf = <Item>(
  itemsOf: (split: 'train' | 'validation') => readonly Item[],
): Record<'train' | 'validation', readonly Item[]> => ({
  train: itemsOf('train'),
  validation: itemsOf('validation'),
});

/** Throws an OptionsError for an option that is of several targets, or of numbers. */
function checkPlainOptions({ target, targetWeights, binWidth }: ClassifierRunOptions): void {
  if (binWidth !== undefined) throw noNumbers(target);
  if (targetWeights === undefined) return;
  throw new OptionsError(
    `--target-weights: needs several targets, but got ${target} alone. Leave it out, or name more targets.`,
  );
}
