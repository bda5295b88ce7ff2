import { countText } from '@janus/core';
import type { Figure } from './figure.js';
import { networkBlocks, type ModelLike } from './network-blocks.js';
import { plainText } from './text.js';
import { layoutOf, PALETTE, textColourOn, THEMES } from './theme.js';

/** What {@link cycleGanDiagram} draws. */
export interface CycleGanNetworks {
  /** Generator X to Y. */
  readonly G: ModelLike;
  /** Generator Y to X. */
  readonly F: ModelLike;
  /** Discriminator of X. */
  readonly DX: ModelLike;
  /** Discriminator of Y. */
  readonly DY: ModelLike;
}

/** Options of {@link cycleGanDiagram}. */
export interface CycleGanDiagramOptions {
  /** Default `CycleGAN`. */
  readonly title?: string;
  /** Titles of the domains; default X and Y. */
  readonly domains?: { readonly x: string; readonly y: string };
}

type Part = Readonly<Record<string, unknown>>;

/** Columns and rows of the drawing, in its own units. */
const [LEFT, CENTRE, RIGHT] = [1, 5, 9];

/** A box with its lines of text. */
interface Box {
  readonly at: readonly [x: number, y: number];
  /** Half of its width. */
  readonly half: number;
  readonly colour: string;
  readonly lines: readonly string[];
}

const HALF_HEIGHT = 0.42;

const rectangle = ({ at: [x, y], half, colour }: Box): Part => ({
  ...{ type: 'rect', xref: 'x', yref: 'y' },
  ...{ x0: x - half, x1: x + half, y0: y - HALF_HEIGHT, y1: y + HALF_HEIGHT },
  fillcolor: colour,
  line: { width: 0 },
});

const label = ({ at: [x, y], colour, lines: [first = '', ...rest] }: Box): Part => ({
  ...{ xref: 'x', yref: 'y', x, y, showarrow: false },
  text: [
    `<b>${first}</b>`,
    ...rest.map((line) => `<span style="font-size:11px">${line}</span>`),
  ].join('<br>'),
  font: { size: 13, color: textColourOn(colour) },
});

/** Length and half of the width of an arrow's head. */
const [HEAD, HALF_HEAD] = [0.17, 0.1];

/**
 * Returns an arrow to the right or down, as a line and a triangle: annotations have heads too, but measure paths, which only browsers
 * can.
 */
function arrow(from: readonly [number, number], to: readonly [number, number]): readonly Part[] {
  const [[x0, y0], [x1, y1]] = [from, to];
  const isDown = x0 === x1;
  const common = { xref: 'x', yref: 'y' };
  const base = isDown ? ([x1, y1 + HEAD] as const) : ([x1 - HEAD, y1] as const);
  const [left, right] = isDown
    ? [`${base[0] - HALF_HEAD},${base[1]}`, `${base[0] + HALF_HEAD},${base[1]}`]
    : [`${base[0]},${base[1] - HALF_HEAD}`, `${base[0]},${base[1] + HALF_HEAD}`];
  const colour = THEMES.light.mutedText;
  return [
    {
      ...{ ...common, type: 'line', x0, y0, x1: base[0], y1: base[1] },
      line: { color: colour, width: 1.8 },
    },
    {
      ...{ ...common, type: 'path', path: `M ${x1},${y1} L ${left} L ${right} Z` },
      ...{ fillcolor: colour, line: { width: 0 } },
    },
  ];
}

const note = (at: readonly [number, number], text: string): Part => ({
  ...{ xref: 'x', yref: 'y', x: at[0], y: at[1], showarrow: false, text },
  font: { size: 11.5, color: THEMES.light.mutedText },
});

const shapeText = (shape: readonly number[]): string => shape.map(countText).join(' × ');

/** Returns the shapes that a network takes and gives. */
function ends(model: ModelLike): { readonly takes: string; readonly gives: string } {
  const blocks = networkBlocks(model);
  return { takes: shapeText(blocks[0]?.shape ?? []), gives: shapeText(blocks.at(-1)?.shape ?? []) };
}

const weights = (model: ModelLike): string => `${countText(model.countParams())} weights`;

/** One direction: an original, its fake, the fake translated back, and who judges the fake. */
interface Way {
  readonly y: number;
  readonly names: readonly [original: string, fake: string, cycled: string];
  readonly first: readonly [name: string, model: ModelLike];
  readonly second: readonly [name: string, model: ModelLike];
  readonly judge: readonly [name: string, model: ModelLike];
}

function partsOf({ y, names, first, second, judge }: Way): {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Part[];
  readonly notes: readonly Part[];
} {
  const size = ends(first[1]).takes;
  const image = (x: number, name: string): Box => ({
    ...{ at: [x, y], half: 0.85, colour: PALETTE.green, lines: [plainText(name), size] },
  });
  const network = (x: number, [name, model]: Way['first']): Box => ({
    ...{ at: [x, y], half: 0.8, colour: PALETTE.blue, lines: [name, weights(model)] },
  });
  const judgeBox: Box = {
    ...{ at: [CENTRE, y - 1.35], half: 1.15, colour: PALETTE.orange },
    lines: [judge[0], `${weights(judge[1])}, ${ends(judge[1]).gives}`],
  };
  const spots = [LEFT, 3, CENTRE, 7, RIGHT];
  return {
    boxes: [
      image(LEFT, names[0]),
      network(3, first),
      image(CENTRE, names[1]),
      network(7, second),
      image(RIGHT, names[2]),
      judgeBox,
    ],
    arrows: [
      ...spots.slice(1).flatMap((x, i) => arrow([(spots[i] ?? 0) + 0.86, y], [x - 0.86, y])),
      ...arrow([CENTRE, y - HALF_HEIGHT], [CENTRE, y - 1.35 + HALF_HEIGHT]),
    ],
    notes: [
      note([CENTRE, y - 2.05], 'real or fake, patch by patch: adversarial loss'),
      note([LEFT, y + 0.66], 'original'),
      note([CENTRE, y + 0.66], 'fake'),
      note([RIGHT, y + 0.66], 'cycled'),
    ],
  };
}

/**
 * Draws how the four networks of a CycleGAN work together: both ways from an original over its fake and back, and the discriminator that
 * judges the fake. Sizes and numbers of weights are those of the models.
 *
 * Source: Zhu et al. 2017, figure 3, arXiv 1703.10593.
 */
export function cycleGanDiagram(
  networks: CycleGanNetworks,
  options: CycleGanDiagramOptions = {},
): Figure {
  const { title = 'CycleGAN', domains = { x: 'X', y: 'Y' } } = options;
  const { G, F, DX, DY } = networks;
  const { x, y } = domains;
  const ways = [
    { y: 5, names: [x, y, x], first: ['G', G], second: ['F', F], judge: ['DY', DY] },
    { y: 1.4, names: [y, x, y], first: ['F', F], second: ['G', G], judge: ['DX', DX] },
  ] as const;
  const parts = ways.map(partsOf);
  const hidden = { visible: false, fixedrange: true };
  const boxes = parts.flatMap((part) => part.boxes);
  return {
    data: [
      {
        ...{ type: 'scatter', mode: 'markers', hoverinfo: 'text' },
        x: boxes.map(({ at }) => at[0]),
        y: boxes.map(({ at }) => at[1]),
        text: boxes.map(({ lines }) => lines.join(', ')),
        marker: { opacity: 0 },
      },
    ],
    layout: layoutOf({
      title: plainText(title),
      subtitle:
        'green: images, blue: generators, orange: discriminators with their output; the cycle loss compares cycled and original',
      height: 540,
      parts: {
        showlegend: false,
        margin: { l: 14, r: 14, t: 76, b: 10 },
        xaxis: { ...hidden, range: [0, 10] },
        yaxis: { ...hidden, range: [-0.9, 5.95] },
        shapes: [...parts.flatMap((part) => part.arrows), ...boxes.map(rectangle)],
        annotations: [...parts.flatMap((part) => part.notes), ...boxes.map(label)],
      },
    }),
  };
}
