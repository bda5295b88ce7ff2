/** The same images through the rows of a table, at the same epochs. */
import { join } from 'node:path';
import { writeFileAtomic, type EpochSheet } from '@janus/core';
import { imageRows } from '@janus/figures';
import type { CycleGanRunOptions } from '../cyclegan/options.js';
import { eachImage, type Sample, type WatchedImages } from '../cyclegan/samples.js';

/** A row's samples, and which of its updates end which epoch. */
export interface RowSamples {
  /** What stands before its images. */
  readonly label: string;
  readonly samples: readonly Sample[];
  readonly epochs: readonly { readonly epoch: number; readonly step: number }[];
}

/** The images that all rows of a sheet watch. */
export interface SheetImages extends WatchedImages {
  /** What sets the sheets apart from others of the same epochs, `64 px, seed 2`: in titles and file names; default nothing. */
  readonly note?: string | undefined;
}

/** What decides which images a training watches, and how they are cut. */
export type SheetOptions = Pick<CycleGanRunOptions, 'imageSize' | 'imageWidth' | 'seed'>;

/**
 * Returns trainings that watch the same images together, in their order, with what sets each group apart from the first.
 */
export function sheetGroups<Each extends { readonly training: SheetOptions }>(
  trainings: readonly Each[],
): readonly { readonly note: string | undefined; readonly group: readonly Each[] }[] {
  const groups = new Map<string, Each[]>();
  for (const each of trainings) {
    const { imageSize: height, imageWidth: width = height, seed } = each.training;
    const note = `${width === height ? '' : `${width} x `}${height} px, seed ${seed}`;
    groups.set(note, [...(groups.get(note) ?? []), each]);
  }
  return [...groups].map(([note, group], i) => ({ note: i === 0 ? undefined : note, group }));
}

/** Side of an image in pixels. */
const CELL = 96;

/**
 * Writes a sheet for each epoch and direction: originals, and below them the fakes of each row that has that epoch.
 *
 * @returns the sheets, by epoch
 */
export async function writeEpochSheets(
  folder: string,
  rows: readonly RowSamples[],
  watched: SheetImages,
): Promise<readonly EpochSheet[]> {
  const { imagesX, imagesY, size, width, titles, note } = watched;
  const [ofFile, ofTitle] =
    note === undefined ? ['', ''] : [`-${note.replace(/\W+/g, '-')}`, `, ${note}`];
  const ways = [
    { end: '', title: `${titles.x} to ${titles.y}`, originals: imagesX, of: fakeYOf },
    { end: '-back', title: `${titles.y} to ${titles.x}`, originals: imagesY, of: fakeXOf },
  ];
  const epochs = new Set(rows.flatMap((row) => row.epochs.map(({ epoch }) => epoch)));
  const sheets: EpochSheet[] = [];
  for (const epoch of [...epochs].sort((a, b) => a - b)) {
    const shown = rows.flatMap((row) => {
      const sample = sampleAt(row, epoch);
      return sample === undefined ? [] : [{ label: row.label, sample }];
    });
    if (shown.length === 0) continue;
    const files: string[] = [];
    for (const { end, title, originals, of } of ways) {
      const fakes = shown.map(({ label, sample }) => ({
        label,
        images: eachImage(of(sample), size, width),
      }));
      const name = `epoch-${String(epoch).padStart(3, '0')}${ofFile}${end}.png`;
      const all = [{ label: 'original', images: eachImage(originals, size, width) }, ...fakes];
      const sheet = { rows: all, title: `${title}, epoch ${epoch}${ofTitle}`, cellSize: CELL };
      await writeFileAtomic(join(folder, name), await imageRows(sheet));
      files.push(name);
    }
    sheets.push({ epoch, files });
  }
  return sheets;
}

const fakeYOf = ({ fakeY }: Sample): Uint8Array => fakeY;

/** Of a CycleGAN, which has both directions. */
function fakeXOf({ step, fakeX }: Sample): Uint8Array {
  if (fakeX === undefined) throw new Error(`the sample of step ${step} has one direction`);
  return fakeX;
}

/** Returns the sample at the end of an epoch: the first that was made then or after. */
function sampleAt({ samples, epochs }: RowSamples, epoch: number): Sample | undefined {
  const at = epochs.find((each) => each.epoch === epoch);
  return at === undefined ? undefined : samples.find(({ step }) => step >= at.step);
}
