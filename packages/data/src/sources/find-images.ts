/** The images that a person names, for a command that must not stop at the first bad one. */

import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { DataError, relativeName } from '@janus/core';
import { hasImageEnding } from '../manifest/image-ending.js';
import { imageFiles, NO_IMAGE } from './image-files.js';
import { expandInput, fixedPart } from './inputs.js';

/** An image file that was named, or found. */
export interface FoundImage {
  /** Path that can be opened: as it was given, or below the folder that was given. */
  readonly file: string;
  /** Path below the given folder or the fixed part of the pattern; of a file alone, its name. */
  readonly name: string;
}

/** What {@link findImages} found. */
export interface FoundImages {
  /** In the order given, those of a folder sorted by name; each file once. */
  readonly images: readonly FoundImage[];
  /** What names no image, with the reason in a line. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
}

/**
 * Returns the images that files, folders (with their subfolders) and patterns name; see `imageFiles`. A file that is
 * named is taken whatever its ending is; other files in folders are passed over. What does not exist is listed, and the
 * rest found.
 */
export async function findImages(given: readonly string[]): Promise<FoundImages> {
  const images = new Map<string, FoundImage>();
  const unreadable: { file: string; reason: string }[] = [];
  const add = (image: FoundImage): void => {
    const path = resolve(image.file);
    if (!images.has(path)) images.set(path, image);
  };
  const addFolder = async (folder: string, root: string): Promise<void> => {
    const { files, rejects } = await imageFiles(folder);
    for (const { name } of files) {
      const file = join(folder, name);
      add({ file, name: relativeName(root, resolve(file)) });
    }
    for (const { path, reason } of rejects) {
      const file = join(folder, path);
      if (reason !== NO_IMAGE) unreadable.push({ file, reason: `${file}: ${reason}.` });
    }
  };
  for (const each of given) {
    try {
      if (existsSync(each)) {
        if ((await stat(each)).isDirectory()) await addFolder(each, resolve(each));
        else add({ file: each, name: basename(each) });
        continue;
      }
      const root = fixedPart(each);
      const matches = await expandInput(each);
      for (const match of matches) {
        const file = isAbsolute(each) ? resolve(match) : match;
        if ((await stat(file)).isDirectory()) await addFolder(file, root);
        else if (hasImageEnding(file)) add({ file, name: relativeName(root, resolve(file)) });
      }
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      unreadable.push({ file: each, reason: error.message });
    }
  }
  return { images: [...images.values()], unreadable };
}
