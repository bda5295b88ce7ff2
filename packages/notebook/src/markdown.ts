import { readFile } from 'node:fs/promises';
import { DataError } from '@janus/core';
import type { Bundle } from './screen.js';

/**
 * Returns a Markdown file as a cell shows it. Tables and headings stay; markup in it is text.
 *
 * @throws DataError when the file cannot be read
 */
export async function markdownBundle(path: string): Promise<Bundle> {
  try {
    const text = await readFile(path, 'utf8');
    return { 'text/plain': text, 'text/markdown': text };
  } catch (error) {
    throw new DataError(`show: ${path} cannot be read. Check the path.`, { path, cause: error });
  }
}
