/** The data that a classifier trains and validates on. */
import type { Reporter } from '@janus/core';
import { openDataset, type Dataset } from '@janus/data';
import type { ClassifierRunOptions } from './options.js';
import { runDataset } from './run-dataset.js';
import { sampledDataset } from './sampled-dataset.js';
import { subjectOf, type Subject } from './subject.js';

/** A data set, and what a run learns of it. */
export interface ClassifierData {
  /** With the run's fold as its parts, where it has one. */
  readonly dataset: Dataset;
  readonly subject: Subject;
}

/**
 * Opens the data of a classifier.
 *
 * @throws OptionsError when the data set has no such column or is not split; DataError when a class has no image in
 * train, or validation is empty
 */
export async function openClassifierData(
  options: ClassifierRunOptions,
  reporter: Reporter,
): Promise<ClassifierData> {
  const opened = await openDataset(options.data);
  const dataset = sampledDataset(runDataset(opened, options), options);
  return { dataset, subject: subjectOf(dataset, options, reporter) };
}
