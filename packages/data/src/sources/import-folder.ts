import { type ManifestRow, newRow } from '../manifest/manifest-row.js';
import type { Reject } from '../manifest/manifest.js';
import type { StepResult } from '../manifest/dataset-record.js';
import { checkOutput, finishImport, type ImportOptions } from './importing.js';
import { inputName, type ImportInput } from './inputs.js';
import { SPLIT_WORDS } from './split-words.js';
import { LABELLINGS } from './labellings.js';
import { foldersOf, imageFiles } from './image-files.js';

/** CycleGAN's folders: split and domain in one name. */
const DOMAINS = /^(train|val|test)([AB])$/;

/**
 * Imports `<root>/<class>/**`, `<root>/{train,validation,test}/<class>/**`, or CycleGAN's
 * `<root>/{trainA,trainB,testA,testB}/**` (then the label is `domain`, A or B). The root is the folder, the fixed part
 * of a pattern, or the folder that several inputs have in common. Images stay where they are; links are followed.
 *
 * @param input a folder, a pattern, or several of these
 * @throws DataError when a path does not exist or holds no images; OptionsError when `out` holds something already
 */
export async function importFolder(
  input: ImportInput,
  options: ImportOptions,
): Promise<StepResult> {
  await checkOutput(options);
  const { files, rejects: others } = await imageFiles(input);
  const rejects: Reject[] = [...others];
  const rows: ManifestRow[] = [];
  for (const file of files) {
    const { path, name: id } = file;
    const [first, second] = foldersOf(file);
    const domain = DOMAINS.exec(first ?? '');
    const split = SPLIT_WORDS[(domain?.[1] ?? first ?? '').toLowerCase()];
    if (first === undefined) {
      rejects.push({ row: 0, path: id, reason: 'not in a class folder' });
    } else if (domain !== null && split !== undefined) {
      rows.push(newRow({ id, path, labels: { domain: domain[2] ?? '' }, split }));
    } else if (split !== undefined && second !== undefined) {
      rows.push(newRow({ id, path, labels: { class: second }, split }));
    } else {
      rows.push(newRow({ id, path, labels: { class: first } }));
    }
  }
  return await finishImport(options.out, {
    rows,
    rejects,
    source: `folder ${inputName(input)}`,
    licence: options.licence ?? 'not stated',
    labelling: LABELLINGS.folder,
    options: {},
  });
}
