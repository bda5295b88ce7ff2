/** The page's script, joined to one piece from `src/browser/`. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Returns the script of the page: a classic one, since a page from a folder may load no modules. */
export async function pageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/browser/main.ts', import.meta.url))],
    ...{ bundle: true, write: false, minify: true, format: 'iife', target: 'es2022' },
    ...{ platform: 'browser', conditions: ['browser', '@janus/source'] },
    ...{ charset: 'utf8', legalComments: 'eof', logLevel: 'silent' },
  });
  return outputFiles[0]?.text ?? '';
}
