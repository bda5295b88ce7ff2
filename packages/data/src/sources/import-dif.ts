import { OptionsError } from '@janus/core';
import { quoted } from '../manifest/database.js';
import type { StepResult } from '../manifest/dataset-record.js';
import { rootsOf, tableFiles } from './import-csv.js';
import { importTables } from './import-tables.js';
import { checkOutput, type ImportOptions } from './importing.js';
import { inputName, type ImportInput } from './inputs.js';
import { LABELLINGS } from './labellings.js';
import { loadTables } from '../tables/load-tables.js';

/** Columns of `DiF_v1.csv`, which names none: id, address, size, box, 68 points, 47 codings. */
const COLUMNS = 191;
const FIRST_CODING = 144;

/** What columns before the codings mean. */
type DifColumn = 'photo' | 'url' | 'width' | 'height' | 'x1' | 'y1' | 'x2' | 'y2';

/** Where they stand in the published table. */
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
   * Labels by the number of their column, 144 to 190, counted from 0. No default: which coding is which
   * is not established in public.
   */
  readonly codings: Readonly<Record<string, number>>;
  /** Numbers of columns that stand elsewhere than photo=0, url=1, width=2, height=3, x1=4 to y2=7. */
  readonly columns?: Readonly<Partial<Record<DifColumn, number>>>;
  /** Default `pixel`, as published: of the original image. */
  readonly boxUnit?: 'pixel' | 'fraction';
}

/** The name of a column without one. */
const column = (number: number): string => quoted(`c${number}`);

/**
 * Imports Diversity in Faces (Merler et al. 2019): its table without a header, a line a face, boxes in
 * pixels of the original image. An image with several boxes is several rows. Images are addresses,
 * for `fetch`; boxes are for `crop`; the landmarks are left out.
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
  const { boxUnit = 'pixel' } = options;
  const at = placesOf(options.columns);
  await checkOutput(options);
  const files = await tableFiles(input);
  const numbers = [...Object.values(at), ...entries.map(([, number]) => number)];
  return await importTables(options.out, {
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
