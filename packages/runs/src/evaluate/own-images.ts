/** The images of a classifier run's own data that it is measured on. */
import type { Reporter, RunParts, RunRecord } from '@janus/core';
import type { Dataset, SplitName } from '@janus/data';
import type { ClassifierRunOptions } from '../classifier/options.js';
import { IMAGES, isSameData } from '../classifier/parts.js';
import { runDataset } from '../classifier/run-dataset.js';
import { storedImage, trainedHashes } from '../parts.js';
import { chooseImages, type ChosenImages } from './choose-images.js';

/** What {@link chooseOwnImages} chooses from. */
export interface OwnImageChoice {
  readonly record: RunRecord<ClassifierRunOptions>;
  readonly dataset: Dataset;
  /** What the run says of its images; undefined where it says nothing. */
  readonly parts: RunParts | undefined;
  readonly split: SplitName;
  /** Side of the images in pixels. */
  readonly size: number;
  readonly reporter: Reporter;
  /** Ids of all images whose label the run knows. */
  readonly known: ReadonlySet<string>;
  /** Returns the ids of the labelled images in the split, as a data set is split now. */
  readonly labelledIn: (dataset: Dataset) => readonly string[];
}

/** Returns the images of a run's own part, as {@link chooseImages} does. */
export async function chooseOwnImages(choice: OwnImageChoice): Promise<ChosenImages> {
  const { record, dataset, parts, split, size, reporter, known, labelledIn } = choice;
  const stored = dataset.rows.flatMap((row) =>
    known.has(row.id) ? [storedImage(dataset.folder, row)] : [],
  );
  return await chooseImages({
    ...{ place: dataset.folder, folder: dataset.folder, split, size, reporter },
    part: parts?.domains[IMAGES]?.parts[split],
    now: () => Promise.resolve(stored),
    current: () => {
      const ids = new Set(labelledIn(runDataset(dataset, record.options)));
      return Promise.resolve(stored.filter(({ id }) => ids.has(id)));
    },
    trained: parts === undefined ? undefined : trainedHashes(parts),
    sameData: isSameData(dataset, record),
  });
}
