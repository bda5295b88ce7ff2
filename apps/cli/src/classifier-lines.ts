/** The evaluation of a classifier as lines for a person. */
import {
  countText,
  evaluatedImagesText,
  intervalText,
  numberFiguresText,
  percentText,
  type BaselineRecord,
  type CalibrationRecord,
  type ClassifierEvaluation,
  type ComparisonRecord,
  type Interval,
  type OtherData,
  type RobustnessRecord,
  type SliceFrame,
  type SlicesRecord,
} from '@janus/core';

/** Groups that a frame shows: the worst. */
const SHOWN_CELLS = 3;

/** Columns that are shown, and crossed ones: those whose groups differ most. */
const SHOWN_COLUMNS = 4;
const SHOWN_CROSSED = 2;

/** Returns the lines that `janus evaluate` prints of a classifier. */
export function classifierLines(evaluation: ClassifierEvaluation): readonly string[] {
  const { accuracy, balancedAccuracy, majority, perClass, n, split, images } = evaluation;
  const { data, ranking, calibration, slices, robustness, against, baseline } = evaluation;
  // Classes without an image have no recall to average.
  const chance = 1 / Object.keys(perClass).length;
  const number = numberFiguresText(evaluation);
  return [
    ...(number === undefined ? [] : [`number             ${number}`]),
    `accuracy           ${intervalText(accuracy)}, n = ${n} (${split}); always naming the commonest class: ${percentText(majority)}`,
    `balanced accuracy  ${intervalText(balancedAccuracy)}; chance ${percentText(chance)}: ${chanceText(balancedAccuracy, chance)}`,
    ...(ranking === undefined
      ? []
      : [
          `area under ROC     ${intervalText(ranking.auc)}; average precision ${intervalText(ranking.averagePrecision)}`,
        ]),
    ...Object.entries(perClass).map(
      ([name, each]) =>
        `  ${name.padEnd(16)} recall ${intervalText(each.recall)}, precision ${each.precision === undefined ? 'none' : percentText(each.precision)}${each.f1 === undefined ? '' : `, F1 ${percentText(each.f1)}`}, n = ${each.n}`,
    ),
    ...(images === undefined ? [] : [`  images: ${evaluatedImagesText(images, n)}`]),
    ...(data === undefined ? [] : otherDataLines(data)),
    ...(calibration === undefined ? [] : calibrationLines(calibration, split)),
    ...(baseline === undefined ? [] : baselineLines(baseline)),
    ...(against === undefined ? [] : comparisonLines(against)),
    ...(slices === undefined ? [] : sliceLines(slices)),
    ...(robustness === undefined ? [] : robustnessLines(robustness, majority)),
  ];
}

/** Says where an interval lies from what chance gives. */
function chanceText({ low, high }: Interval, chance: number): string {
  if (low > chance) return 'above it';
  return high < chance ? 'below it' : 'not told apart from it';
}

function otherDataLines({ name, column, classes, missing, unknown }: OtherData): string[] {
  const pairs = Object.entries(classes).map(([own, other]) =>
    own === other ? own : `${own} is ${other}`,
  );
  const left = Object.entries(unknown).map(([value, count]) => `${value} (${count})`);
  return [
    `  data: ${name}, ${column}: ${pairs.join(', ')}`,
    ...(missing.length === 0 ? [] : [`  classes without an image there: ${missing.join(', ')}`]),
    ...(left.length === 0
      ? []
      : [`  left out, since the run has no such class: ${left.join(', ')}`]),
  ];
}

function calibrationLines(calibration: CalibrationRecord, split: string): string[] {
  const { error, brier, logLoss, temperature, before } = calibration;
  const measures = `calibration error  ${percentText(error)} (15 bins of equal width), Brier score ${brier.toFixed(3)}, log loss ${logLoss.toFixed(3)} nats`;
  if (temperature === undefined || before === undefined) {
    return [`${measures}; probabilities as the network gives them`];
  }
  return [
    measures,
    `  after temperature ${temperature.value.toFixed(2)}, fitted on ${temperature.n} ${temperature.split} images${temperature.split === split ? ', these' : ''}; before: ${percentText(before.error)}, ${before.brier.toFixed(3)}, ${before.logLoss.toFixed(3)} nats`,
  ];
}

const pText = (p: number): string => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`);

const pointsText = ({ value, low, high }: Interval): string =>
  `${(100 * value).toFixed(1)} points [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;

function baselineLines({ columns, accuracy, balancedAccuracy, comparison }: BaselineRecord) {
  return [
    `labels alone (${columns.join(', ')}): accuracy ${intervalText(accuracy)}, balanced ${intervalText(balancedAccuracy)}, n = ${comparison.n}`,
    `  the run less that: ${pointsText(comparison.difference)}; right alone ${comparison.onlyFirst} and ${comparison.onlySecond}, McNemar ${pText(comparison.p)}`,
  ];
}

function comparisonLines(against: ComparisonRecord): readonly string[] {
  const { other, n, accuracy, otherAccuracy, difference, onlyFirst, onlySecond, p } = against;
  return [
    `against ${other}, n = ${n} common images: ${intervalText(accuracy)} and ${intervalText(otherAccuracy)}`,
    `  difference ${pointsText(difference)}; right alone ${onlyFirst} and ${onlySecond}, McNemar ${pText(p)}`,
  ];
}

function sliceLines({ minCell, frames, leftOut }: SlicesRecord): readonly string[] {
  const compared = frames
    .filter(({ difference }) => difference !== undefined)
    .sort(
      (a, b) => (a.p ?? 1) - (b.p ?? 1) || (b.difference?.value ?? 0) - (a.difference?.value ?? 0),
    );
  const shown = [
    ...compared.filter(({ columns }) => columns.length === 1).slice(0, SHOWN_COLUMNS),
    ...compared.filter(({ columns }) => columns.length > 1).slice(0, SHOWN_CROSSED),
  ];
  const more = compared.length - shown.length;
  return [
    `by groups of at least ${minCell} images (p: whether groups differ more than by chance, corrected for ${compared.length} comparisons)`,
    ...shown.flatMap(frameLines),
    ...(more > 0 ? [`  and ${more} more comparisons: evaluation.json`] : []),
    ...(leftOut.length === 0
      ? []
      : [
          `  no groups: ${leftOut.map(({ column, reason }) => `${column} (${reason})`).join(', ')}`,
        ]),
  ];
}

function frameLines({ columns, cells, difference, ratio, p }: SliceFrame): readonly string[] {
  const measured = cells.flatMap(({ values, n, accuracy, majority }) =>
    accuracy === undefined ? [] : [{ values, n, accuracy, majority }],
  );
  const worst = [...measured].sort((a, b) => a.accuracy.value - b.accuracy.value);
  const small = cells.length - measured.length;
  return [
    `  ${columns.join(' x ')}: ${difference === undefined ? '' : `difference ${pointsText(difference)}`}${ratio === undefined ? '' : `, ratio ${ratio.toFixed(3)}`}${p === undefined ? '' : `, ${pText(p)}`}${small === 0 ? '' : `; ${small} groups too small`}`,
    ...worst
      .slice(0, SHOWN_CELLS)
      .map(
        ({ values, n, accuracy, majority }) =>
          `    ${values.join(', ').padEnd(16)} ${intervalText(accuracy)}, n = ${n}${majority === undefined ? '' : `; commonest class ${percentText(majority)}`}`,
      ),
    ...(worst.length > SHOWN_CELLS ? [`    and ${worst.length - SHOWN_CELLS} better ones`] : []),
  ];
}

function robustnessLines(
  { n, size, unchanged, rows }: RobustnessRecord,
  majority: number,
): readonly string[] {
  const changes = [...new Set(rows.map(({ change }) => change))];
  return [
    `on images made worse at ${size} px, n = ${countText(n)}: unchanged ${intervalText(unchanged)}; always naming the commonest class: ${percentText(majority)}`,
    ...changes.map((change) => {
      const own = rows.filter((row) => row.change === change);
      const each = own.map(
        ({ strength, accuracy }) => `${strength}: ${percentText(accuracy.value)}`,
      );
      return `  ${change.padEnd(10)} ${each.join(', ')}`;
    }),
  ];
}
