/** The little Markdown of model cards and write-ups, as blocks. */

/** A part of a text, with its inline markup still in it. */
export type MarkdownBlock =
  | { readonly kind: 'heading'; readonly depth: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly string[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'image'; readonly caption: string; readonly path: string }
  | MarkdownTable;

/** A table, with the inline markup of its cells still in it. */
export interface MarkdownTable {
  readonly kind: 'table';
  readonly head: readonly string[];
  /** Columns whose cells stand on the right. */
  readonly numeric: readonly boolean[];
  readonly rows: readonly (readonly string[])[];
}

const isTableLine = (line: string): boolean => /^\s*\|.*\|\s*$/.test(line);

const cellsOf = (line: string): readonly string[] =>
  line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

function tableOf(lines: readonly string[]): MarkdownTable {
  const [head = '', rule = '', ...rows] = lines;
  return {
    ...{ kind: 'table', head: cellsOf(head), rows: rows.map(cellsOf) },
    numeric: cellsOf(rule).map((cell) => /^-+:$/.test(cell)),
  };
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
const IMAGE = /^!\[((?:[^\]\\]|\\.)*)\]\(([^)\s]+)\)$/;

const isPlain = (line: string): boolean =>
  line.trim() !== '' &&
  !/^(#{1,6}\s|```)/.test(line) &&
  !ITEM.test(line) &&
  !isTableLine(line) &&
  !IMAGE.test(line);

function listOf(rows: readonly string[]): MarkdownBlock {
  const items: string[] = [];
  for (const row of rows) {
    if (ITEM.test(row)) items.push(row.replace(ITEM, ''));
    else items.push(`${items.pop() ?? ''} ${row.trim()}`);
  }
  return { kind: 'list', ordered: /^\s*\d/.test(rows[0] ?? ''), items };
}

/** Returns the block that begins at a line, and how many lines it takes; undefined for an empty line. */
function blockAt(
  lines: readonly string[],
  at: number,
): { readonly block: MarkdownBlock; readonly count: number } | undefined {
  const line = lines[at] ?? '';
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading !== null) {
    const [, marks = '', text = ''] = heading;
    return { block: { kind: 'heading', depth: marks.length, text }, count: 1 };
  }
  const image = IMAGE.exec(line);
  if (image !== null) {
    const [, caption = '', path = ''] = image;
    return { block: { kind: 'image', caption, path }, count: 1 };
  }
  if (line.startsWith('```')) {
    const code = take(lines, at + 1, (each) => !each.startsWith('```'));
    return { block: { kind: 'code', text: code.join('\n') }, count: code.length + 2 };
  }
  if (isTableLine(line)) {
    const rows = take(lines, at, isTableLine);
    return { block: tableOf(rows), count: rows.length };
  }
  if (ITEM.test(line)) {
    const rows = take(lines, at, (each) => ITEM.test(each) || /^\s+\S/.test(each));
    return { block: listOf(rows), count: rows.length };
  }
  if (line.trim() === '') return undefined;
  const rows = take(lines, at, isPlain);
  return { block: { kind: 'paragraph', text: rows.join(' ') }, count: Math.max(1, rows.length) };
}

/** Returns Markdown as blocks: headings, paragraphs, lists, tables, code, and images that have a line to themselves. */
export function markdownBlocks(text: string): readonly MarkdownBlock[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const blocks: MarkdownBlock[] = [];
  for (let at = 0; at < lines.length;) {
    const found = blockAt(lines, at);
    if (found !== undefined) blocks.push(found.block);
    at += found?.count ?? 1;
  }
  return blocks;
}

/** A piece of a line. */
export interface MarkdownSpan {
  readonly kind: 'text' | 'bold' | 'italic' | 'code' | 'link';
  readonly text: string;
  /** Of a link: an address of the web. */
  readonly href?: string;
}

const SPAN =
  /`([^`]+)`|\*\*((?:[^*\\]|\\.)+)\*\*|\*((?:[^*\\\s]|\\.)(?:[^*\\]|\\.)*)\*|\[((?:[^\]\\]|\\.)+)\]\((https?:\/\/[^)\s"<>]+)\)/g;

const unescaped = (text: string): string => text.replace(/\\([\\`*_<|[\]])/g, '$1');

/** Returns a line's bold, italic, code and links, and the text between them; a link is one only to the web. */
export function markdownSpans(text: string): readonly MarkdownSpan[] {
  const spans: MarkdownSpan[] = [];
  let from = 0;
  const addText = (to: number): void => {
    if (to > from) spans.push({ kind: 'text', text: unescaped(text.slice(from, to)) });
  };
  for (const match of text.matchAll(SPAN)) {
    const [whole, code, bold, italic, words, href] = match;
    if (text[match.index - 1] === '\\') continue;
    addText(match.index);
    from = match.index + whole.length;
    if (code !== undefined) spans.push({ kind: 'code', text: code });
    else if (bold !== undefined) spans.push({ kind: 'bold', text: unescaped(bold) });
    else if (italic !== undefined) spans.push({ kind: 'italic', text: unescaped(italic) });
    else spans.push({ kind: 'link', text: unescaped(words ?? ''), href: href ?? '' });
  }
  addText(text.length);
  return spans;
}
