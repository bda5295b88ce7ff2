/** The little Markdown that model cards are written in, as markup. */
import { html, raw, type Html } from '@janus/core';

/** Returns bold, code and links of one line; a link is set only to the web or a neighbour file. */
function inline(text: string): Html {
  const marked = html`${text}`.markup
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)/g, '<a href="$2">$1</a>');
  return raw(marked);
}

const isTableLine = (line: string): boolean => /^\s*\|.*\|\s*$/.test(line);

const cellsOf = (line: string): readonly string[] =>
  line
    .trim()
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

function tableOf(lines: readonly string[]): Html {
  const [head = '', , ...body] = lines;
  return html`<div class="scroll"><table><thead><tr>${cellsOf(head).map((cell) => html`<th scope="col">${inline(cell)}</th>`)}</tr></thead><tbody>${body.map((line) => html`<tr>${cellsOf(line).map((cell) => html`<td>${inline(cell)}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** Returns the lines from `from` on as long as they are of a kind. */
function take(
  lines: readonly string[],
  from: number,
  is: (line: string) => boolean,
): readonly string[] {
  let to = from;
  while (to < lines.length && is(lines[to] ?? '')) to++;
  return lines.slice(from, to);
}

const ITEM = /^\s*(?:[-*]|\d+\.)\s+/;

const isPlain = (line: string): boolean =>
  line.trim() !== '' && !/^(#{1,6}\s|```)/.test(line) && !ITEM.test(line) && !isTableLine(line);

/**
 * Returns Markdown as markup: headings (from `level` down), paragraphs, lists, tables, code. All
 * other characters are text; nothing in it can become a script.
 */
export function markdown(text: string, level: number): Html {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const parts: Html[] = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i] ?? '';
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (heading !== null) {
      const depth = Math.min(6, level + (heading[1]?.length ?? 1) - 1);
      parts.push(raw(`<h${depth}>${inline(heading[2] ?? '').markup}</h${depth}>`));
      i++;
    } else if (line.startsWith('```')) {
      const code = take(lines, i + 1, (each) => !each.startsWith('```'));
      parts.push(html`<pre><code>${code.join('\n')}</code></pre>`);
      i += code.length + 2;
    } else if (isTableLine(line)) {
      const rows = take(lines, i, isTableLine);
      parts.push(tableOf(rows));
      i += rows.length;
    } else if (ITEM.test(line)) {
      const rows = take(lines, i, (each) => ITEM.test(each) || /^\s+\S/.test(each));
      const items: string[] = [];
      for (const row of rows) {
        if (ITEM.test(row)) items.push(row.replace(ITEM, ''));
        else items.push(`${items.pop() ?? ''} ${row.trim()}`);
      }
      const list = items.map((item) => html`<li>${inline(item)}</li>`);
      parts.push(/^\s*\d/.test(line) ? html`<ol>${list}</ol>` : html`<ul>${list}</ul>`);
      i += rows.length;
    } else if (line.trim() === '') {
      i++;
    } else {
      const rows = take(lines, i, isPlain);
      parts.push(html`<p>${inline(rows.join(' '))}</p>`);
      i += Math.max(1, rows.length);
    }
  }
  return html`${parts}`;
}
