import {
  countText,
  OptionsError,
  type ClassRanking,
  type CurvePoint,
  type Interval,
  type RankingRecord,
} from '@janus/core';
import type { Figure, Trace } from './figure.js';
import { plainText } from './text.js';
import { axis, layoutOf, PALETTE, rateAxis, SERIES_COLOURS, withOpacity } from './theme.js';

/** Options of {@link rocFigure} and {@link precisionRecallFigure}. */
export interface RankingFigureOptions {
  /** Default: says what the figure shows. */
  readonly title?: string;
  /** Images of each class. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Classes in colour; those that are ranked better than these are grey. */
const MOST_COLOURED = SERIES_COLOURS.length;

/** A class with how it is ranked and drawn. */
interface ClassCurve {
  readonly name: string;
  readonly ranking: ClassRanking;
  readonly colour: string | undefined;
}

/** Returns the classes in their order, with colours for those that are ranked worst. */
function curvesOf(
  { perClass }: RankingRecord,
  worst: (ranking: ClassRanking) => number,
): readonly ClassCurve[] {
  const entries = Object.entries(perClass);
  if (entries.length === 0) {
    throw new OptionsError(
      'rankingFigure: the ranking must hold a class, but got none. Evaluate a run whose split has images of two classes.',
    );
  }
  const coloured = [...entries]
    .sort(([, a], [, b]) => worst(a) - worst(b))
    .slice(0, MOST_COLOURED)
    .map(([name]) => name);
  const inOrder = entries.filter(([name]) => coloured.includes(name)).map(([name]) => name);
  return entries.map(([name, ranking]) => ({
    ...{ name, ranking },
    colour: SERIES_COLOURS[inOrder.indexOf(name)],
  }));
}

/** What a curve shows of each class. */
interface Shown {
  /** Points of the curve. */
  readonly points: (curve: ClassCurve) => readonly CurvePoint[];
  /** What the legend says of a class: `AUC 0.981`. */
  readonly area: (curve: ClassCurve) => string;
  /** What the axes are, for the pointer. */
  readonly names: readonly [x: string, y: string];
  /** How points are joined. */
  readonly shape: 'linear' | 'vh';
}

function tracesOf(curves: readonly ClassCurve[], shown: Shown): readonly Trace[] {
  const { points, area, names, shape } = shown;
  // Grey ones first: they lie behind.
  const sorted = [...curves].sort(
    (a, b) => Number(a.colour !== undefined) - Number(b.colour !== undefined),
  );
  return sorted.map((curve) => ({
    type: 'scatter',
    mode: 'lines',
    name: plainText(`${curve.name} (${area(curve)})`),
    showlegend: curve.colour !== undefined,
    x: points(curve).map(([x]) => x),
    y: points(curve).map(([, y]) => y),
    line: {
      shape,
      color: curve.colour ?? withOpacity(PALETTE.grey, 0.5),
      width: curve.colour === undefined ? 1.2 : 2.2,
    },
    hovertemplate: `${names[0]} %{x:.1%}<br>${names[1]} %{y:.1%}<extra>%{fullData.name}</extra>`,
  }));
}

const total = (counts: RankingFigureOptions['counts']): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);

const areaText = ({ value, low, high }: Interval): string =>
  `${value.toFixed(3)} (95 % interval ${low.toFixed(3)}–${high.toFixed(3)})`;

const rest = (curves: readonly ClassCurve[]): string =>
  curves.length > MOST_COLOURED ? `; grey: ${curves.length - MOST_COLOURED} better ones` : '';

/** Returns the space for the legend: two entries fit beside each other. */
function legendSpace(traces: readonly Trace[]): {
  readonly height: number;
  readonly margin: Readonly<Record<string, number>>;
} {
  const shown = traces.filter((trace) => trace['showlegend'] !== false).length;
  const height = 26 * Math.ceil(shown / 2);
  return { height, margin: { l: 64, r: 24, t: 92 + height, b: 54, pad: 2 } };
}

/** A little more than 0 to 1, so that lines on the border are seen whole. */
const RANGE = [-0.015, 1.015] as const;

/**
 * Draws the ROC curve of each class against all others with its area, and the diagonal of chance. Of two classes, whose curves
 * mirror each other, it draws the rarer one; of more than six, those with the smallest areas in colour.
 *
 * @throws OptionsError when the ranking holds no class
 * Source: Fawcett 2006, An introduction to ROC analysis, section 4.
 */
export function rocFigure(ranking: RankingRecord, options: RankingFigureOptions): Figure {
  const { title = 'ROC curves', counts } = options;
  const all = curvesOf(ranking, ({ auc }) => auc);
  const rarest = [...all].sort((a, b) => (counts[a.name] ?? 0) - (counts[b.name] ?? 0))[0];
  const curves = all.length === 2 && rarest !== undefined ? [rarest] : all;
  const traces: readonly Trace[] = [
    {
      type: 'scatter',
      mode: 'lines',
      name: 'chance (AUC 0.500)',
      x: [0, 1],
      y: [0, 1],
      hoverinfo: 'skip',
      line: { color: PALETTE.grey, width: 1.4, dash: 'dash' },
    },
    ...tracesOf(curves, {
      points: (curve) => curve.ranking.roc,
      area: (curve) => `AUC ${curve.ranking.auc.toFixed(3)}`,
      names: ['false positives', 'recall'],
      shape: 'linear',
    }),
  ];
  const { height, margin } = legendSpace(traces);
  return {
    data: traces,
    layout: layoutOf({
      title: plainText(title),
      subtitle: `${all.length > 2 ? 'mean area' : 'area'} ${areaText(ranking.auc)}<br>n = ${countText(total(counts))}${rest(all)}`,
      height: 440 + height,
      parts: {
        margin,
        xaxis: rateAxis('False positive rate (% of the other classes)', { range: RANGE }),
        yaxis: rateAxis('Recall (% of the class)', { range: RANGE }),
      },
    }),
  };
}

/**
 * Draws the precision-recall curve of each class with its average precision, and as dotted lines what naming images at
 * random would have: the class's share. Of more than six classes, those with the lowest average precision are in colour.
 *
 * @throws OptionsError when the ranking holds no class
 * Source: scikit-learn's `PrecisionRecallDisplay`, whose curve has the same steps.
 */
export function precisionRecallFigure(
  ranking: RankingRecord,
  options: RankingFigureOptions,
): Figure {
  const { title = 'Precision and recall', counts } = options;
  const curves = curvesOf(ranking, ({ averagePrecision }) => averagePrecision);
  const n = total(counts);
  const chance = curves.flatMap(({ name, colour }): readonly Trace[] => {
    const share = (counts[name] ?? 0) / Math.max(1, n);
    if (colour === undefined) return [];
    return [
      {
        type: 'scatter',
        mode: 'lines',
        name: plainText(`${name}, at random`),
        showlegend: false,
        x: [0, 1],
        y: [share, share],
        line: { color: colour, width: 1.2, dash: 'dot' },
        hovertemplate: '%{y:.1%}<extra>%{fullData.name}</extra>',
      },
    ];
  });
  const traces = [
    ...chance,
    ...tracesOf(curves, {
      // The highest threshold holds down to a recall of 0.
      points: ({ ranking: { precisionRecall: points } }) => [[0, points[0]?.[1] ?? 0], ...points],
      area: (curve) => `AP ${curve.ranking.averagePrecision.toFixed(3)}`,
      names: ['recall', 'precision'],
      shape: 'vh',
    }),
  ];
  const { height, margin } = legendSpace(traces);
  return {
    data: traces,
    layout: layoutOf({
      title: plainText(title),
      subtitle: `mean average precision ${areaText(ranking.averagePrecision)}<br>n = ${countText(n)}; dotted: at random${rest(curves)}`,
      height: 440 + height,
      parts: {
        margin,
        xaxis: rateAxis('Recall (% of the class)', { range: RANGE }),
        yaxis: axis('Precision (% of those named so)', { tickformat: '.0%', range: RANGE }),
      },
    }),
  };
}
