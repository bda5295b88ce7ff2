/** Label columns as the numbers that a conditional generator takes. */
import { OptionsError, type AttributeCode, type CodedClass } from '@janus/core';
import { keptRows, type Dataset, type ManifestRow } from '@janus/data';
import { attributesOf } from '../pretrain/attributes.js';

/** The value that stands for not having something. */
const ABSENT = 'none';

/**
 * Returns the codes of label columns. A column that knows `none` has two classes, none and any other value, as in
 * `glasses=1`; any other has a class a value.
 *
 * @throws OptionsError when there is no column of a name, or one is named twice; DataError when a column has fewer than two
 * values
 */
export function codesOf(dataset: Dataset, columns: readonly string[]): readonly AttributeCode[] {
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined || columns.length === 0) {
    throw new OptionsError(
      `--attributes: must be different label columns, but got ${columns.join(',') || 'none'}. Name each once.`,
    );
  }
  const rows = keptRows(dataset);
  return attributesOf(dataset, columns).map(({ name: column, classes }) => {
    const countOf = (value: string): number =>
      rows.filter(({ labels }) => labels[column] === value).length;
    const single = (value: string): CodedClass => ({ title: value, values: [value] });
    if (!classes.includes(ABSENT)) return { column, classes: classes.map(single) };
    const others = classes
      .filter((value) => value !== ABSENT)
      .sort((a, b) => countOf(b) - countOf(a));
    return {
      column,
      classes: [single(ABSENT), { title: others.join(' or '), values: others }],
    };
  });
}

/** How many numbers a code has. */
const widthOf = ({ classes }: AttributeCode): number => (classes.length === 2 ? 1 : classes.length);

/** Returns how many numbers codes have together. */
export const labelsOf = (codes: readonly AttributeCode[]): number =>
  codes.reduce((sum, code) => sum + widthOf(code), 0);

/** Returns the numbers of a class. */
function numbersOf(code: AttributeCode, chosen: number): readonly number[] {
  return widthOf(code) === 1 ? [chosen] : code.classes.map((_, i) => (i === chosen ? 1 : 0));
}

/** Returns the class of a row; -1 where it has no value. */
export const classOf = ({ labels }: ManifestRow, { column, classes }: AttributeCode): number =>
  classes.findIndex(({ values }) => values.some((value) => value === labels[column]));

/** Returns the numbers of a row, one code after the other; undefined where it lacks a value. */
export function codeOfRow(
  row: ManifestRow,
  codes: readonly AttributeCode[],
): readonly number[] | undefined {
  const chosen = codes.map((code) => classOf(row, code));
  return chosen.includes(-1)
    ? undefined
    : codes.flatMap((code, i) => numbersOf(code, chosen[i] ?? 0));
}

/** What an attribute is to become: its code's place, and the class. */
export interface WantedClass {
  readonly code: number;
  readonly chosen: number;
}

/**
 * Returns what `{ glasses: '1', hair_colour: 'blond' }` asks for. A class is named by one of its values; of two, also by 0
 * and 1.
 *
 * @throws OptionsError when a column is not among the codes, or a class not among its own
 */
export function wantedOf(
  codes: readonly AttributeCode[],
  set: Readonly<Record<string, string>>,
): readonly WantedClass[] {
  return Object.entries(set).map(([column, value]) => {
    const code = codes.findIndex((each) => each.column === column);
    const { classes = [] } = codes[code] ?? {};
    const named = classes.findIndex(({ title, values }) => [title, ...values].includes(value));
    const chosen = named < 0 && classes.length === 2 ? ['0', '1'].indexOf(value) : named;
    if (code < 0) {
      throw new OptionsError(
        `--set: must name attributes of the run (${codes.map((each) => each.column).join(', ')}), but got ${column}. Name one of these.`,
      );
    }
    if (chosen < 0) {
      const known = classes.flatMap(({ values }) => values).join(', ');
      throw new OptionsError(
        `--set: ${column} must be ${known}${classes.length === 2 ? ', 0 or 1' : ''}, but got ${value}. Name one of these.`,
      );
    }
    return { code, chosen };
  });
}

/**
 * Returns the numbers that images are to have: what they are told to have now, with some classes instead.
 *
 * @param logits float32 [N, L]: what a network tells of them, above 0 where they have it
 */
export function numbersToHave(
  codes: readonly AttributeCode[],
  logits: Float32Array,
  wanted: readonly WantedClass[],
): Float32Array {
  const width = labelsOf(codes);
  const made = new Float32Array(logits.length);
  for (let from = 0; from < logits.length; from += width) {
    let at = from;
    for (const [i, code] of codes.entries()) {
      const told = logits.subarray(at, at + widthOf(code));
      const own = told.length === 1 ? Number((told[0] ?? 0) > 0) : told.indexOf(Math.max(...told));
      const chosen = wanted.find((each) => each.code === i)?.chosen ?? own;
      made.set(numbersOf(code, chosen), at);
      at += told.length;
    }
  }
  return made;
}
