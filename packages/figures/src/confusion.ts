import { countText, OptionsError, percentText } from '@janus/core';
import type { Figure } from './figure.js';
import { plainText } from './text.js';
import { axis, layoutOf, THEMES } from './theme.js';

/** Options of {@link confusionFigure}. */
export interface ConfusionFigureOptions {
  /** Default `Confusion matrix`. */
  readonly title?: string;
  /** What the classes are, for the axis titles: `gender (perceived)`; default nothing. */
  readonly target?: string;
}

/**
 * Draws a confusion matrix as a heat map. Colour is the share of the true class (on the diagonal its recall);
 * each cell shows share and count.
 *
 * @param counts [true class][predicted class]
 * @param classes names in the order of the counts
 * @throws OptionsError when the counts are not square, or not of the size of `classes`
 */
export function confusionFigure(
  counts: readonly (readonly number[])[],
  classes: readonly string[],
  options: ConfusionFigureOptions = {},
): Figure {
  if (counts.length !== classes.length || counts.some((row) => row.length !== classes.length)) {
    throw new OptionsError(
      `confusionFigure: counts must be ${classes.length} x ${classes.length} like classes, but got ${counts.length} rows of ${counts.map((row) => row.length).join(', ')}. Check the class list.`,
    );
  }
  const totals = counts.map((row) => row.reduce((sum, n) => sum + n, 0));
  const shares = counts.map((row, i) => row.map((n) => n / Math.max(1, totals[i] ?? 0)));
  const names = classes.map(plainText);
  const target = options.target === undefined ? '' : ` ${plainText(options.target)}`;
  const n = totals.reduce((sum, total) => sum + total, 0);
  return {
    data: [
      {
        type: 'heatmap',
        x: names,
        y: names.map((name, i) => `${name}<br>n = ${countText(totals[i] ?? 0)}`),
        z: shares,
        text: counts.map((row, i) =>
          row.map((count, j) => `${percentText(shares[i]?.[j] ?? 0)}<br>${countText(count)}`),
        ),
        texttemplate: '%{text}',
        textfont: { size: classes.length > 6 ? 10 : 14 },
        customdata: counts,
        hovertemplate: 'true %{y}<br>predicted %{x}<br>%{customdata} (%{z:.1%})<extra></extra>',
        zmin: 0,
        zmax: 1,
        colorscale: [
          [0, THEMES.light.heat[0]],
          [1, THEMES.light.heat[1]],
        ],
        showscale: false,
        xgap: 3,
        ygap: 3,
      },
    ],
    layout: layoutOf({
      title: options.title ?? 'Confusion matrix',
      subtitle: `share of each true class, and count; n = ${countText(n)}`,
      height: Math.min(900, 190 + 110 * classes.length),
      parts: {
        showlegend: false,
        xaxis: axis(`Predicted${target}`, {
          showgrid: false,
          showline: false,
          ticks: '',
          type: 'category',
        }),
        yaxis: axis(`True${target}`, {
          showgrid: false,
          showline: false,
          ticks: '',
          autorange: 'reversed',
          type: 'category',
        }),
      },
    }),
  };
}
