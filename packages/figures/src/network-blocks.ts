/** The blocks of a network, read from a model of TensorFlow.js without importing it. */
import { OptionsError } from '@janus/core';

/** What is read of a layer of `tf.LayersModel`. */
export interface LayerLike {
  readonly name: string;
  /** `[batch, height, width, channels]`, or a list of these. */
  readonly outputShape: unknown;
  /** Where its inputs come from. */
  readonly inboundNodes: readonly {
    readonly inboundLayers: readonly { readonly name: string }[];
  }[];
  getClassName(): string;
  getConfig(): object;
}

/** What is read of `tf.LayersModel`. */
export interface ModelLike {
  readonly name: string;
  readonly layers: readonly LayerLike[];
  countParams(): number;
}

/** Layers that belong together, such as a convolution with its normalisation. */
export interface NetworkBlock {
  /** What its layers' names begin with, of a single layer its name, of equal blocks the first and last number: `block1–9`. */
  readonly name: string;
  /** Its layers in words: `2 × conv 3×3, max pool 2×2`. */
  readonly summary: string;
  /** Of one image: `[56, 56, 256]`. */
  readonly shape: readonly number[];
  /** Blocks like this, one after another or side by side. */
  readonly count: number;
  readonly kind: 'input' | 'convolution' | 'dense' | 'other';
  /** Places of the blocks that it reads, in the list. */
  readonly inputs: readonly number[];
}

/** A block while its layers are gathered. */
interface Group {
  readonly prefix: string;
  readonly layers: LayerLike[];
  /** Layers of other groups that it reads. */
  readonly from: Set<string>;
}

const prefixOf = (name: string): string => name.split('_')[0] ?? name;

const inputsOf = (layer: LayerLike): readonly string[] =>
  layer.inboundNodes.flatMap(({ inboundLayers }) => inboundLayers.map(({ name }) => name));

/** Returns the group that a layer continues: that of an input, where all others are what the group reads itself. */
function continuedBy(layer: LayerLike, groups: readonly Group[]): Group | undefined {
  const inputs = inputsOf(layer);
  return groups.find(({ prefix, layers, from }) => {
    const last = layers.at(-1);
    return (
      last !== undefined &&
      last.getClassName() !== 'InputLayer' &&
      prefix === prefixOf(layer.name) &&
      inputs.includes(last.name) &&
      inputs.every((name) => from.has(name) || layers.some((each) => each.name === name))
    );
  });
}

function groupsOf(layers: readonly LayerLike[]): readonly Group[] {
  const groups: Group[] = [];
  for (const layer of layers) {
    const group = continuedBy(layer, groups);
    if (group !== undefined) group.layers.push(layer);
    else {
      groups.push({
        ...{ prefix: prefixOf(layer.name), layers: [layer] },
        from: new Set(inputsOf(layer)),
      });
    }
  }
  return groups;
}

/** Layers that only move or mask values, which a reader of a drawing does not look for. */
const SILENT = /Padding|Cropping|Dropout|Flatten|InputLayer/;

const field = (layer: LayerLike, name: string): unknown =>
  (layer.getConfig() as Readonly<Record<string, unknown>>)[name];

const sizeText = (value: unknown): string =>
  Array.isArray(value) ? value.join('×') : `${String(value)}×${String(value)}`;

function strideText(layer: LayerLike): string {
  const strides = field(layer, 'strides');
  const first: unknown = Array.isArray(strides) ? strides[0] : strides;
  return typeof first === 'number' && first > 1 ? ` stride ${first}` : '';
}

const WORDS: Readonly<Record<string, (layer: LayerLike) => string>> = {
  Conv2D: (layer) => `conv ${sizeText(field(layer, 'kernelSize'))}${strideText(layer)}`,
  Conv2DTranspose: (layer) =>
    `transposed conv ${sizeText(field(layer, 'kernelSize'))}${strideText(layer)}`,
  MaxPooling2D: (layer) => `max pool ${sizeText(field(layer, 'poolSize'))}`,
  AveragePooling2D: (layer) => `average pool ${sizeText(field(layer, 'poolSize'))}`,
  GlobalAveragePooling2D: () => 'global average',
  GlobalMaxPooling2D: () => 'global maximum',
  Dense: (layer) => `dense ${String(field(layer, 'units'))}`,
  InstanceNormalization: () => 'norm',
  BatchNormalization: () => 'norm',
  ReLU: () => 'ReLU',
  LeakyReLU: () => 'leaky ReLU',
  UpSampling2D: () => 'enlarged',
  Activation: (layer) => String(field(layer, 'activation')),
};

/** `SignedRoot` in words: `signed root`. */
const plainName = (className: string): string =>
  className.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** Returns layers in words, those that repeat counted. */
function summaryOf(layers: readonly LayerLike[]): string {
  const words = layers
    .filter((layer) => !SILENT.test(layer.getClassName()))
    .map((layer) =>
      (WORDS[layer.getClassName()] ?? (() => plainName(layer.getClassName())))(layer),
    );
  const runs: { word: string; n: number }[] = [];
  for (const word of words) {
    const last = runs.at(-1);
    if (last?.word === word) last.n++;
    else runs.push({ word, n: 1 });
  }
  return runs.map(({ word, n }) => (n === 1 ? word : `${n} × ${word}`)).join(', ');
}

function kindOf(layers: readonly LayerLike[]): NetworkBlock['kind'] {
  const names = layers.map((layer) => layer.getClassName());
  if (names.includes('InputLayer')) return 'input';
  if (names.some((name) => name.includes('Conv2D'))) return 'convolution';
  return names.includes('Dense') ? 'dense' : 'other';
}

/** Returns what a block is called. */
function nameOf(prefix: string, layers: readonly LayerLike[]): string {
  const [first] = layers;
  if (first?.getClassName() === 'InputLayer') return 'input';
  return layers.length === 1 && first !== undefined ? first.name : prefix;
}

/** Returns the shape of one image's output. */
function shapeOf(layer: LayerLike | undefined): readonly number[] {
  const shape = layer?.outputShape;
  const first: unknown = Array.isArray(shape) && Array.isArray(shape[0]) ? shape[0] : shape;
  return Array.isArray(first) ? first.slice(1).map(Number) : [];
}

/** A name without the number at its end, and the number. */
function numbered(name: string): { readonly stem: string; readonly number: string } {
  const [, stem = name, number = ''] = /^(.*?)(\d*)$/.exec(name) ?? [];
  return { stem, number };
}

/** Whether two blocks are alike and stand one after another or side by side. */
function isRepeated(block: NetworkBlock, last: NetworkBlock, at: number): boolean {
  const isNext = block.inputs.length === 1 && block.inputs[0] === at;
  const isBeside = block.inputs.join() === last.inputs.join();
  return (
    (isNext || isBeside) &&
    block.summary === last.summary &&
    block.shape.join() === last.shape.join() &&
    numbered(block.name).stem === numbered(last.name.split('–')[0] ?? '').stem &&
    numbered(block.name).number !== ''
  );
}

/**
 * Returns the blocks of a network in the order of its layers: layers whose names begin alike (up to the first `_`) and that follow
 * each other are one block, equal blocks that follow each other or stand side by side are counted.
 *
 * @throws OptionsError when the model has no layers
 */
export function networkBlocks(model: ModelLike): readonly NetworkBlock[] {
  if (model.layers.length === 0) {
    throw new OptionsError(
      `networkBlocks: needs a model with layers, but ${model.name} has none. Build it first.`,
    );
  }
  const blocks: NetworkBlock[] = [];
  const places = new Map<string, number>();
  for (const { prefix, layers, from } of groupsOf(model.layers)) {
    const block: NetworkBlock = {
      ...{
        name: nameOf(prefix, layers),
        summary: summaryOf(layers),
        shape: shapeOf(layers.at(-1)),
        count: 1,
      },
      kind: kindOf(layers),
      inputs: [...new Set([...from].flatMap((name) => places.get(name) ?? []))],
    };
    const at = blocks.length - 1;
    const last = blocks[at];
    if (last !== undefined && isRepeated(block, last, at)) {
      const first = last.name.split('–')[0] ?? '';
      const name = `${first}–${numbered(block.name).number}`;
      blocks[at] = { ...last, name, count: last.count + 1 };
    } else blocks.push(block);
    for (const { name } of layers) places.set(name, blocks.length - 1);
  }
  return blocks;
}
