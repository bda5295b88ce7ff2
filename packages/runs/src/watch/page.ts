/** The page of runs: its text, its look, and its script, each served by itself. */
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { html } from '@janus/core';
import { fontFolder, pageOf, pageStyle, plotlyBundlePath, THEMES } from '@janus/figures';
import { build } from 'esbuild';
import { WATCH_STYLE } from './page-style.js';

/** A file that the server holds in memory. */
export interface ServedFile {
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Of the content: an address that is asked for again is not sent again. */
  readonly tag: string;
}

/** What the page needs, by address. */
export interface PageFiles {
  readonly files: ReadonlyMap<string, ServedFile>;
  /** What a request to stop a run must carry: only the page knows it. */
  readonly token: string;
}

/** Browsers of 2023 and later, as of the report. */
const TARGET = 'es2022';

/** Of the tab: a curve that falls. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 2C3 11 6 13 14 13" fill="none" stroke="${THEMES.light.blue}" stroke-width="2.5" stroke-linecap="round"/></svg>`;

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';

/** Returns the files of the page about a folder of runs. */
export async function pageFiles(runs: string): Promise<PageFiles> {
  const token = randomUUID();
  const fonts = [400, 600].map(async (weight): Promise<[string, ServedFile]> => {
    const file = await readFile(join(fontFolder(), `inter-latin-${weight}-normal.woff2`));
    return [`/inter-${weight}.woff2`, served('font/woff2', file)];
  });
  const files: readonly (readonly [string, ServedFile])[] = [
    ['/', served('text/html; charset=utf-8', pageText(runs, token))],
    ['/favicon.ico', served('image/svg+xml', ICON)],
    ['/watch.css', served('text/css; charset=utf-8', pageStyle(WATCH_STYLE))],
    ['/watch.js', served(SCRIPT_TYPE, await pageScript())],
    ['/plotly.js', served(SCRIPT_TYPE, await readFile(plotlyBundlePath()))],
    ...(await Promise.all(fonts)),
  ];
  return { files: new Map(files), token };
}

function served(type: string, body: string | Uint8Array): ServedFile {
  return { type, body, tag: `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"` };
}

async function pageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/watch/browser/main.ts', import.meta.url))],
    ...{ bundle: true, write: false, minify: true, format: 'iife', target: TARGET },
    ...{ charset: 'utf8', logLevel: 'silent' },
  });
  return outputFiles[0]?.text ?? '';
}

function pageText(runs: string, token: string): string {
  const title = `Runs in ${basename(runs)}`;
  return pageOf({
    title,
    linked: { style: '/watch.css', scripts: ['/plotly.js', '/watch.js'] },
    body: html`<div id="page" data-token="${token}">
<a class="skip" href="#detail">Skip to the chosen run</a>
<header><h1>${title}</h1><p class="muted"><span>${runs}</span> · <span id="connection">connecting</span></p></header>
<p id="news" class="hidden" role="status"></p>
<main>
<div class="scroll" tabindex="0" role="group" aria-label="Runs"><table id="runs">
<thead><tr><th scope="col">Run</th><th scope="col">State</th><th scope="col" class="numeric">Updates</th><th scope="col" class="numeric">Images/s</th><th scope="col" class="numeric">Time left</th><th scope="col">Newest losses</th></tr></thead>
<tbody></tbody></table></div>
<p id="none" class="muted">There is no run here yet. One appears as soon as a training begins.</p>
<section id="detail" aria-labelledby="detail-name" tabindex="-1" hidden>
<div class="head"><h2 id="detail-name"></h2><button id="stop" type="button" hidden>Stop this run</button></div>
<p id="detail-state"></p>
<progress id="progress" max="1" value="0" aria-label="Updates done" hidden></progress>
<div id="resume" hidden><p class="muted">To resume it, bit for bit as if it had not been stopped:</p><div class="command"><pre tabindex="0"><code id="command"></code></pre><button id="copy" type="button">Copy</button></div></div>
<dl id="facts"></dl>
<div id="curves"></div>
<div id="samples"></div>
</section>
</main>
</div>`,
  });
}
