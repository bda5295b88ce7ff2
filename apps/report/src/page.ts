/** The page as one file: style, fonts, Plotly, images and numbers are all inside. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fontFolder, plotlyBundlePath } from '@janus/figures';
import { html, raw, type Html } from '@janus/core';
import type { Section } from './page-parts.js';
import { pageScript } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';

/** What goes on the page. */
export interface PageOptions {
  readonly title: string;
  /** The line below the title. */
  readonly subtitle: string;
  readonly summary: Html;
  readonly sections: readonly Section[];
  /** The last line: what wrote the page. */
  readonly colophon: string;
}

async function fontFaces(): Promise<string> {
  const faces = await Promise.all(
    [400, 600].map(async (weight) => {
      const file = await readFile(join(fontFolder(), `inter-latin-${weight}-normal.woff2`));
      return `@font-face{font-family:Inter;font-weight:${weight};font-display:swap;src:url(data:font/woff2;base64,${file.toString('base64')}) format('woff2')}`;
    }),
  );
  return faces.join('\n');
}

/** Returns the whole document. */
export async function pageOf(options: PageOptions): Promise<string> {
  const { title, subtitle, summary, sections, colophon } = options;
  // A bundle holds no closing script tag today; if one comes, it must not end ours.
  const plotly = (await readFile(plotlyBundlePath(), 'utf8')).replaceAll('</script', '<\\/script');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${raw(await fontFaces())}${raw(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="lead">${subtitle}</p>
<nav aria-label="Contents">${sections.map((section) => html`<a href="#${section.id}">${section.title}</a>`)}</nav>
</header>
<main>
${summary}
${sections.map((section) => html`<section id="${section.id}"><h2>${section.title}</h2>${section.body}</section>\n`)}
</main>
<footer>${colophon}</footer>
<script>${raw(plotly)}</script>
<script>${raw(pageScript())}</script>
</body>
</html>
`.markup;
}
