import { OptionsError } from '@janus/core';
import { quoted } from '../manifest/database.js';
import type { StepResult } from '../manifest/dataset-record.js';
import { rootsOf, tableFiles } from './import-csv.js';
import { importTables } from './import-tables.js';
import { checkOutput, type ImportOptions } from './importing.js';
import { inputName, type ImportInput } from './inputs.js';
import { LABELLINGS } from './labellings.js';
import { loadTables } from '../tables/load-tables.js';

/** Columns of `DiF_v1.csv`, which has no header: id, address, size, box, 68 points, 47 codings. */
const COLUMNS = 191;
const FIRST_CODING = 144;

/** Meanings of the columns before the codings. */
type DifColumn = 'photo' | 'url' | 'width' | 'height' | 'x1' | 'y1' | 'x2' | 'y2';

/** Their numbers in the published table. */
const USUAL: Readonly<Record<DifColumn, number>> = {
  photo: 0,
  url: 1,
  width: 2,
  height: 3,
  x1: 4,
  y1: 5,
  x2: 6,
  y2: 7,
};

/** Options of {@link importDif}. */
export interface ImportDifOptions extends ImportOptions {
  /**
   * Column numbers by label, 144 to 190, counted from 0. There is no default, since it is not documented publicly which
   * coding is which.
   */
  readonly codings: Readonly<Record<string, number>>;
  /** Numbers of columns that differ from photo=0, url=1, width=2, height=3, x1=4 to y2=7. */
  readonly columns?: Readonly<Partial<Record<DifColumn, number>>>;
  /** Unit of the boxes: pixels of the original image (default, as published), or fractions of its sides. */
  readonly boxUnit?: 'pixel' | 'fraction';
}

/** Returns the quoted name that a column without a header gets. */
const column = (number: number): string => quoted(`c${number}`);

/**
 * Imports Diversity in Faces (Merler et al. 2019): a table without a header, with one line per face. An image with
 * several boxes becomes several rows. Images are addresses for `fetchDataset`, boxes are for `cropDataset`; the
 * landmarks are left out.
 *
 * @param input the table, a folder of tables, a pattern, or several of these
 * @throws DataError when a file does not exist, or has no usable row; OptionsError when no coding is named, a column
 * number is out of range, or `out` holds something already
 */
export async function importDif(
  input: ImportInput,
  options: ImportDifOptions,
): Promise<StepResult> {
  const entries = Object.entries(options.codings);
  const range = `${FIRST_CODING} to ${COLUMNS - 1}`;
  if (entries.length === 0) {
    throw new OptionsError(
      `${inputName(input)}: needs to know which columns are labels, since the table has no header. Give their numbers, ${range} counted from 0: --coding age=<n>,gender=<n>.`,
    );
  }
  for (const [name, number] of entries) {
    if (!Number.isInteger(number) || number < FIRST_CODING || number >= COLUMNS) {
      throw new OptionsError(
        `--coding: ${name} must be a column from ${range}, counted from 0, but got ${number}. See the data set's own description.`,
      );
    }
  }
  const { boxUnit = 'pixel' } = options;
  const at = placesOf(options.columns);
  await checkOutput(options);
  const files = await tableFiles(input);
  const numbers = [...Object.values(at), ...entries.map(([, number]) => number)];
  const { result } = await importTables(options.out, {
    load: async (connection, work) =>
      await loadTables(connection, files, {
        work,
        columns: COLUMNS,
        delimiter: ',',
        keep: [...new Set(numbers)].map((number) => `c${number}`),
      }),
    map: (_, { typed }) => ({
      map: {
        url: column(at.url),
        width: column(at.width),
        height: column(at.height),
        box: [column(at.x1), column(at.y1), column(at.x2), column(at.y2)],
        boxUnit,
        labels: [
          { name: 'photo', type: 'VARCHAR', value: `CAST(${column(at.photo)} AS VARCHAR)` },
          ...entries.map(([name, number]) => ({
            name,
            type: typed.columns.get(`c${number}`) ?? ('VARCHAR' as const),
            value: column(number),
          })),
        ],
      },
      options: { codings: options.codings, columns: at, boxUnit },
    }),
    roots: rootsOf(files),
    history: {
      source: 'Diversity in Faces (Merler et al. 2019)',
      licence: options.licence ?? "as IBM's agreement says; images Creative Commons",
      labelling: LABELLINGS.dif,
    },
  });
  return result;
}

function placesOf(
  given: Readonly<Partial<Record<string, number>>> = {},
): Readonly<Record<DifColumn, number>> {
  for (const [meaning, number = -1] of Object.entries(given)) {
    if (!Object.hasOwn(USUAL, meaning)) {
      throw new OptionsError(
        `--columns: must be of ${Object.keys(USUAL).join(', ')}, but got ${meaning}. Write for example --columns url=1; labels are named by --coding.`,
      );
    }
    if (!Number.isInteger(number) || number < 0 || number >= COLUMNS) {
      throw new OptionsError(
        `--columns: ${meaning} must be a column from 0 to ${COLUMNS - 1}, counted from 0, but got ${number}. A table with a header is imported as csv.`,
      );
    }
  }
  return { ...USUAL, ...given };
}
