/** How placeholders become Markdown or LaTeX. */
import type { PlacedItem, TemplateFormat } from './template.js';
import { texText } from './tex-text.js';
import { tableMarkdown, tableTex, type TextTable } from './text-table.js';

/** What the formats need of figures and tables, by id. */
export interface FormatSources {
  readonly tables: ReadonlyMap<string, TextTable>;
  /** The caption of a figure whose placeholder has none; plain text. */
  readonly captions: ReadonlyMap<string, string>;
  /** Path of a figure's file below the write-up, without its ending. */
  readonly figurePath: (id: string) => string;
}

const captionOf = ({ id, caption }: PlacedItem, known: string | undefined): string =>
  caption ?? known ?? id;

/** Returns text in which Markdown reads no character as markup. */
export const markdownText = (text: string): string => text.replace(/[\\`*_<|[\]]/g, '\\$&');

/** Returns the format of a Markdown file: figures as PNG, tables in GitHub's form. */
export function markdownFormat({ tables, captions, figurePath }: FormatSources): TemplateFormat {
  return {
    value: markdownText,
    figure: (item) => {
      const words = captionOf(item, captions.get(item.id));
      return `![Figure ${item.number}. ${words.replaceAll(']', '\\]')}](${figurePath(item.id)}.png)`;
    },
    table: (item) => {
      const table = tables.get(item.id);
      if (table === undefined) return '';
      const words = captionOf(item, markdownText(table.caption));
      return [`**Table ${item.number}.** ${words}`, '', ...tableMarkdown(table)].join('\n');
    },
    reference: ({ kind, number }) => `${kind === 'figure' ? 'Figure' : 'Table'} ${number}`,
  };
}

/** Returns the format of a LaTeX file: figures as PDF where there is one, tables with booktabs. */
export function texFormat(
  { tables, captions, figurePath }: FormatSources,
  endingOf: (id: string) => 'pdf' | 'png',
): TemplateFormat {
  return {
    value: texText,
    figure: (item) =>
      [
        '\\begin{figure}[htbp]',
        '\\centering',
        `\\includegraphics[width=\\linewidth]{${figurePath(item.id)}.${endingOf(item.id)}}`,
        `\\caption{${item.caption ?? texText(captions.get(item.id) ?? item.id)}}`,
        `\\label{figure:${item.id}}`,
        '\\end{figure}',
      ].join('\n'),
    table: (item) => {
      const table = tables.get(item.id);
      if (table === undefined) return '';
      return [
        '\\begin{table}[htbp]',
        '\\centering\\small',
        `\\caption{${item.caption ?? texText(table.caption)}}`,
        `\\label{table:${item.id}}`,
        ...tableTex(table),
        '\\end{table}',
      ].join('\n');
    },
    reference: ({ kind, id }) => `${kind === 'figure' ? 'Figure' : 'Table'}~\\ref{${kind}:${id}}`,
  };
}
