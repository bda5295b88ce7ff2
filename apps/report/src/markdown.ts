/** Markdown as markup of a page. */
import { html, raw, type Html } from '@janus/core';
import {
  markdownBlocks,
  markdownSpans,
  type MarkdownBlock,
  type MarkdownTable,
} from './markdown-blocks.js';

/** Returns bold, code and links of one line. */
function inline(text: string): Html {
  return html`${markdownSpans(text).map(({ kind, text: words, href = '' }) => {
    switch (kind) {
      case 'text':
        return words;
      case 'bold':
        return html`<strong>${words}</strong>`;
      case 'italic':
        return html`<em>${words}</em>`;
      case 'code':
        return html`<code>${words}</code>`;
      case 'link':
        return html`<a href="${href}">${words}</a>`;
    }
  })}`;
}

function tableOf({ head, numeric, rows }: MarkdownTable): Html {
  const look = (i: number): Html => (numeric[i] === true ? html` class="numeric"` : html``);
  return html`<div class="scroll"><table><thead><tr>${head.map((cell, i) => html`<th scope="col"${look(i)}>${inline(cell)}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell, i) => html`<td${look(i)}>${inline(cell)}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** Options of {@link markdown}. */
export interface MarkdownOptions {
  /** Returns the element of an image by its path; default none: an image becomes its caption. */
  readonly image?: (path: string, alt: string) => Html | undefined;
}

/**
 * Returns Markdown as markup: headings (from `level` down), paragraphs, lists, tables, code, images. All other characters are
 * text; nothing in it can become a script.
 */
export function markdown(text: string, level: number, options: MarkdownOptions = {}): Html {
  const { image } = options;
  const blockOf = (block: MarkdownBlock): Html => {
    switch (block.kind) {
      case 'heading': {
        const depth = Math.min(6, level + block.depth - 1);
        return raw(`<h${depth}>${inline(block.text).markup}</h${depth}>`);
      }
      case 'paragraph':
        return html`<p>${inline(block.text)}</p>`;
      case 'list': {
        const items = block.items.map((item) => html`<li>${inline(item)}</li>`);
        return block.ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
      }
      case 'code':
        return html`<pre><code>${block.text}</code></pre>`;
      case 'table':
        return tableOf(block);
      case 'image': {
        const alt = markdownSpans(block.caption).map((span) => span.text);
        return html`<figure class="image">${image?.(block.path, alt.join(''))}<figcaption>${inline(block.caption)}</figcaption></figure>`;
      }
    }
  };
  return html`${markdownBlocks(text).map(blockOf)}`;
}
