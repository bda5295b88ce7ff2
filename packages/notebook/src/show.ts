import { OptionsError, type Evaluation } from '@janus/core';
import type { Figure } from '@janus/figures';
import { evaluationTables, isEvaluation } from './evaluation-tables.js';
import { figureBundle, isFigure } from './figure-bundle.js';
import { imageBundle, isImagePath, type ImageFile } from './images.js';
import { currentScreen } from './kernel-screen.js';
import { markdownBundle } from './markdown.js';
import type { Bundle, Screen } from './screen.js';
import { tableBundle, type Table } from './table.js';
import { isFrame, tableOfFrame, tableOfRecord, tableOfRows, type FrameLike } from './tables-of.js';

/** What {@link show} can show. */
export type Showable = Figure | FrameLike | Evaluation | ImageFile | readonly unknown[] | object;

/** Options of {@link show}. */
export interface ShowOptions {
  /** Most rows of a table, at least 1; default 20. */
  readonly rows?: number;
  /** A line above a table; default none. */
  readonly title?: string;
  /** Default the cell that runs, or standard output where no kernel runs. */
  readonly screen?: Screen;
}

/**
 * Shows a value where the cell's output is, and outside a kernel prints it as text:
 *
 * - a figure, or several, which can be zoomed and hovered where the reader draws Plotly, with an image for the others;
 * - a danfojs DataFrame, rows of a query, or a record, as a table;
 * - an image, or several, by their paths or bytes (PNG, JPEG, WebP, GIF);
 * - an evaluation, as tables of its measures with n and intervals;
 * - a Markdown file by its path, such as a model card;
 * - any other text, as it is.
 *
 * @throws OptionsError when the value is none of these, or `rows` is below 1; DataError when an image cannot be read
 */
export async function show(value: Showable, options: ShowOptions = {}): Promise<void> {
  const { screen = currentScreen() } = options;
  for (const bundle of await bundlesOf(value, screen.rich, options)) screen.panel().set(bundle);
}

async function bundlesOf(
  value: Showable,
  rich: boolean,
  options: ShowOptions,
): Promise<readonly Bundle[]> {
  if (typeof value === 'string' || value instanceof Uint8Array) return [await textOrImage(value)];
  if (Array.isArray(value)) return await bundlesOfList(value as readonly unknown[], rich, options);
  if (typeof value !== 'object' || (value as object | null) === null) {
    throw new OptionsError(
      `show: must be a figure, a table, images or an evaluation, but got ${typeof value}. Use console.log for other values.`,
    );
  }
  if (isFigure(value)) return [await figureBundle(value, rich)];
  if (isEvaluation(value)) return evaluationTables(value).map((table) => tableBundle(table, 100));
  return [titled(isFrame(value) ? tableOfFrame(value) : tableOfRecord(value), options)];
}

async function bundlesOfList(
  list: readonly unknown[],
  rich: boolean,
  options: ShowOptions,
): Promise<readonly Bundle[]> {
  if (list.length > 0 && list.every(isImage)) return await Promise.all(list.map(imageBundle));
  if (list.length > 0 && list.every(isFigureValue)) {
    return await Promise.all(list.map(async (figure) => figureBundle(figure, rich)));
  }
  const rows = list.map((row): object =>
    typeof row === 'object' && row !== null ? row : { value: row },
  );
  return [titled(tableOfRows(rows), options)];
}

const isImage = (value: unknown): value is ImageFile =>
  value instanceof Uint8Array || (typeof value === 'string' && isImagePath(value));

const isFigureValue = (value: unknown): value is Figure =>
  typeof value === 'object' && value !== null && isFigure(value);

async function textOrImage(value: ImageFile): Promise<Bundle> {
  if (typeof value !== 'string' || isImagePath(value)) return await imageBundle(value);
  return value.endsWith('.md') ? await markdownBundle(value) : { 'text/plain': value };
}

const titled = (table: Table, { rows, title }: ShowOptions): Bundle =>
  tableBundle(title === undefined ? table : { ...table, title }, rows);
