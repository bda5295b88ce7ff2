/** What the pages of images share: one file that needs nothing else, light and dark. */
import { html, raw, type Html } from '@janus/core';
import { PALETTE, THEMES } from './theme.js';

/** Pixels of an image's longer side on a page, twice what is shown, for sharp screens. */
export const PAGE_IMAGE_PX = 320;

const { light, dark } = THEMES;
const coloursOf = (theme: typeof light, paper: string): string =>
  `--text:${theme.text}; --muted:${theme.mutedText}; --line:${theme.grid}; --ground:${paper}; --paper:${theme.background}; --accent:${theme.blue};`;

const STYLE = `
:root { color-scheme: light dark; ${coloursOf(light, '#f6f7f9')} --right:${PALETTE.green}; --wrong:${PALETTE.vermilion}; }
@media (prefers-color-scheme: dark) { :root { ${coloursOf(dark, '#10141a')} } }
* { box-sizing: border-box; }
body { margin: 0; padding: 0 24px 48px; background: var(--ground); color: var(--text); font: 15px/1.5 Inter, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; }
h1 { font-size: 26px; line-height: 1.25; margin: 28px 0 6px; } h2 { font-size: 19px; margin: 32px 0 6px; }
p { margin: 0 0 12px; max-width: 80ch; } .muted { color: var(--muted); }
kbd { border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px; padding: 0 5px; font: 0.88em ui-monospace, Menlo, Consolas, monospace; background: var(--paper); }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(188px, 1fr)); gap: 14px; margin: 14px 0; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 10px; font-size: 14px; overflow-wrap: anywhere; }
.card img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 6px; background: var(--ground); margin-bottom: 8px; }
.card .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 6px; }
.card.right { border-left: 4px solid var(--right); } .card.wrong { border-left: 4px solid var(--wrong); }
.card strong { display: block; } .card .id { font-size: 12px; color: var(--muted); }
button, select { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: 3px 9px; cursor: pointer; }
button:hover { border-color: var(--accent); }
`;

/** What {@link pageOf} puts together. */
export interface PageParts {
  readonly title: string;
  readonly body: Html;
  /** Further rules; default none. */
  readonly style?: string;
  /** Default none. */
  readonly script?: string;
  /** Addresses from which a page that is served has its style and its scripts, in place of those inside; default none. */
  readonly linked?: { readonly style: string; readonly scripts: readonly string[] };
}

/** Returns the rules of all pages and further ones: what `linked.style` of {@link PageParts} serves. */
export const pageStyle = (further: string): string => STYLE + further;

/** Returns a whole page as text. */
export function pageOf({ title, body, style = '', script, linked }: PageParts): string {
  const look =
    linked === undefined
      ? html`<style>${raw(pageStyle(style))}</style>`
      : html`<link rel="stylesheet" href="${linked.style}">`;
  const scripts = linked?.scripts.map((each) => html`<script src="${each}" defer></script>\n`);
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>${look}${scripts}</head>
<body>
${body}
${script === undefined ? undefined : raw(`<script>${script}</script>`)}
</body>
</html>
`.markup;
}
