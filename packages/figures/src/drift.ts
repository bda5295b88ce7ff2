import { countText, driftOf, estimateText, OptionsError, type DriftedImages } from '@janus/core';
import type { Figure, Trace } from './figure.js';
import { errorBars } from './marks.js';
import { plainText } from './text.js';
import { axis, layoutOf, legendAt, PALETTE, rateAxis } from './theme.js';

/** One direction of {@link driftFigure}: a direction of an evaluation, and its name. */
export interface DriftDirection extends DriftedImages {
  /** `feminine to masculine`. */
  readonly name: string;
  /** What a perfect translation would get, which is the noise of the classifiers that tell; default none. */
  readonly twins?: DriftedImages | undefined;
}

/** Distance of fakes and twins from the middle of their attribute's row. */
const SHIFT = 0.15;

/** Space between the panels, as a share of the width. */
const GAP = 0.06;

/** What one set of images is drawn like. */
interface Look {
  readonly name: string;
  readonly colour: string;
  readonly symbol: string;
  readonly shift: number;
}

const FAKES: Look = { name: 'fakes', colour: PALETTE.blue, symbol: 'circle', shift: SHIFT };
const TWINS: Look = {
  ...{ name: 'twins: a perfect translation', colour: PALETTE.orange },
  ...{ symbol: 'diamond-open', shift: -SHIFT },
};

/** Attributes in rows from the top down. */
interface Rows {
  readonly attributes: readonly string[];
  /** The direction's number. */
  readonly panel: number;
}

function traceOf(images: DriftedImages, { attributes, panel }: Rows, look: Look): Trace {
  const rows = attributes.flatMap((attribute, i) => {
    const share = driftOf(images, attribute);
    if (share === undefined) return [];
    return [{ attribute, y: attributes.length - 1 - i, ...share }];
  });
  return {
    type: 'scatter',
    mode: 'markers',
    name: look.name,
    legendgroup: look.name,
    showlegend: panel === 0,
    xaxis: panel === 0 ? 'x' : `x${panel + 1}`,
    yaxis: 'y',
    x: rows.map(({ value }) => value),
    y: rows.map(({ y }) => y + look.shift),
    text: rows.map((row) => `${plainText(row.attribute)}: ${estimateText(row, images.n)}`),
    hovertemplate: '%{text}<extra>%{fullData.name}</extra>',
    marker: { color: look.colour, size: 9, symbol: look.symbol },
    error_x: errorBars(rows, { color: look.colour, thickness: 1.8, width: 3 }),
  };
}

/**
 * Draws which other attributes a translation changed, as shares of the fakes with 95 % intervals, the most changed first and a panel for
 * each direction. Beside each stands that of the twins, the same faces drawn with the other value: what classifiers take for a
 * change where there is none.
 *
 * @throws OptionsError when no direction has an attribute
 */
export function driftFigure(
  directions: readonly DriftDirection[],
  options: { readonly title?: string } = {},
): Figure {
  const { title = 'Other attributes that changed' } = options;
  const most = (attribute: string): number =>
    Math.max(...directions.map(({ drift }) => drift?.[attribute] ?? 0));
  const attributes = [...new Set(directions.flatMap(({ drift = {} }) => Object.keys(drift)))].sort(
    (a, b) => most(b) - most(a),
  );
  if (attributes.length === 0) {
    throw new OptionsError(
      'driftFigure: directions must hold an attribute, but got none. Evaluate with --drift and classifier runs.',
    );
  }
  const traces = directions.flatMap((direction, panel) => {
    const { twins } = direction;
    const rows = { attributes, panel };
    return [
      traceOf(direction, rows, FAKES),
      ...(twins === undefined ? [] : [traceOf(twins, rows, TWINS)]),
    ];
  });
  const width = (1 - GAP * (directions.length - 1)) / directions.length;
  const ends = traces.flatMap(({ x = [], error_x }) =>
    x.map((value, i) => Number(value) + (error_x?.array[i] ?? 0)),
  );
  const axes = directions.map(({ name, n }, i) => [
    `xaxis${i === 0 ? '' : i + 1}`,
    rateAxis(`${plainText(name)}<br>(% of ${countText(n)} fakes)`, {
      domain: [i * (width + GAP), i * (width + GAP) + width],
      range: [-0.01, Math.min(1.01, Math.max(0.05, ...ends) * 1.05)],
    }),
  ]);
  return {
    data: traces,
    layout: layoutOf({
      title: plainText(title),
      subtitle: 'share whose value a classifier tells to be another one, and 95 % interval',
      height: 190 + 38 * attributes.length,
      parts: {
        legend: legendAt('left'),
        showlegend: true,
        ...(Object.fromEntries(axes) as Figure['layout']),
        yaxis: axis('', {
          tickmode: 'array',
          tickvals: attributes.map((_, i) => attributes.length - 1 - i),
          ticktext: attributes.map(plainText),
          range: [-0.6, attributes.length - 0.4],
          showgrid: false,
          ticks: '',
        }),
      },
    }),
  };
}
