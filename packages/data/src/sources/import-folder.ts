import { resolve } from 'node:path';
import { DataError } from '@janus/core';
import { checkImport, finishImport, listImages, newRow, type ImportOptions } from './importing.js';
import { LABELLINGS } from './labellings.js';
import type { ManifestRow, StepResult } from '../manifest/manifest.js';

const SPLITS: Readonly<Record<string, ManifestRow['split']>> = {
  train: 'train',
  validation: 'validation',
  val: 'validation',
  valid: 'validation',
  test: 'test',
};

/** CycleGAN's folders: part and domain in one name. */
const DOMAINS = /^(train|val|test)([AB])$/;

/**
 * Imports `<root>/<class>/*`, `<root>/{train,validation,test}/<class>/*`, or CycleGAN's
 * `<root>/{trainA,trainB,testA,testB}/*` (then the label is `domain`, A or B). Pictures stay where
 * they are.
 *
 * @throws DataError when the folder does not exist or holds no picture
 */
export async function importFolder(input: string, options: ImportOptions): Promise<StepResult> {
  await checkImport(input, options);
  const root = resolve(input);
  const files = await listImages(root);
  if (files.length === 0) {
    throw new DataError(
      `${input}: the folder is empty of pictures (jpg, png, webp, ...). Name the folder that holds class folders.`,
      { path: input },
    );
  }
  const rejects: { row: number; path: string; reason: string }[] = [];
  const rows: ManifestRow[] = [];
  files.forEach((file, i) => {
    const [first = '', second = '', ...rest] = file.split('/');
    const path = `${root}/${file}`;
    const domain = DOMAINS.exec(first);
    if (second === '') {
      rejects.push({ row: i + 1, path: file, reason: 'not in a class folder' });
    } else if (domain !== null) {
      const labels = { domain: domain[2] ?? '' };
      rows.push(newRow({ id: file, path, labels, split: SPLITS[domain[1] ?? ''] ?? null }));
    } else if (first in SPLITS && rest.length > 0) {
      rows.push(
        newRow({ id: file, path, labels: { class: second }, split: SPLITS[first] ?? null }),
      );
    } else {
      rows.push(newRow({ id: file, path, labels: { class: first } }));
    }
  });
  return await finishImport(options.out, {
    rows,
    rejects,
    source: `folder ${input}`,
    licence: 'not stated',
    labelling: LABELLINGS.folder,
    options: {},
  });
}
