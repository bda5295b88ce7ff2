/** Which images a classifier run is measured on, and as what class it knows each. */
import { existsSync } from 'node:fs';
import {
  DataError,
  type EvaluatedImages,
  type OtherData,
  type Reporter,
  type RunParts,
  type RunRecord,
} from '@janus/core';
import {
  classesOf,
  keptRows,
  labelledItems,
  openDataset,
  type Dataset,
  type LabelledItem,
  type SplitName,
} from '@janus/data';
import type { ClassifierDescription } from '@janus/models';
import type { ResolvedClassifierOptions } from '../classifier/options.js';
import { IMAGES, knownClassifierParts } from '../classifier/parts.js';
import { contentHashes, storedImage, trainedHashes } from '../parts.js';
import { mapClasses } from './map-classes.js';
import { chooseOwnImages } from './own-images.js';

/** An image that is measured. */
export interface MeasuredItem extends LabelledItem {
  /** Of the file; null where it cannot be read. */
  readonly sha256: string | null;
}

/** The images of an evaluation. */
export interface MeasuredImages {
  /** `label` is a class number of the run. */
  readonly items: readonly MeasuredItem[];
  readonly facts: EvaluatedImages;
  /** Set where they are of another data set than the run's own. */
  readonly other?: OtherData;
}

/** A run whose images are looked for. */
export interface MeasuredRun {
  readonly folder: string;
  readonly record: RunRecord<ResolvedClassifierOptions>;
  readonly description: ClassifierDescription;
  readonly reporter: Reporter;
}

/** Which images are wanted. */
export interface WantedImages {
  readonly dataset: Dataset;
  /** Default: `test` of the run's own data, all of another data set. */
  readonly split?: SplitName | undefined;
  /** Label column of another data set; default the run's target. */
  readonly column?: string | undefined;
  /** Its names of the run's classes, `female` by `feminine`; default: those that are alike. */
  readonly classes?: Readonly<Record<string, string>> | undefined;
  /** Whether the folder was named by the caller: only then may it be another data set. */
  readonly named: boolean;
}

/** Opens the data set of a run. */
export async function openRunData(data: string): Promise<Dataset> {
  if (existsSync(data)) return await openDataset(data);
  throw new DataError(
    `${data}: must be the data folder that the run was trained with, but does not exist. Name its new place with --data.`,
    { path: data },
  );
}

/**
 * Returns the images to measure: the run's own part, wherever its data is now, or another data set where the folder that
 * was named has no image of the run's.
 */
export async function measuredImages(
  run: MeasuredRun,
  wanted: WantedImages,
): Promise<MeasuredImages> {
  const { folder, record } = run;
  const parts = await knownClassifierParts(folder, record, wanted.dataset);
  const isOther =
    wanted.column !== undefined ||
    wanted.classes !== undefined ||
    (wanted.named && parts !== undefined && !(await hasImagesOf(wanted.dataset, parts)));
  return isOther ? await otherImages(run, wanted, parts) : await ownImages(run, wanted, parts);
}

/** Whether a data set has an image of a run, by content; by id where contents are not known. */
async function hasImagesOf(dataset: Dataset, { domains }: RunParts): Promise<boolean> {
  const images = Object.values(domains[IMAGES]?.parts ?? {}).flat();
  const contents = new Set(images.map(([, sha256]) => sha256));
  const ids = new Set(images.flatMap(([id, sha256]) => (sha256 === null ? [id] : [])));
  const kept = keptRows(dataset);
  if (kept.some(({ id, sha256 }) => ids.has(id) || (sha256 !== null && contents.has(sha256)))) {
    return true;
  }
  const unknown = kept.flatMap((row) =>
    row.sha256 === null ? [storedImage(dataset.folder, row)] : [],
  );
  return (await contentHashes(unknown)).some((hash) => hash !== null && contents.has(hash));
}

async function ownImages(
  { record, description, reporter }: MeasuredRun,
  { dataset, split = 'test' }: WantedImages,
  parts: RunParts | undefined,
): Promise<MeasuredImages> {
  const { target, classes, imageSize: size } = description;
  const found = classesOf(dataset, target);
  const items = new Map(
    labelledItems(dataset, target).flatMap((item) => {
      // The data set may have gained a class; what the model knows counts.
      const label = classes.indexOf(found[item.label] ?? '');
      return label < 0 ? [] : [[item.id, { ...item, label }] as const];
    }),
  );
  const chosen = await chooseOwnImages({
    ...{ record, dataset, parts, split, size, reporter },
    known: new Set(items.keys()),
    labelledIn: (now) => labelledItems(now, target, { split }).map(({ id }) => id),
  });
  return {
    items: chosen.stored.flatMap(({ id, sha256 }): MeasuredItem[] => {
      const item = items.get(id);
      return item === undefined ? [] : [{ ...item, sha256 }];
    }),
    facts: chosen.facts,
  };
}

async function otherImages(
  { record, description, reporter }: MeasuredRun,
  wanted: WantedImages,
  parts: RunParts | undefined,
): Promise<MeasuredImages> {
  const { dataset, split, column = description.target } = wanted;
  const found = classesOf(dataset, column);
  const mapped = mapClasses(description.classes, found, {
    ...{ place: dataset.folder, column },
    ...(wanted.classes === undefined ? {} : { names: wanted.classes }),
  });
  const all = labelledItems(dataset, column, split === undefined ? {} : { split });
  const known = all.flatMap((item) => {
    const label = mapped.labels[item.label] ?? -1;
    return label < 0 ? [] : [{ ...item, label }];
  });
  const stored = new Map(
    dataset.rows.map((row) => [row.id, storedImage(dataset.folder, row)] as const),
  );
  const hashes = await contentHashes(known.flatMap(({ id }) => stored.get(id) ?? []));
  const items = known.map((item, i): MeasuredItem => ({ ...item, sha256: hashes[i] ?? null }));
  if (items.length === 0) {
    throw new DataError(
      `${dataset.folder}: evaluation needs images, but ${split === undefined ? 'it has none' : `its ${split} part has none`} whose ${column} is ${description.classes.join(' or ')}. Choose another part with --split.`,
      { path: dataset.folder },
    );
  }
  const trained = parts === undefined ? undefined : trainedHashes(parts);
  const trainedOn = items.filter(({ sha256 }) => sha256 !== null && trained?.has(sha256)).length;
  const unknown = Object.fromEntries(
    found.flatMap((value, i) =>
      (mapped.labels[i] ?? -1) < 0 ? [[value, all.filter(({ label }) => label === i).length]] : [],
    ),
  );
  const present = new Set(items.map(({ label }) => label));
  const missing = description.classes.filter((_, c) => !present.has(c));
  reporter.log(
    `${dataset.folder}: another data set than the run's own (${record.options.data}); measuring ${items.length} of its images.`,
  );
  return {
    items,
    facts: {
      ...{ source: 'other' as const, gone: 0, changed: 0 },
      ...(trained === undefined ? {} : { trainedOn }),
    },
    other: { name: dataset.name, column, classes: mapped.names, missing, unknown },
  };
}
