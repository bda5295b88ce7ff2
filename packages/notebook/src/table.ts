import { countText, html, OptionsError, type Html } from '@janus/core';
import { cellText, isNumeric } from './cell-text.js';
import type { Bundle } from './screen.js';

/** A table of any origin. */
export interface Table {
  readonly columns: readonly string[];
  /** Cells [row][column]. */
  readonly rows: readonly (readonly unknown[])[];
  /** A line above it; default none. */
  readonly title?: string | undefined;
  /** A line below it; default none. */
  readonly note?: string | undefined;
}

/** Rows that are shown of a table; more make a notebook slow to scroll. */
export const TABLE_ROWS = 20;

/**
 * Returns a table as markup and as aligned text, its numbers at the right.
 *
 * @param limit most rows, at least 1; a line says how many there are in all
 * @throws OptionsError when the limit is not a whole number of at least 1
 */
export function tableBundle(table: Table, limit: number = TABLE_ROWS): Bundle {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new OptionsError(
      `show: rows must be a whole number of at least 1, but got ${limit}. Leave it out for ${TABLE_ROWS}.`,
    );
  }
  const { columns, rows, title, note } = table;
  const shown = rows.slice(0, limit);
  const numeric = columns.map((_, i) => isNumericColumn(shown.map((row) => row[i])));
  const cells = shown.map((row) => columns.map((_, i) => cellText(row[i])));
  const rest =
    rows.length > limit ? `${countText(limit)} of ${countText(rows.length)} rows` : undefined;
  const drawn: Drawn = { columns, cells, numeric, title, notes: [rest, note].filter(isText) };
  return { 'text/plain': textOf(drawn), 'text/html': markupOf(drawn).markup };
}

/** What both forms of a table show. */
interface Drawn {
  readonly columns: readonly string[];
  readonly cells: readonly (readonly string[])[];
  readonly numeric: readonly boolean[];
  readonly title: string | undefined;
  readonly notes: readonly string[];
}

const isText = (text: string | undefined): text is string => text !== undefined && text !== '';

/** A column of numbers may lack some, but not all. */
function isNumericColumn(values: readonly unknown[]): boolean {
  const present = values.filter((value) => value !== null && value !== undefined);
  return present.length > 0 && present.every(isNumeric);
}

function markupOf({ columns, cells, numeric, title, notes }: Drawn): Html {
  const align = (i: number): string => `text-align: ${numeric[i] === true ? 'right' : 'left'}`;
  return html`<table>
    ${title === undefined ? '' : html`<caption>${title}</caption>`}
    <thead><tr>${columns.map((name, i) => html`<th style="${align(i)}">${name}</th>`)}</tr></thead>
    <tbody>${cells.map((row) => html`<tr>${row.map((text, i) => html`<td style="${align(i)}">${text}</td>`)}</tr>`)}</tbody>
  </table>
  ${notes.map((note) => html`<p>${note}</p>`)}`;
}

function textOf({ columns, cells, numeric, title, notes }: Drawn): string {
  const widths = columns.map((name, i) =>
    Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => {
        const width = widths[i] ?? 0;
        return numeric[i] === true ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [
    ...(title === undefined ? [] : [title]),
    line(columns),
    ...cells.map(line),
    ...notes,
  ].join('\n');
}
