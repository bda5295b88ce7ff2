/** What a review of labels found, as files: a page to decide on, a sheet and a list. */
import { join, resolve } from 'node:path';
import { countText, percentText, writeFileAtomic, writeJson } from '@janus/core';
import { contactSheet, reviewPage } from '@janus/figures';
import type { LabelReview } from './review-labels.js';

/** Options of {@link writeLabelReview}. */
export interface WriteLabelReviewOptions {
  /** Default `<data>/review`. */
  readonly out?: string;
  /** Most images on the page, the most suspicious first; default 500. */
  readonly limit?: number;
}

/** The files of a review. */
export interface LabelReviewFiles {
  /** The page to decide on: `index.html`. */
  readonly page: string;
  /** All that was found: `review.json`. */
  readonly list: string;
  /** The most suspicious images: `sheet.png`; absent where nothing was found. */
  readonly sheet?: string;
}

/** A page of this many images has about 10 MB, which browsers show at once. */
const PAGE_LIMIT = 500;

/** Images on the sheet. */
const SHEET_IMAGES = 40;

/** Writes the page, the list and the sheet of a review, and returns their paths; files that are there are replaced. */
export async function writeLabelReview(
  review: LabelReview,
  { out = join(review.data, 'review'), limit = PAGE_LIMIT }: WriteLabelReviewOptions = {},
): Promise<LabelReviewFiles> {
  const { data, target, classes, issues } = review;
  const folder = resolve(out);
  const page = join(folder, 'index.html');
  const shown = issues.slice(0, limit);
  const text = await reviewPage({
    ...{ target, classes, name: resolve(data).split(/[\\/]/).at(-1) ?? data },
    ...{ lead: leadOf(review, shown.length) },
    command: `npx janus data clean ${data} --decisions decisions.json`,
    items: shown.map(({ path, ...issue }) => ({ ...issue, image: path })),
  });
  await writeFileAtomic(page, text);
  const list = join(folder, 'review.json');
  await writeJson(list, review);
  if (issues.length === 0) return { page, list };
  const sheet = join(folder, 'sheet.png');
  const drawn = issues.slice(0, SHEET_IMAGES);
  const png = await contactSheet({
    images: drawn.map(({ path }) => path),
    captions: drawn.map(
      ({ given, suggested, confidence }) =>
        `label: ${given}\n${suggested} ${percentText(confidence)}`,
    ),
    title: `${target}: ${countText(drawn.length)} of ${countText(issues.length)} doubtful labels`,
  });
  await writeFileAtomic(sheet, png);
  return { page, list, sheet };
}

function leadOf(review: LabelReview, shown: number): string {
  const { n, issues, backbone, cut, folds, balancedAccuracy, warning } = review;
  const rest = shown < issues.length ? ` The first ${countText(shown)} are on this page.` : '';
  return `Of ${countText(n)} labels, ${countText(issues.length)} (${percentText(issues.length / n)}) are probably wrong, by confident learning: a linear classifier on ${backbone} (${cut}) that had not seen the image’s fold, one of ${folds}, says another class; it is right about ${percentText(balancedAccuracy)} of the labels, classes weighted equally.${rest}${warning === null ? '' : ` ${warning}`}`;
}
