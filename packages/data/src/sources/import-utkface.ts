import { basename } from 'node:path';
import { type ManifestRow, newRow } from '../manifest/manifest-row.js';
import type { Reject } from '../manifest/manifest.js';
import type { StepResult } from '../manifest/dataset-record.js';
import type { Cell } from '../manifest/cell.js';
import { checkOutput, finishImport, type ImportOptions } from './importing.js';
import type { ImportInput } from './inputs.js';
import { LABELLINGS } from './labellings.js';
import { imageFiles } from './image-files.js';

const GENDERS = ['male', 'female'];
const RACES = ['White', 'Black', 'Asian', 'Indian', 'Others'];

/** Highest age in years that counts: that of the oldest person on record. */
const OLDEST = 122;

/**
 * Imports UTKFace (Zhang, Song and Qi 2017): images named `[age]_[gender]_[race]_[date].jpg` or `.jpg.chip.jpg`. Labels:
 * `age` in years, `gender` and `race` in the data set's words.
 *
 * @param input a folder, a pattern, or several of these
 * @throws DataError when a path does not exist or holds no image with such a name; OptionsError when `out` holds
 * something already
 */
export async function importUtkface(
  input: ImportInput,
  options: ImportOptions,
): Promise<StepResult> {
  await checkOutput(options);
  const { files, rejects: others } = await imageFiles(input);
  const rejects: Reject[] = [...others];
  const rows: ManifestRow[] = [];
  for (const { path, name } of files) {
    const labels = labelsOf(basename(name));
    if (typeof labels === 'string') rejects.push({ row: 0, path: name, reason: labels });
    else rows.push(newRow({ id: name, path, labels }));
  }
  return await finishImport(options.out, {
    rows,
    rejects,
    source: 'UTKFace (Zhang, Song and Qi 2017)',
    licence: options.licence ?? 'non-commercial research; images belong to their owners',
    labelling: LABELLINGS.utkface,
    options: {},
  });
}

/** Returns the labels in a file name, or why there are none. */
function labelsOf(name: string): Readonly<Record<string, Cell>> | string {
  const [age = '', gender = '', race = '', date = '', ...more] = name.split('_');
  if (date === '' || more.length > 0) return 'name has not four fields';
  if (!/^\d+$/.test(age) || Number(age) > OLDEST) return 'age is not a number of years';
  if (!/^[01]$/.test(gender)) return 'gender is not 0 or 1';
  if (!/^[0-4]$/.test(race)) return 'race is not 0 to 4';
  if (!/^\d{8}/.test(date)) return 'name has no date';
  return {
    age: Number(age),
    gender: GENDERS[Number(gender)] ?? null,
    race: RACES[Number(race)] ?? null,
  };
}
