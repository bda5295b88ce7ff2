import { OptionsError } from '@janus/core';
import { quoted } from '../manifest/database.js';
import type { StepResult } from '../manifest/manifest.js';
import { rootsOf, tableFiles } from './import-csv.js';
import { importTables } from './import-tables.js';
import { checkOutput, type ImportOptions } from './importing.js';
import { inputName, type ImportInput } from './inputs.js';
import { LABELLINGS } from './labellings.js';
import { loadTables } from './load-tables.js';

/** Columns of `DiF_v1.csv`, which names none: id, address, size, box, 68 points, 47 codings. */
const COLUMNS = 191;
const FIRST_CODING = 144;

/** Options of {@link importDif}. */
export interface ImportDifOptions extends ImportOptions {
  /**
   * Labels by the number of their column, 144 to 190, counted from 0. No default: which coding is which
   * is not established in public.
   */
  readonly codings: Readonly<Record<string, number>>;
}

/** The name of a column without one. */
const column = (number: number): string => quoted(`c${number}`);

/**
 * Imports Diversity in Faces (Merler et al. 2019): its table without a header, a line a face, boxes in
 * pixels of the original picture. A picture with several boxes is several rows. Pictures are addresses,
 * for `fetch`; boxes are for `crop`.
 *
 * @throws DataError when the file does not exist or has no such row; OptionsError when no coding is
 * named, or one is none of the table's
 */
export async function importDif(
  input: ImportInput,
  options: ImportDifOptions,
): Promise<StepResult> {
  const entries = Object.entries(options.codings);
  const range = `${FIRST_CODING} to ${COLUMNS - 1}`;
  if (entries.length === 0) {
    throw new OptionsError(
      `${inputName(input)}: needs to know which columns are labels, since the table has no header. Say it by number, ${range} counted from 0: --coding age=<n>,gender=<n>.`,
    );
  }
  for (const [name, number] of entries) {
    if (!Number.isInteger(number) || number < FIRST_CODING || number >= COLUMNS) {
      throw new OptionsError(
        `--coding: ${name} must be a column from ${range}, counted from 0, but got ${number}. See the data set's own description.`,
      );
    }
  }
  await checkOutput(options);
  const files = await tableFiles(input);
  const numbers = [0, 1, 2, 3, 4, 5, 6, 7, ...entries.map(([, number]) => number)];
  return await importTables(options.out, {
    load: async (connection, work) =>
      await loadTables(connection, files, {
        work,
        columns: COLUMNS,
        delimiter: ',',
        keep: [...new Set(numbers)].map((number) => `c${number}`),
      }),
    plan: (types) => ({
      plan: {
        url: column(1),
        width: column(2),
        height: column(3),
        box: [column(4), column(5), column(6), column(7)],
        boxUnit: 'pixel',
        labels: [
          { name: 'photo', type: 'VARCHAR', value: `CAST(${column(0)} AS VARCHAR)` },
          ...entries.map(([name, number]) => ({
            name,
            type: types.get(`c${number}`) ?? ('VARCHAR' as const),
            value: column(number),
          })),
        ],
      },
      options: { codings: options.codings, boxUnit: 'pixel' },
    }),
    roots: rootsOf(files),
    story: {
      source: 'Diversity in Faces (Merler et al. 2019)',
      licence: options.licence ?? "as IBM's agreement says; pictures Creative Commons",
      labelling: LABELLINGS.dif,
    },
  });
}
