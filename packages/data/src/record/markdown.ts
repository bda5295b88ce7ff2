/** Text and Markdown of a data statement. */
import { percentText } from '@janus/core';

/** Returns a share in percent with one decimal. */
export function shareText(n: number, of: number): string {
  return percentText(of > 0 ? n / of : 0);
}

/** Returns a number with four significant digits, six from 1000 on; an integer with all of its digits. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(Math.abs(value) >= 1000 ? 6 : 4)));
}

/** Returns text on one line, escaped so that Markdown shows it as it is. */
export function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\|`*[\]]|\b_|_\b/g, (mark) => `\\${mark}`)
    .trim();
}

/** Returns a table; cells are not escaped. */
export function tableText(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** Returns a list; items are not escaped. */
export function listText(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** Returns texts as `a, b and c`. */
export function joined(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`;
}
