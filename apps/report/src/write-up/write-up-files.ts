/** The files of a filled write-up. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { html, raw, writeFileAtomic, type Html } from '@janus/core';
import { textPdf, type PdfBlock } from '@janus/figures';
import { markdownBlocks, markdownSpans, type MarkdownBlock } from '../markdown-blocks.js';
import { markdown } from '../markdown.js';
import { fontFaces } from '../page.js';
import { PAGE_STYLE } from '../page-style.js';
import { pictureTag, sharedPictures } from '../page-images.js';
import type { FilledWriteUp } from './write-up.js';

/** The write-up's column is narrower than the report's. */
const STYLE = `body { background: var(--paper); } main { max-width: 780px; padding: 48px 24px; } figure { margin: 28px 0; } th, td { padding: 6px 10px 6px 0; font-size: 13.5px; } .numeric { white-space: nowrap; } @page { margin: 20mm; }`;

/** Returns the text of the first heading, else the name of the file. */
function titleOf({ text, name }: FilledWriteUp): string {
  const heading = markdownBlocks(text).find(({ kind }) => kind === 'heading');
  if (heading?.kind !== 'heading') return name;
  return markdownSpans(heading.text)
    .map((span) => span.text)
    .join('');
}

/** Returns a write-up in Markdown as a page that needs no other file; images are read from the report's folder. */
export async function writeUpPage(filled: FilledWriteUp, folder: string): Promise<string> {
  const tags = new Map<string, Html>();
  for (const block of markdownBlocks(filled.text)) {
    if (block.kind !== 'image') continue;
    const alt = markdownSpans(block.caption).map((span) => span.text);
    tags.set(block.path, await pictureTag(join(folder, block.path), { alt: alt.join('') }));
  }
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${titleOf(filled)}</title>
<style>${raw(await fontFaces())}${raw(PAGE_STYLE)}${raw(STYLE)}</style>
</head>
<body>
<main class="markdown">
${markdown(filled.text, 1, { image: (path) => tags.get(path) })}
</main>
</body>
</html>
`;
  return sharedPictures(page.markup);
}

/** Returns the drawing of a figure, else the bytes of its PNG file. */
async function imageOf(png: string): Promise<Uint8Array | string> {
  const svg = png.replace(/\.png$/, '.svg');
  return existsSync(svg) ? await readFile(svg, 'utf8') : await readFile(png);
}

async function pdfBlockOf(block: MarkdownBlock, folder: string): Promise<PdfBlock> {
  switch (block.kind) {
    case 'heading':
      return { ...block, spans: markdownSpans(block.text) };
    case 'paragraph':
      return { kind: 'paragraph', spans: markdownSpans(block.text) };
    case 'list':
      return { ...block, items: block.items.map(markdownSpans) };
    case 'code':
      return block;
    case 'table':
      return {
        ...{ kind: 'table', numeric: block.numeric, head: block.head.map(markdownSpans) },
        rows: block.rows.map((row) => row.map(markdownSpans)),
      };
    case 'image':
      return {
        ...{ kind: 'image', caption: markdownSpans(block.caption) },
        image: await imageOf(join(folder, block.path)),
      };
  }
}

/** Returns a write-up in Markdown as the bytes of a PDF file; images are read from the report's folder. */
export async function writeUpPdf(filled: FilledWriteUp, folder: string): Promise<Buffer> {
  const blocks: PdfBlock[] = [];
  for (const block of markdownBlocks(filled.text)) blocks.push(await pdfBlockOf(block, folder));
  return await textPdf(blocks, { title: titleOf(filled) });
}

/** Writes a write-up into the report's folder, which has its figures already, and returns the names of its files. */
export async function writeUpFiles(
  filled: FilledWriteUp,
  folder: string,
): Promise<readonly string[]> {
  const { name, text, format } = filled;
  const files: readonly (readonly [string, string | Buffer])[] =
    format === 'tex'
      ? [[`${name}.tex`, text]]
      : [
          [`${name}.md`, text],
          [`${name}.html`, await writeUpPage(filled, folder)],
          [`${name}.pdf`, await writeUpPdf(filled, folder)],
        ];
  for (const [file, content] of files) await writeFileAtomic(join(folder, file), content);
  return files.map(([file]) => file);
}
