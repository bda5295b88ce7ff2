/** The few forms of Markdown that a data statement is written in. */

const THOUSANDS = new Intl.NumberFormat('en-GB');

/** Returns a whole number with thousands separators. */
export function countText(n: number): string {
  return THOUSANDS.format(n);
}

/** Returns a share as percent with one digit. */
export function shareText(n: number, of: number): string {
  return `${of > 0 ? ((100 * n) / of).toFixed(1) : '0.0'} %`;
}

/** Returns a number with at most four significant digits, none of a whole number cut off. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(Math.abs(value) >= 1000 ? 6 : 4)));
}

/** Returns text that Markdown shows as it is, on one line: values of other people's tables. */
export function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\|`*[\]]|\b_|_\b/g, (mark) => `\\${mark}`)
    .trim();
}

/** Returns a table; cells are written as they are. */
export function tableText(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** Returns a list; items are written as they are. */
export function listText(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** Returns texts as `a, b and c`. */
export function joined(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`;
}
