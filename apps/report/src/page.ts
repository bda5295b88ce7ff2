/** The page as one file: style, fonts, Plotly, images and numbers are all inside. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fontFolder, plotlyBundlePath } from '@janus/figures';
import { html, raw, type Html } from '@janus/core';
import { jsonInPage, type Section } from './page-parts.js';
import type { PageRun } from './page-data.js';
import { pageData, pageScript } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';
import { sharedPictures } from './page-images.js';

/** What goes on the page. */
export interface PageOptions {
  readonly title: string;
  /** The line below the title. */
  readonly subtitle: string;
  readonly summary: Html;
  readonly sections: readonly Section[];
  /** The runs as the page's script compares them. */
  readonly runs: readonly PageRun[];
  /** The last line: what wrote the page. */
  readonly colophon: string;
}

/** Returns the styles of the fonts, which are inside of them. */
export async function fontFaces(): Promise<string> {
  const faces = await Promise.all(
    [400, 600].map(async (weight) => {
      const file = await readFile(join(fontFolder(), `inter-latin-${weight}-normal.woff2`));
      return `@font-face{font-family:Inter;font-weight:${weight};font-display:swap;src:url(data:font/woff2;base64,${file.toString('base64')}) format('woff2')}`;
    }),
  );
  return faces.join('\n');
}

function contentsLink({ id, title, hidden = false, run }: Section): Html {
  if (hidden) return html``;
  if (run === undefined) return html`<a href="#${id}">${title}</a>`;
  return html`<a href="#${id}" data-run="${run.id}">${title} <span class="muted small">${run.name}</span></a>`;
}

const sectionBlock = ({ id, title, body, hidden = false }: Section): Html =>
  html`<section id="${id}"${hidden ? raw(' hidden') : ''}><h2 tabindex="-1">${title}</h2>${body}</section>\n`;

/** Returns the whole document. */
export async function pageOf(options: PageOptions): Promise<string> {
  const { title, subtitle, summary, sections, colophon, runs } = options;
  // A bundle holds no closing script tag today; if one comes, it must not end ours.
  const plotly = (await readFile(plotlyBundlePath(), 'utf8')).replaceAll('</script', '<\\/script');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${raw(await fontFaces())}${raw(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<h1>${title}</h1>
<p class="lead">${subtitle}</p>
</header>
<nav aria-label="Contents"><details open><summary>Contents</summary>${sections.map(contentsLink)}</details></nav>
<main id="main">
${summary}
${sections.map(sectionBlock)}
</main>
<footer>${colophon}</footer>
<script>${raw(plotly)}</script>
<script type="application/json" id="page-data">${raw(jsonInPage(pageData(runs)))}</script>
<script>${raw(await pageScript())}</script>
</body>
</html>
`;
  return sharedPictures(page.markup);
}
