import { countText, OptionsError } from '@janus/core';
import type { Figure, Trace } from './figure.js';
import { networkBlocks, type ModelLike, type NetworkBlock } from './network-blocks.js';
import { plainText } from './text.js';
import { layoutOf, PALETTE, THEMES } from './theme.js';

/** A network of {@link architectureFigure}. */
export interface DrawnNetwork {
  /** Above its blocks: `Generators G and F`. */
  readonly title: string;
  /** A model of TensorFlow.js. */
  readonly model: ModelLike;
}

/** Options of {@link architectureFigure}. */
export interface ArchitectureFigureOptions {
  /** Default `Architecture`. */
  readonly title?: string;
}

/** Pixels of a row. */
const ROW = 46;

/** Where in a network's column, from 0 to 1: the middle of the boxes, their widest half, the text. */
const [MIDDLE, HALF, TEXT] = [0.19, 0.13, 0.36] as const;

/** Half of a box's height, in rows. */
const THICKNESS = 0.27;

const COLOURS: Readonly<Record<NetworkBlock['kind'], string>> = {
  input: PALETTE.green,
  convolution: PALETTE.blue,
  dense: PALETTE.orange,
  other: PALETTE.grey,
};

/** Plotly's names of a network's axis. */
const axisName = (panel: number): string => (panel === 0 ? 'x' : `x${panel + 1}`);

type Shape = Readonly<Record<string, unknown>>;

/** Half of a box's width: by the root of the image's side, so that a vector is still seen. */
function halfWidth({ shape }: NetworkBlock, widest: number): number {
  const side = shape.length === 3 ? (shape[0] ?? 1) : 1;
  return HALF * Math.max(0.06, Math.sqrt(side / widest));
}

function boxes(blocks: readonly NetworkBlock[], panel: number): readonly Shape[] {
  const widest = Math.max(
    1,
    ...blocks.map(({ shape }) => (shape.length === 3 ? (shape[0] ?? 1) : 1)),
  );
  return blocks.map((block, i) => {
    const half = halfWidth(block, widest);
    return {
      ...{ type: 'rect', xref: axisName(panel), yref: 'y' },
      ...{ x0: MIDDLE - half, x1: MIDDLE + half, y0: -i - THICKNESS, y1: -i + THICKNESS },
      fillcolor: COLOURS[block.kind],
      line: { width: 0 },
    };
  });
}

/** Lines from each block to those that read it: straight to the next one, around the left side to others. */
function wires(blocks: readonly NetworkBlock[], panel: number): readonly Shape[] {
  const common = { xref: axisName(panel), yref: 'y', layer: 'below' };
  let around = 0;
  return blocks.flatMap(({ inputs }, i) =>
    inputs.map((from): Shape => {
      if (from === i - 1) {
        const line = { color: THEMES.light.axis, width: 2 };
        return { ...common, type: 'line', x0: MIDDLE, x1: MIDDLE, y0: -from, y1: -i, line };
      }
      const x = 0.045 - 0.011 * (around++ % 4);
      return {
        ...{
          ...common,
          type: 'path',
          path: `M ${MIDDLE},${-from} L ${x},${-from} L ${x},${-i} L ${MIDDLE},${-i}`,
        },
        line: { color: THEMES.light.axis, width: 1.4 },
      };
    }),
  );
}

const shapeText = (shape: readonly number[]): string => shape.map(countText).join(' × ');

function textTrace(blocks: readonly NetworkBlock[], panel: number): Trace {
  return {
    type: 'scatter',
    mode: 'text',
    xaxis: axisName(panel),
    yaxis: 'y',
    x: blocks.map(() => TEXT),
    y: blocks.map((_, i) => -i),
    text: blocks.map(({ name, summary, shape, count }) => {
      const layers = count === 1 ? summary : `${count} × (${summary})`;
      const below = layers === '' ? 'images' : layers;
      return `<b>${plainText(name)}</b>  ${shapeText(shape)}<br><span style="font-size:11px;color:${THEMES.light.mutedText}">${plainText(below)}</span>`;
    }),
    textposition: 'middle right',
    textfont: { size: 12.5 },
    hoverinfo: 'skip',
    cliponaxis: false,
  };
}

/**
 * Draws networks from their models, side by side: a box for each block from the input down, as wide as its output is large (by the root of
 * the side), with its layers and the output's shape; lines show what reads what. Blue boxes are convolutions, orange ones dense layers,
 * grey ones have no weights of these kinds. The numbers are those of the models: a drawing cannot differ from what is trained.
 *
 * @param networks models of TensorFlow.js: such as VGG-16 with its head, or a generator and a discriminator
 * @throws OptionsError when there is no network, or one without layers
 */
export function architectureFigure(
  networks: readonly DrawnNetwork[],
  options: ArchitectureFigureOptions = {},
): Figure {
  const { title = 'Architecture' } = options;
  if (networks.length === 0) {
    throw new OptionsError(
      'architectureFigure: needs at least one network, but got none. Load a run’s model first.',
    );
  }
  const drawn = networks.map((network) => ({ ...network, blocks: networkBlocks(network.model) }));
  const rows = Math.max(...drawn.map(({ blocks }) => blocks.length));
  const hidden = { visible: false, fixedrange: true };
  const axes = drawn.map((_, i) => [
    `xaxis${i === 0 ? '' : i + 1}`,
    { ...hidden, domain: [i / drawn.length, (i + 0.98) / drawn.length], range: [0, 1] },
  ]);
  return {
    data: drawn.map(({ blocks }, panel) => textTrace(blocks, panel)),
    layout: layoutOf({
      title: plainText(title),
      subtitle: 'height × width × channels of each output; boxes by the root of the side',
      height: 130 + ROW * rows,
      parts: {
        showlegend: false,
        margin: { l: 14, r: 14, t: 100, b: 14 },
        ...(Object.fromEntries(axes) as Figure['layout']),
        yaxis: { ...hidden, range: [-rows + 0.4, 0.6] },
        shapes: drawn.flatMap(({ blocks }, i) => [...wires(blocks, i), ...boxes(blocks, i)]),
        annotations: drawn.map((network, i) => ({
          ...{ xref: axisName(i), yref: 'paper', x: 0, y: 1, xanchor: 'left', yanchor: 'bottom' },
          ...{ showarrow: false, yshift: 6, font: { size: 13 } },
          text: `<b>${plainText(network.title)}</b>  ${countText(network.model.countParams())} weights`,
        })),
      },
    }),
  };
}
