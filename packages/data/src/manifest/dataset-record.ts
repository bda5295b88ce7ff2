import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@janus/core';

/** What one step did to a data set. */
export interface StepResult {
  /** Rows that are in use after the step. */
  readonly rows: number;
  /** Rows that the step took out. */
  readonly rejected: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** A step of a data set's story. */
export interface RecordedStep extends StepResult {
  readonly step: string;
  readonly options: unknown;
}

/** How the labels of a data set came to be. */
export interface Labelling {
  /**
   * `perceived`: somebody or a program judged by the image; `recorded`: taken from records about the
   * person; `drawn`: what a generator was told to draw; `unknown`: the source does not say.
   */
  readonly kind: 'perceived' | 'recorded' | 'drawn' | 'unknown';
  /** Who judged and how, or which records: a sentence. */
  readonly how: string;
}

/** The story of a data set: `dataset.json`. */
export interface DatasetRecord {
  readonly format: 1;
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  /** Absent where an importer of before did not say. */
  readonly labelling?: Labelling;
  readonly options: Readonly<Record<string, unknown>>;
  readonly steps: readonly RecordedStep[];
}

/** The name of the record's file. */
export const RECORD_FILE = 'dataset.json';

/**
 * Returns the story of a data folder.
 *
 * @throws DataError when it has none that can be read
 */
export async function readDatasetRecord(folder: string): Promise<DatasetRecord> {
  const path = join(folder, RECORD_FILE);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as DatasetRecord;
  } catch (error) {
    throw new DataError(
      `${path}: a data folder has a readable dataset.json, but this one has not. Make it again with \`janus data import\`.`,
      { path, cause: error },
    );
  }
}
