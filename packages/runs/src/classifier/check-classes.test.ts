import type { Dataset, ManifestRow } from '@janus/data';
import { newRow } from '@janus/data';
import { expect, it } from 'vitest';
import { checkClasses } from './check-classes.js';

/** A data set of images with a class and a split each. */
function datasetOf(images: readonly (readonly [string | null, ManifestRow['split']])[]): Dataset {
  const rows = images.map(([kind, split], i) =>
    newRow({ id: `${i}`, path: `${i}.png`, labels: { kind }, split }),
  );
  return { folder: 'data/set', rows, labels: ['kind'] } as unknown as Dataset;
}

function linesOf(dataset: Dataset): readonly string[] {
  const lines: string[] = [];
  checkClasses(dataset, 'kind', { log: (line) => lines.push(line) });
  return lines;
}

it('a class with no image in train is named, with where its images are', () => {
  const dataset = datasetOf([
    ...(['train', 'train', 'validation', 'test'] as const).map((split) => ['a', split] as const),
    ['b', 'validation'],
  ]);
  expect(() => linesOf(dataset)).toThrow(
    'data/set: every class of kind needs an image in train, but none there has b (1 in validation, 0 in test). Split again with `npx janus data split data/set --stratify kind`',
  );
});

it('an empty validation part is refused; images without a label do not fill it', () => {
  const dataset = datasetOf([
    ['a', 'train'],
    ['b', 'train'],
    [null, 'validation'],
  ]);
  expect(() => linesOf(dataset)).toThrow(/needs images in validation/);
});

it('a class that only validation lacks receives a line', () => {
  const whole = [
    ['a', 'train'],
    ['b', 'train'],
    ['a', 'validation'],
  ] as const;
  expect(linesOf(datasetOf(whole))).toEqual([
    'Validation has no image with kind b: its loss and accuracy leave that class out.',
  ]);
  expect(linesOf(datasetOf([...whole, ['b', 'validation']]))).toEqual([]);
});
