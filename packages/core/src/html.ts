/** Markup that cannot be mixed up with text. */

/** A piece of ready markup. */
export interface Html {
  readonly markup: string;
}

/** What a template takes: text is escaped, markup is not, lists are joined. */
export type HtmlPart = Html | string | number | undefined | readonly HtmlPart[];

/** Returns text in which no character is markup. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function markupOf(part: HtmlPart): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return isHtml(part) ? part.markup : part.map(markupOf).join('');
}

const isHtml = (part: Html | readonly HtmlPart[]): part is Html => !Array.isArray(part);

/** Template tag: `` html`<p>${text}</p>` `` escapes the text. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return { markup: strings.reduce((all, text, i) => all + markupOf(parts[i - 1]) + text) };
}

/** Marks text as markup: for our own files that are inserted as they are. */
export function raw(markup: string): Html {
  return { markup };
}
