import { describe, expect, test } from 'vitest';
import { architectureFigure } from './architecture.js';
import { cycleGanDiagram } from './cyclegan-diagram.js';
import { networkBlocks, type LayerLike, type ModelLike } from './network-blocks.js';

interface LayerParts {
  readonly shape: readonly (number | null)[];
  readonly from?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A layer as `tf.LayersModel` has it, without TensorFlow.js. */
const layer = (name: string, className: string, parts: LayerParts): LayerLike => ({
  name,
  outputShape: parts.shape,
  inboundNodes: [{ inboundLayers: (parts.from ?? []).map((from) => ({ name: from })) }],
  getClassName: () => className,
  getConfig: () => parts.config ?? {},
});

const convolution = (name: string, from: string, config: Readonly<Record<string, unknown>> = {}) =>
  layer(name, 'Conv2D', {
    ...{ shape: [null, 8, 8, 4], from: [from] },
    config: { kernelSize: [3, 3], strides: [1, 1], ...config },
  });

const modelOf = (name: string, layers: readonly LayerLike[]): ModelLike => ({
  ...{ name, layers, countParams: () => 1234 },
});

const INPUT = layer('image', 'InputLayer', { shape: [null, 16, 16, 3] });

describe('networkBlocks', () => {
  test('joins layers whose names begin alike, in words, with the shape of the last', () => {
    const model = modelOf('vgg', [
      INPUT,
      convolution('block1_conv1', 'image'),
      convolution('block1_conv2', 'block1_conv1'),
      layer('block1_pool', 'MaxPooling2D', {
        ...{ shape: [null, 4, 4, 4], from: ['block1_conv2'], config: { poolSize: [2, 2] } },
      }),
      layer('logits', 'Dense', { shape: [null, 2], from: ['block1_pool'], config: { units: 2 } }),
    ]);
    expect(networkBlocks(model)).toEqual([
      { name: 'input', summary: '', shape: [16, 16, 3], count: 1, kind: 'input', inputs: [] },
      {
        ...{ name: 'block1', summary: '2 × conv 3×3, max pool 2×2', shape: [4, 4, 4] },
        ...{ count: 1, kind: 'convolution', inputs: [0] },
      },
      {
        ...{ name: 'logits', summary: 'dense 2', shape: [2] },
        ...{ count: 1, kind: 'dense', inputs: [1] },
      },
    ]);
  });

  test('counts equal blocks one after another, a residual sum within, and those side by side', () => {
    const residual = (i: number, from: string): readonly LayerLike[] => [
      convolution(`block${i}_conv`, from),
      layer(`block${i}_add`, 'Add', { shape: [null, 8, 8, 4], from: [from, `block${i}_conv`] }),
    ];
    const cell = (i: number): LayerLike =>
      layer(`cell${i}`, 'GlobalAveragePooling2D', { shape: [null, 4], from: ['block3_add'] });
    const model = modelOf('net', [
      ...[INPUT, convolution('enter', 'image', { strides: [2, 2] })],
      ...[...residual(1, 'enter'), ...residual(2, 'block1_add'), ...residual(3, 'block2_add')],
      ...[cell(1), cell(2)],
      layer('joined', 'Concatenate', { shape: [null, 8], from: ['cell1', 'cell2'] }),
    ]);
    expect(
      networkBlocks(model).map(({ name, summary, count, inputs }) => [
        name,
        summary,
        count,
        inputs,
      ]),
    ).toEqual([
      ['input', '', 1, []],
      ['enter', 'conv 3×3 stride 2', 1, [0]],
      ['block1–3', 'conv 3×3, add', 3, [1]],
      ['cell1–2', 'global average', 2, [2]],
      ['joined', 'concatenate', 1, [3]],
    ]);
  });

  test('refuses a model without layers', () => {
    expect(() => networkBlocks(modelOf('none', []))).toThrow('none has none');
  });
});

describe('architectureFigure', () => {
  const model = modelOf('net', [
    INPUT,
    convolution('first', 'image'),
    convolution('second', 'first'),
    layer('sum', 'Add', { shape: [null, 8, 8, 4], from: ['image', 'second'] }),
  ]);

  test('has a column for each network with its blocks from the top down and their shapes', () => {
    const { data, layout } = architectureFigure([
      { title: 'A <b>', model },
      { title: 'B', model },
    ]);
    expect(data.map((trace) => trace['xaxis'])).toEqual(['x', 'x2']);
    expect(data[0]?.y).toEqual([-0, -1, -2, -3]);
    expect(data[0]?.text?.[1]).toMatch(/<b>first<\/b> {2}8 × 8 × 4<br>.*conv 3×3/);
    expect(layout.annotations?.[0]?.['text']).toBe('<b>A &lt;b&gt;</b>  1,234 weights');
    const boxes = (layout.shapes ?? []).filter(
      (shape) => shape['type'] === 'rect' && shape['xref'] === 'x',
    );
    const widths = boxes.map((box) => Number(box['x1']) - Number(box['x0']));
    // Half the side: the root of a half as wide.
    expect((widths[1] ?? 0) / (widths[0] ?? 1)).toBeCloseTo(Math.SQRT1_2, 9);
  });

  test('leads what skips blocks around their left side', () => {
    const { layout } = architectureFigure([{ title: 'A', model }]);
    const around = (layout.shapes ?? []).filter((shape) => shape['type'] === 'path');
    expect(around).toHaveLength(1);
    expect(around[0]?.['path']).toMatch(/^M 0\.19,0 .* L 0\.19,-3$/);
  });

  test('refuses to draw nothing', () => {
    expect(() => architectureFigure([])).toThrow('at least one network');
  });
});

test('cycleGanDiagram shows both ways with the sizes and weights of the models', () => {
  const judge = modelOf('judge', [INPUT, convolution('logits', 'image')]);
  const generator = modelOf('generator', [INPUT, convolution('exit', 'image')]);
  const networks = { G: generator, F: generator, DX: judge, DY: judge };
  const { layout } = cycleGanDiagram(networks, { domains: { x: 'a <i>', y: 'b' } });
  const texts = (layout.annotations ?? []).map((each) => String(each['text']));
  expect(texts.filter((text) => text.startsWith('<b>a &lt;i&gt;</b>'))).toHaveLength(3);
  expect(texts.filter((text) => text.includes('16 × 16 × 3'))).toHaveLength(6);
  expect(texts.find((text) => text.startsWith('<b>DY</b>'))).toContain('1,234 weights, 8 × 8 × 4');
  // Ten arrows, each a line and a head.
  const shapes = layout.shapes ?? [];
  expect(shapes.filter(({ type }) => type === 'line')).toHaveLength(10);
  expect(shapes.filter(({ type }) => type === 'path')).toHaveLength(10);
});
