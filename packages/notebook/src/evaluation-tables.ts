/** An evaluation as tables: no number without its n and, where it has one, its interval. */
import type {
  AttributesEvaluation,
  ClassifierEvaluation,
  CutEvaluation,
  CycleGanEvaluation,
  DirectionEvaluation,
  DriftedImages,
  Evaluation,
  Interval,
  NamedDirection,
  TranslationEvaluation,
} from '@janus/core';
import {
  directionsOf,
  driftOf,
  intervalText,
  numberFiguresText,
  percentText,
  reconstructionRows,
} from '@janus/core';
import type { Table } from './table.js';

/** Returns whether a value is what an evaluation returned. */
export const isEvaluation = (value: object): value is Evaluation =>
  'kind' in value &&
  'split' in value &&
  ['classifier', 'targets', 'cyclegan', 'cut', 'stargan', 'icgan'].includes(value.kind as string);

/** Returns an evaluation as tables: one per target, or one of both directions. */
export function evaluationTables(evaluation: Evaluation): readonly Table[] {
  switch (evaluation.kind) {
    case 'classifier':
      return [classifierTable(evaluation)];
    case 'targets':
      return Object.values(evaluation.targets).map(classifierTable);
    case 'cyclegan':
      return [translationTable(evaluation)];
    case 'cut':
    case 'stargan':
    case 'icgan':
      return [
        ...directionsOf(evaluation).map((direction) => directionTable(direction, evaluation)),
        ...reconstructionTables(evaluation),
      ];
  }
}

const COLUMNS = ['measure', 'value', 'n'] as const;

function classifierTable(evaluation: ClassifierEvaluation): Table {
  const { target, split, n, accuracy, balancedAccuracy, majority, perClass } = evaluation;
  const { calibrationError, intervalMethod, data } = evaluation;
  const where = data === undefined ? split : `${split} of ${data.name}`;
  const ofNumber = numberFiguresText(evaluation);
  return {
    title: `${target}, ${where}`,
    columns: COLUMNS,
    rows: [
      ['accuracy', intervalText(accuracy), n],
      ['balanced accuracy', intervalText(balancedAccuracy), n],
      ['always naming the commonest class', percentText(majority), n],
      ['expected calibration error', percentText(calibrationError), n],
      ...Object.entries(perClass).map(([name, each]) => [
        `recall of ${name}`,
        intervalText(each.recall),
        each.n,
      ]),
    ],
    note: [...(ofNumber === undefined ? [] : [ofNumber]), `Intervals: ${intervalMethod}.`].join(
      '. ',
    ),
  };
}

/** The table of one direction. */
function directionTable(
  { from, to, result }: NamedDirection,
  evaluation: TranslationEvaluation,
): Table {
  return {
    title: `${from} to ${to}, ${evaluation.split}`,
    columns: ['measure', `${from} to ${to}`],
    rows: [['images', result.n], ...Object.entries(measuresOf(result))],
    note: judgedNote(evaluation),
  };
}

/** The table of faces that were made again without a change, of a run that does. */
function reconstructionTables(evaluation: CutEvaluation | AttributesEvaluation): readonly Table[] {
  if (!('changes' in evaluation) || evaluation.reconstructions === undefined) return [];
  const { n } = evaluation.reconstructions;
  const [columns = [], ...rows] = reconstructionRows(evaluation.reconstructions);
  return [{ title: `made again without a change, ${evaluation.split}, n = ${n}`, columns, rows }];
}

function translationTable({ domains, split, judge, xToY, yToX }: CycleGanEvaluation): Table {
  const { x, y } = domains;
  const [there, back] = [measuresOf(xToY), measuresOf(yToX)];
  return {
    title: `${x} to ${y}, and back, ${split}`,
    columns: ['measure', `${x} to ${y}`, `${y} to ${x}`],
    rows: [
      ['images', xToY.n, yToX.n],
      ...Object.keys({ ...there, ...back }).map((name) => [name, there[name], back[name]]),
    ],
    note: judgedNote({ judge }),
  };
}

const judgedNote = ({ judge }: Pick<TranslationEvaluation, 'judge'>): string =>
  judge === 'none'
    ? 'No classifier judged.'
    : 'Judged by a classifier that did not see these images.';

/** Returns what is known of a direction, as text by name. */
function measuresOf(direction: DirectionEvaluation): Readonly<Record<string, string | undefined>> {
  const { judgedAsTarget, originalsJudgedAsTarget, cycleL1, changeL1, kid } = direction;
  const { twinError, cycle, twins } = direction;
  const known: Record<string, string | undefined> = {
    'judged as target': judgedAsTarget && intervalText(judgedAsTarget),
    'originals judged as target': originalsJudgedAsTarget && intervalText(originalsJudgedAsTarget),
    'kernel distance': kid && rangedText(kid),
    'kernel distance of the originals': kid?.originals.toFixed(3),
    'twin error, features': twinError?.features?.toFixed(2),
    'twin error, pixels':
      twinError && rangedText({ value: twinError.pixels, ...twinError.ranges.pixels }),
    'change (0 to 2)': changeL1.toFixed(3),
    'cycle error (0 to 2)': cycleL1?.toFixed(3),
    'cycle SSIM': cycle?.ssim?.toFixed(3),
    ...driftTexts(direction, 'changed'),
    ...(twins && driftTexts(twins, 'changed, twins')),
  };
  return Object.fromEntries(Object.entries(known).filter(([, text]) => text !== undefined));
}

/** Returns the share of images of which each attribute changed, by what it is called. */
function driftTexts(images: DriftedImages, what: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(images.drift ?? {}).flatMap((attribute) => {
      const share = driftOf(images, attribute);
      return share === undefined ? [] : [[`${attribute} ${what}`, intervalText(share)]];
    }),
  );
}

/** Returns a plain number with its interval, where it has one. */
const rangedText = ({ value, low, high }: Pick<Interval, 'value'> & Partial<Loose>): string =>
  low === undefined || high === undefined
    ? value.toFixed(3)
    : `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;

interface Loose {
  readonly low: number | undefined;
  readonly high: number | undefined;
}
