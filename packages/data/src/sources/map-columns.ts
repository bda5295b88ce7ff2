import { OptionsError } from '@janus/core';
import { quoted } from '../manifest/database.js';
import { hasImageEnding } from '../manifest/image-ending.js';
import { FIXED_COLUMNS } from '../manifest/manifest-row.js';
import type { ColumnType } from '../manifest/tables.js';

/** Which column of a table is what. Names match regardless of case. */
export interface TableColumns {
  /** The image's path or address; default: the first of `image`, `path`, `file`, `filename`, `file_name`. */
  readonly imageColumn?: string;
  /** The address that the image is fetched from; default: the first of `url`, `image_url`. */
  readonly urlColumn?: string;
  /** Unique ids; default: `id`, else the path or address itself. */
  readonly idColumn?: string;
  /** The person that is shown; default: `identity`. */
  readonly identityColumn?: string;
  /** The sha256 that the file must have, 64 hexadecimal digits; default: `sha256`. */
  readonly sha256Column?: string;
  /** `train`, `validation` or `test`; default: `split`, where it holds nothing else. */
  readonly splitColumn?: string;
  /** Left side of the box; the four default to `x1`, `y1`, `x2`, `y2` where all of them exist. */
  readonly x1Column?: string;
  /** Top of the box. */
  readonly y1Column?: string;
  /** Right side of the box. */
  readonly x2Column?: string;
  /** Bottom of the box. */
  readonly y2Column?: string;
  /** Unit of the box: pixels, or fractions of the image's width and height; required where there is a box. */
  readonly boxUnit?: 'pixel' | 'fraction';
  /** Columns that become labels; default: all that are nothing else and have a value. */
  readonly labelColumns?: readonly string[];
}

const IMAGE_COLUMNS = ['image', 'path', 'file', 'filename', 'file_name'];
const URL_COLUMNS = ['url', 'image_url'];
const BOX = ['x1', 'y1', 'x2', 'y2'] as const;

/** What the columns of a typed table are; each value is SQL over them. */
export interface ColumnMap {
  /** A path or an address. */
  readonly image?: string;
  /** An address. */
  readonly url?: string;
  /** Default: the path or address, numbered where an image has several boxes. */
  readonly id?: string;
  readonly sha256?: string;
  readonly identity?: string;
  /** A row is rejected where it is not a word for a split. */
  readonly split?: string;
  readonly width?: string;
  readonly height?: string;
  /** x1, y1, x2, y2. */
  readonly box?: readonly [string, string, string, string];
  readonly boxUnit?: 'pixel' | 'fraction';
  readonly labels: readonly MappedLabel[];
  /** The caller's own condition, in SQL over the columns; a row that does not meet it is rejected. */
  readonly where?: string;
}

/** A label column of the manifest. */
interface MappedLabel {
  readonly name: string;
  readonly type: ColumnType;
  readonly value: string;
}

/** What the columns are, and the options to be recorded of that. */
export interface MappedColumns {
  readonly map: ColumnMap;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What {@link mapColumns} must know beside the columns' types. */
interface MapColumnsContext {
  /** The table's name, for messages. */
  readonly name: string;
  readonly columns: TableColumns;
  /** Whether the column `split` holds nothing but words for splits. */
  readonly splitsOnly: boolean;
  /** Columns without a value: not labels, unless named. */
  readonly empty: ReadonlySet<string>;
  readonly where?: string | undefined;
}

/**
 * Returns what each column of a table is: first the columns that the caller names, then those with a usual name;
 * the rest are labels. A label that has the name of a manifest's own column is renamed `source_<name>`.
 *
 * @throws OptionsError when a named column does not exist, there is none with images, or boxes have no unit
 */
export function mapColumns(
  types: ReadonlyMap<string, ColumnType>,
  context: MapColumnsContext,
): MappedColumns {
  const { name, columns, where } = context;
  const known = [...types.keys()];
  const find = (wanted: string): string | undefined =>
    known.find((each) => each === wanted) ??
    known.find((each) => each.toLowerCase() === wanted.toLowerCase());
  const named = (wanted: string, flag: string): string => {
    const found = find(wanted);
    if (found !== undefined) return found;
    throw new OptionsError(
      `${name}: needs a column ${wanted}, but has the columns ${known.join(', ') || '(none)'}. Name the right one (${flag}).`,
    );
  };
  const choose = (
    given: string | undefined,
    flag: string,
    usual: readonly string[],
  ): string | undefined =>
    given === undefined ? usual.map(find).find((each) => each !== undefined) : named(given, flag);

  const image = choose(columns.imageColumn, '--image-column', IMAGE_COLUMNS);
  const url = choose(columns.urlColumn, '--url-column', URL_COLUMNS);
  if (image === undefined && url === undefined) {
    const headless = known.some((each) => /^https?:\/\//i.test(each) || hasImageEnding(each));
    const wayOut = headless
      ? 'Add a header line, such as `image,label`; a plain list has one address or image path a line, and nothing else'
      : 'Name the right one (--image-column, --url-column)';
    throw new OptionsError(
      `${name}: needs a column ${IMAGE_COLUMNS.join(' or ')} or ${URL_COLUMNS.join(' or ')}, but has the columns ${known.join(', ') || '(none)'}. ${wayOut}.`,
    );
  }
  const id = choose(columns.idColumn, '--id-column', ['id']);
  const identity = choose(columns.identityColumn, '--identity-column', ['identity']);
  const sha256 = choose(columns.sha256Column, '--sha256-column', ['sha256']);
  const usualSplit = context.splitsOnly ? ['split'] : [];
  const split = choose(columns.splitColumn, '--split-column', usualSplit);
  const box = boxOf(columns, { choose, name });
  const [width, height] = [find('width'), find('height')];

  const used = new Set([image, url, id, identity, sha256, split, width, height, ...(box ?? [])]);
  const chosen =
    columns.labelColumns?.map((each) => named(each, '--label-columns')) ??
    known.filter((each) => !used.has(each) && !context.empty.has(each));
  const labels = labelsOf(chosen, types);
  const sql = (column: string | undefined): string | undefined =>
    column === undefined ? undefined : quoted(column);
  const parts = { image, url, id, identity, sha256, split, width, height };
  const entries = Object.entries(parts).flatMap(([part, column]) =>
    column === undefined ? [] : [[part, sql(column)] as const],
  );
  const map: ColumnMap = {
    ...Object.fromEntries(entries),
    ...(box === undefined ? {} : { box: quotedBox(box) }),
    ...(columns.boxUnit === undefined || box === undefined ? {} : { boxUnit: columns.boxUnit }),
    ...(where === undefined ? {} : { where }),
    labels,
  };
  const renamed = labels.filter(({ name: label, value }) => quoted(label) !== value);
  const options = {
    columns: Object.fromEntries(
      Object.entries({ ...parts, box }).filter(([, column]) => column !== undefined),
    ),
    boxUnit: box === undefined ? null : (columns.boxUnit ?? null),
    labels: labels.map(({ name: label }) => label),
    ...(renamed.length === 0
      ? {}
      : { renamed: Object.fromEntries(renamed.map(({ name: to, value }) => [value, to])) }),
    ...(where === undefined ? {} : { where }),
  };
  return { map, options };
}

/** Names of the columns of a box. */
type BoxColumns = readonly [string, string, string, string];

function quotedBox([x1, y1, x2, y2]: BoxColumns): BoxColumns {
  return [quoted(x1), quoted(y1), quoted(x2), quoted(y2)];
}

function boxOf(
  columns: TableColumns,
  context: {
    readonly choose: (
      given: string | undefined,
      flag: string,
      usual: readonly string[],
    ) => string | undefined;
    readonly name: string;
  },
): BoxColumns | undefined {
  const { choose, name } = context;
  const [x1, y1, x2, y2] = BOX.map((side) =>
    choose(columns[`${side}Column`], `--${side}-column`, [side]),
  );
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) {
    const given = BOX.find((side) => columns[`${side}Column`] !== undefined);
    if (given === undefined) return undefined;
    throw new OptionsError(
      `${name}: a box has four columns, but only some are named. Add --x1-column, --y1-column, --x2-column and --y2-column.`,
    );
  }
  if (columns.boxUnit === undefined) {
    throw new OptionsError(
      `${name}: has boxes (${[x1, y1, x2, y2].join(', ')}), whose unit must be given. Add --box-unit pixel or --box-unit fraction.`,
    );
  }
  return [x1, y1, x2, y2];
}

/** Returns columns as labels, renamed where a manifest has a column of its own by that name. */
function labelsOf(
  names: readonly string[],
  types: ReadonlyMap<string, ColumnType>,
): readonly MappedLabel[] {
  const fixed = new Set(Object.keys(FIXED_COLUMNS).map((each) => each.toLowerCase()));
  const taken = new Set(names.map((each) => each.toLowerCase()));
  return names.map((column) => {
    let name = column;
    while (fixed.has(name.toLowerCase()) || (name !== column && taken.has(name.toLowerCase()))) {
      name = `source_${name}`;
    }
    return { name, type: types.get(column) ?? 'VARCHAR', value: quoted(column) };
  });
}
