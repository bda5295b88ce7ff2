/** Tables and lists of the page. */
import { html, type Html, type HtmlPart } from '@janus/core';

/** A table's column. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => HtmlPart;
  /** Figures stand on the right. */
  readonly numeric?: boolean;
}

/** Returns a table that scrolls sideways where the page is narrow. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const look = (column: Column<Row>): HtmlPart => (column.numeric === true ? 'numeric' : '');
  return html`<div class="scroll"><table>
<thead><tr>${columns.map((column) => html`<th scope="col" class="${look(column)}">${column.title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${columns.map((column) => html`<td class="${look(column)}">${column.cell(row)}</td>`)}</tr>\n`)}</tbody>
</table></div>`;
}

/** Returns names and values below one another. */
export function definitions(rows: readonly (readonly [string, HtmlPart])[]): Html {
  return html`<dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
