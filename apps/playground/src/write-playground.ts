/** Writes the page of a run. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OptionsError, writeFileAtomic } from '@janus/core';
import { pageHtml } from './page-html.js';
import type { PageFile } from './page-parts.js';
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';
import { readPageData } from './read-page-data.js';
import { serviceWorker } from './service-worker.js';

/** Options of {@link writePlayground}. */
export interface WritePlaygroundOptions {
  /** Folder for the page; one that holds something else than a page is refused. */
  readonly out: string;
  /** A cyclegan or cut run whose translations the page shows beside the answer; default none. */
  readonly translation?: string;
}

/** A page that was written. */
export interface WrittenPlayground {
  /** Path of the page. */
  readonly index: string;
  /** All files, below the folder. */
  readonly files: readonly string[];
  /** Of all files together. */
  readonly bytes: number;
}

/**
 * Writes a page that runs a classifier in the browser: from a folder, or from any server of files. It needs nothing but
 * its files, and sends nothing.
 *
 * @param run a finished classifier run
 * @throws DataError when a folder holds no finished run of its kind; OptionsError when `out` holds other files
 */
export async function writePlayground(
  run: string,
  { out, translation }: WritePlaygroundOptions,
): Promise<WrittenPlayground> {
  await checkFolder(out);
  const { data, files } = await readPageData(run, translation);
  const own: readonly PageFile[] = [
    ...files,
    { path: 'page-data.js', content: `globalThis.janusPage = ${JSON.stringify(data)};\n` },
    { path: 'page.js', content: await pageScript() },
    { path: 'style.css', content: pageStyle() },
    { path: 'index.html', content: pageHtml(data) },
  ];
  const all = [...own, { path: 'service-worker.js', content: serviceWorker(own) }];
  await rm(join(out, 'parts'), { recursive: true, force: true });
  for (const { path, content } of all) {
    await mkdir(dirname(join(out, path)), { recursive: true });
    await writeFileAtomic(join(out, path), content);
  }
  return {
    index: join(out, 'index.html'),
    files: all.map(({ path }) => path),
    bytes: all.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0),
  };
}

async function checkFolder(out: string): Promise<void> {
  const found = await readdir(out).catch((error: unknown): string[] => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  if (found.length === 0 || found.includes('page-data.js')) return;
  throw new OptionsError(
    `${out}: a playground needs an empty folder, but this one holds other files. Name another with --out.`,
  );
}
