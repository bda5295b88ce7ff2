/** The measures of a translation as lines for a person. */
import {
  directionsOf,
  evaluatedImagesText,
  measureNotes,
  measureRows,
  reconstructionRows,
  translationVerdict,
  type MeasureRow,
  type NamedDirection,
  type TranslationEvaluation,
} from '@janus/core';

/** Returns the lines that `janus evaluate` prints of a translation: a table a direction, and what it means. */
export function translationLines(evaluation: TranslationEvaluation): readonly string[] {
  const { judge } = evaluation;
  return [
    ...directionsOf(evaluation).flatMap((direction, i) => [
      ...(i === 0 ? [] : ['']),
      ...directionLines(direction, evaluation),
    ]),
    ...reconstructionLines(evaluation),
    ...(judge === 'none'
      ? ['Name a classifier run with --judge to measure how often the fakes have the other value.']
      : []),
  ];
}

/** Returns the lines about how faces are made again, of a run that does. */
function reconstructionLines(evaluation: TranslationEvaluation): readonly string[] {
  if (!('changes' in evaluation) || evaluation.reconstructions === undefined) return [];
  const { reconstructions } = evaluation;
  const rows = alignedLines(reconstructionRows(reconstructions)).map((line) => `  ${line}`);
  return ['', `made again without a change, n = ${reconstructions.n}`, ...rows];
}

function directionLines(
  { from, to, result: direction }: NamedDirection,
  { features }: TranslationEvaluation,
): readonly string[] {
  const { n, images } = direction;
  return [
    `${from} to ${to}, n = ${n}`,
    ...tableLines(measureRows(direction, { to, features })).map((line) => `  ${line}`),
    ...(images === undefined ? [] : [`  Images: ${evaluatedImagesText(images, n)}.`]),
    ...measureNotes(direction).map((note) => `  ${note}`),
    `  ${translationVerdict(direction, { to })}`,
  ];
}

/** Columns of the table after the measure's name. */
const COLUMNS = ['fakes', 'originals', 'twins'] as const;

/** Returns rows below one another, without the columns that none of them fills. */
function tableLines(rows: readonly MeasureRow[]): readonly string[] {
  const columns = COLUMNS.filter((key) => rows.some((row) => row[key] !== undefined));
  const cells = [
    ['measure', ...columns],
    ...rows.map((row) => [row.measure, ...columns.map((key) => row[key] ?? '')]),
  ];
  return alignedLines(cells);
}

/** Returns cells below one another, by row. */
function alignedLines(cells: readonly (readonly string[])[]): readonly string[] {
  const widths = cells[0]?.map((_, c) => Math.max(...cells.map((line) => line[c]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((cell, c) => cell.padEnd(widths?.[c] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
