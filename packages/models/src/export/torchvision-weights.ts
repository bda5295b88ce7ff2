/** A classifier on VGG-16 under the names that torchvision gives its weights, in PyTorch's order of dimensions. */
import type * as tf from '@tensorflow/tfjs';
import { DataError, OptionsError, type NamedArray } from '@janus/core';
import type { Preprocessing } from '../backbones/preprocessing.js';
import { torchvisionLayers, VGG_BLOCKS } from '../backbones/weights-formats.js';
import { arraysOf, assignArrays, variablesOf } from '../model-variables.js';

/** Torchvision's place of each of VGG-16's convolutions in `features`, by Keras' name. */
const PLACES: ReadonlyMap<string, number> = new Map(
  [...torchvisionLayers(VGG_BLOCKS.vgg16)].map(([place, layer]) => [layer, Number(place)]),
);

/** Layers of `classifier` from one linear layer to the next: Linear, ReLU, Dropout. */
const CLASSIFIER_STEP = 3;

/** A classifier on VGG-16. */
interface VggClassifier {
  /** Preprocessed images to logits. */
  readonly model: tf.LayersModel;
  readonly preprocessing: Preprocessing;
}

/** How an array is turned for PyTorch, and back. */
interface Turn {
  /** Name in the file. */
  readonly name: string;
  /** Ours: [kh, kw, in, out], [in, out] or [out]. */
  readonly shape: readonly number[];
  /** Theirs. */
  readonly turned: readonly number[];
  /** The place in ours of each number of theirs. */
  readonly places: Uint32Array;
}

/**
 * Returns the weights of a classifier on VGG-16: `features.<i>.weight` [out, in, kh, kw] and `.bias`, as torchvision names
 * them, up to the cut; and `classifier.<3 i>.weight` [out, in] and `.bias` of the head. The first convolution takes RGB.
 *
 * @throws OptionsError when the network is not made of VGG-16's layers and a head
 */
export async function torchvisionWeights(given: VggClassifier): Promise<readonly NamedArray[]> {
  const turns = turnsOf(given);
  const arrays = await arraysOf(variablesOf(given.model, { trainableOnly: false }));
  return arrays.flatMap(({ name, data }): NamedArray[] => {
    const turn = turns.get(name);
    if (turn === undefined) return [];
    const turned = Float32Array.from(turn.places, (place) => data[place] ?? 0);
    return [{ name: turn.name, shape: turn.turned, data: turned }];
  });
}

/**
 * Sets the weights of a classifier to those of a file that {@link torchvisionWeights} made.
 *
 * @throws DataError when the file lacks an array
 */
export function setTorchvisionWeights(given: VggClassifier, arrays: readonly NamedArray[]): void {
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const own: NamedArray[] = [];
  for (const [name, { name: theirs, shape, places }] of turnsOf(given)) {
    const array = byName.get(theirs);
    if (array?.data.length !== places.length) {
      throw new DataError(
        `safetensors: needs ${theirs} of ${places.length} numbers, but got ${array?.data.length ?? 'none'}. Export the run again.`,
      );
    }
    const data = new Float32Array(places.length);
    places.forEach((place, i) => {
      data[place] = array.data[i] ?? 0;
    });
    own.push({ name, shape, data });
  }
  assignArrays(variablesOf(given.model, { trainableOnly: false }), own);
}

/** Returns, by our name, how each array is turned. */
function turnsOf({ model, preprocessing }: VggClassifier): ReadonlyMap<string, Turn> {
  const variables = variablesOf(model, { trainableOnly: false });
  const layers = [...new Set(Object.keys(variables).map((name) => name.split('/')[0] ?? ''))];
  const dense = layers.filter((layer) => !PLACES.has(layer));
  const maps = flattenedMaps(model);
  return new Map(
    Object.entries(variables).map(([name, { shape }]): [string, Turn] => {
      const [layer = '', part = ''] = name.split('/');
      const place = placeOf(layer);
      const head = CLASSIFIER_STEP * dense.indexOf(layer);
      const suffix = part === 'kernel' ? 'weight' : 'bias';
      const theirs = place === undefined ? `classifier.${head}` : `features.${place}`;
      const flatten = place === undefined && head === 0 ? maps : undefined;
      const reverse = place === 0 && preprocessing === 'caffe';
      return [name, { name: `${theirs}.${suffix}`, shape, ...turnOf(shape, { flatten, reverse }) }];
    }),
  );

  function placeOf(layer: string): number | undefined {
    const place = PLACES.get(layer);
    if (place !== undefined || /^(fc\d|logits)$/.test(layer)) return place;
    throw new OptionsError(
      `safetensors: the network must be VGG-16 with a head, but has a layer ${layer}. Export it as tfjs.`,
    );
  }
}

/** Returns the shape of the maps that a head flattens; undefined where it pools them. */
function flattenedMaps(model: tf.LayersModel): readonly number[] | undefined {
  const grid = model.layers.some(({ name }) => name.includes('grid'));
  const layer = model.layers.find((each) => each.getClassName() === 'Flatten');
  if (layer === undefined || grid) return undefined;
  return (layer.getInputAt(0) as tf.SymbolicTensor).shape.slice(1).map(Number);
}

interface TurnOptions {
  /** [H, W, C] of maps that PyTorch flattens as [C, H, W]. */
  readonly flatten: readonly number[] | undefined;
  /** Whether input channels are in the other order: BGR for RGB. */
  readonly reverse: boolean;
}

function turnOf(
  shape: readonly number[],
  { flatten, reverse }: TurnOptions,
): Pick<Turn, 'turned' | 'places'> {
  const length = shape.reduce((a, b) => a * b, 1);
  if (shape.length === 1)
    return { turned: shape, places: Uint32Array.from({ length }, (_, i) => i) };
  if (shape.length === 2) {
    const [inputs = 0, outputs = 0] = shape;
    const from = flatten === undefined ? (i: number) => i : channelsFirst(flatten);
    const places = Uint32Array.from({ length }, (_, at) => {
      const [output, input] = [Math.floor(at / inputs), at % inputs];
      return from(input) * outputs + output;
    });
    return { turned: [outputs, inputs], places };
  }
  const [rows = 0, columns = 0, inputs = 0, outputs = 0] = shape;
  const places = Uint32Array.from({ length }, (_, at) => {
    const x = at % columns;
    const y = Math.floor(at / columns) % rows;
    const i = Math.floor(at / (columns * rows)) % inputs;
    const o = Math.floor(at / (columns * rows * inputs));
    const input = reverse ? inputs - 1 - i : i;
    return ((y * columns + x) * inputs + input) * outputs + o;
  });
  return { turned: [outputs, inputs, rows, columns], places };
}

/** Returns the place in [H, W, C] of a place in [C, H, W]. */
function channelsFirst([height = 0, width = 0, channels = 0]: readonly number[]): (
  place: number,
) => number {
  const area = height * width;
  return (place) => (place % area) * channels + Math.floor(place / area);
}
