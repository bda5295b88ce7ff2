/** The page's script, joined to one piece from `src/browser/`. */
import { fileURLToPath } from 'node:url';
import { colourSwap, THEMES } from '@janus/figures';
import { build } from 'esbuild';
import type { PageData, PageRun } from './page-data.js';

/** Browsers of 2023 and later: `ariaSort` is the newest thing that the script uses. */
const TARGET = 'es2022';

/** Returns the script of the page, which fetches nothing. */
export async function pageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/browser/main.ts', import.meta.url))],
    ...{ bundle: true, write: false, minify: true, format: 'iife', target: TARGET },
    // esbuild escapes a closing script tag in a text.
    ...{ charset: 'utf8', logLevel: 'silent' },
  });
  return outputFiles[0]?.text ?? '';
}

/** Returns what the script is given of the runs. */
export function pageData(runs: readonly PageRun[]): PageData {
  const muted = [THEMES.light.mutedText, THEMES.dark.mutedText] as const;
  return { runs, swap: colourSwap('dark'), muted };
}
