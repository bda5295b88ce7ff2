import { DataError, type Reporter } from '@janus/core';
import { classesOf, labelledItems, type Dataset, type SplitName } from '@janus/data';

/**
 * Checks that a classifier can be trained on the parts of a data set: every class needs an image in train, or it is
 * never learned (its weight is 0, which makes the loss of a validation part of that class alone 0 / 0); and validation needs an image, since its loss
 * chooses the epoch whose weights are kept. A class that validation lacks receives one line.
 *
 * @throws DataError when train lacks a class or validation is empty: which class, the counts, and the way out
 */
export function checkClasses(
  dataset: Dataset,
  target: string,
  reporter: Pick<Reporter, 'log'>,
): void {
  const classes = classesOf(dataset, target);
  const countsOf = (split: SplitName): readonly number[] => {
    const counts = classes.map(() => 0);
    for (const { label } of labelledItems(dataset, target, { split })) {
      counts[label] = (counts[label] ?? 0) + 1;
    }
    return counts;
  };
  const train = countsOf('train');
  const validation = countsOf('validation');
  const split = `\`npx janus data split ${dataset.folder} --stratify ${target}\``;
  const absent = classes.flatMap((name, c) => (train[c] === 0 ? [{ name, c }] : []));
  if (absent.length > 0) {
    const test = countsOf('test');
    const names = absent
      .map(
        ({ name, c }) => `${name} (${validation[c] ?? 0} in validation, ${test[c] ?? 0} in test)`,
      )
      .join(', ');
    throw new DataError(
      `${dataset.folder}: every class of ${target} needs an image in train, but none there has ${names}. Split again with ${split}, add images of that class, or import without it.`,
      { path: dataset.folder },
    );
  }
  if (validation.every((count) => count === 0)) {
    throw new DataError(
      `${dataset.folder}: training needs images in validation, which chooses the best epoch, but no image there has a value of ${target}. Split again with ${split}, or add images.`,
      { path: dataset.folder },
    );
  }
  const unseen = classes.filter((_, c) => validation[c] === 0);
  if (unseen.length > 0) {
    reporter.log(
      `Validation has no image with ${target} ${unseen.join(', ')}: its loss and accuracy leave that class out.`,
    );
  }
}
