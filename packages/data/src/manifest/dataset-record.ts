import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@janus/core';

/** What a step did to a data set. */
export interface StepResult {
  /** Rows that are kept after the step. */
  readonly rows: number;
  /** Rows that the step removed; of an import, rows of the source that it rejected. */
  readonly rejected: number;
  /** Their number by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** A step in the history of a data set. */
export interface RecordedStep extends StepResult {
  readonly step: string;
  /** The options of the step, with their defaults. */
  readonly options: unknown;
}

/** Where the labels of a data set come from. */
export interface Labelling {
  /**
   * `perceived`: a person or a program judged the image; `recorded`: taken from records about the person; `drawn`: the
   * input of an image generator; `unknown`: the source does not state it.
   */
  readonly kind: 'perceived' | 'recorded' | 'drawn' | 'unknown';
  /** Who judged and how, or which records, in a sentence. */
  readonly how: string;
}

/** The record of a data set, `dataset.json`: its source, and the history of its steps. */
export interface DatasetRecord {
  readonly format: 1;
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  /** Absent in records of early importers. */
  readonly labelling?: Labelling;
  /** The options of the import; `boxUnit` is the unit of the manifest's boxes. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The last run of each step, in order. */
  readonly steps: readonly RecordedStep[];
}

/** The name of the record's file. */
export const RECORD_FILE = 'dataset.json';

/**
 * Returns the record of a data folder.
 *
 * @throws DataError when there is no readable record
 */
export async function readDatasetRecord(folder: string): Promise<DatasetRecord> {
  const path = join(folder, RECORD_FILE);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as DatasetRecord;
  } catch (error) {
    throw new DataError(
      `${path}: a data folder has a readable dataset.json, but this one has none. Make it again with \`janus data import\`.`,
      { path, cause: error },
    );
  }
}
