/** Returns a cell of a CSV file: quoted where its text would not come back as it is (RFC 4180). */
function cellText(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Returns a row of a CSV file, without its line end. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return cells.map(cellText).join(',');
}
