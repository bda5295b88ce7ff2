/** Weights of the CycleGAN repository (junyanz/pytorch-CycleGAN-and-pix2pix) under our names. */
import { DataError, type NamedArray } from '@janus/core';
import type { GeneratorOptions } from './cyclegan-generator.js';

/** A layer's name there, and ours. */
export type LayerNames = readonly (readonly [theirs: string, ours: string])[];

/** Returns the layers of a ResNet generator; `second`: place of a block's second convolution, 6 where dropout precedes it. */
export function resnetLayers(blocks: number, second: 5 | 6 = 5): LayerNames {
  const up = 10 + blocks;
  const each = Array.from({ length: blocks }, (_, i) => {
    const theirs = `model.${10 + i}.conv_block`;
    const ours = `block${i + 1}`;
    return [...withNorm(theirs, 1, `${ours}_conv1`), ...withNorm(theirs, second, `${ours}_conv2`)];
  });
  return [
    ...withNorm('model', 1, 'enter'),
    ...withNorm('model', 4, 'down1'),
    ...withNorm('model', 7, 'down2'),
    ...each.flat(),
    ...withNorm('model', up, 'up1'),
    ...withNorm('model', up + 3, 'up2'),
    [`model.${up + 7}`, 'exit'],
  ];
}

/** Returns the layers of a U-Net generator. */
export function unetLayers(depth: number): LayerNames {
  const layers: (readonly [string, string])[] = [];
  let place = 'model.model';
  layers.push([`${place}.0`, 'down1'], [`${place}.3`, 'exit']);
  place += '.1.model';
  for (let level = 2; level <= depth; level++) {
    const isLast = level === depth;
    if (isLast) layers.push([`${place}.1`, `down${level}`]);
    else layers.push(...withNorm(place, 1, `down${level}`));
    layers.push(...withNorm(place, isLast ? 3 : 5, `up${level - 1}`));
    place += '.3.model';
  }
  return layers;
}

/** Returns the layers of a discriminator of patches. */
export function patchLayers(layers: number): LayerNames {
  const inner = Array.from({ length: layers }, (_, i) =>
    withNorm('model', 2 + 3 * i, `conv${i + 2}`),
  );
  return [['model.0', 'conv1'], ...inner.flat(), [`model.${2 + 3 * layers}`, 'logits']];
}

/** The layers of a discriminator of pixels. */
export const PIXEL_LAYERS: LayerNames = [
  ['net.0', 'conv1'],
  ...withNorm('net', 2, 'conv2'),
  ['net.5', 'logits'],
];

/** A convolution, and the norm at the next place. */
function withNorm(theirs: string, at: number, ours: string): LayerNames {
  return [
    [`${theirs}.${at}`, ours],
    [`${theirs}.${at + 1}`, `${ours}_norm`],
  ];
}

/** What belongs to a layer there, and what we call it; kernels are both. */
const PARTS: Readonly<Record<string, string>> = {
  weight: 'gamma',
  bias: 'beta',
  running_mean: 'moving_mean',
  running_var: 'moving_variance',
};

/**
 * Returns weights under our names, kernels in the order of tfjs; what is not of `layers` is left out. A convolution without a
 * bias gets one of zeros, which its network may not have.
 *
 * @throws DataError when a convolution has no kernel
 */
export function fromReference(
  arrays: readonly NamedArray[],
  layers: LayerNames,
): readonly NamedArray[] {
  const byName = new Map(arrays.map((array) => [array.name, array]));
  return layers.flatMap(([theirs, ours]) => {
    if (ours.endsWith('_norm')) {
      return Object.entries(PARTS).flatMap(([theirPart, part]) => {
        const array = byName.get(`${theirs}.${theirPart}`);
        return array === undefined ? [] : [{ ...array, name: `${ours}/${part}` }];
      });
    }
    const weight = byName.get(`${theirs}.weight`);
    if (weight?.shape.length !== 4) {
      throw new DataError(
        `${theirs}.weight: must be a kernel of a CycleGAN generator, but is ${weight === undefined ? 'absent' : `[${weight.shape.join()}]`}. Name the .pth file that the repository wrote, converted.`,
        {},
      );
    }
    const kernel = inTfjsOrder(weight, `${ours}/kernel`);
    const isTransposed = /^up\d+$/.test(ours) || (ours === 'exit' && theirs.endsWith('model.3'));
    const width = kernel.shape[isTransposed ? 2 : 3] ?? 0;
    const bias = byName.get(`${theirs}.bias`) ?? {
      name: '',
      shape: [width],
      data: new Float32Array(width),
    };
    return [kernel, { ...bias, name: `${ours}/bias` }];
  });
}

/**
 * Returns a kernel as tfjs has it: [out, in, height, width] as [height, width, in, out], of a transposed convolution [in, out,
 * height, width] as [height, width, out, in].
 */
function inTfjsOrder({ shape, data }: NamedArray, name: string): NamedArray {
  const [first = 0, second = 0, height = 0, width = 0] = shape;
  const moved = new Float32Array(data.length);
  for (let i = 0; i < moved.length; i++) {
    const [outer, place] = [Math.floor(i / (height * width)), i % (height * width)];
    const [a, b] = [Math.floor(outer / second), outer % second];
    moved[(place * second + b) * first + a] = data[i] ?? NaN;
  }
  return { name, shape: [height, width, second, first], data: moved };
}

/** What a file of the repository's weights is of. */
export interface ReferenceGenerator {
  /** The form that {@link buildGenerator} takes. */
  readonly options: Required<
    Pick<GeneratorOptions, 'architecture' | 'blocks' | 'filters' | 'channels' | 'norm'>
  >;
  /** Weights under our names. */
  readonly arrays: readonly NamedArray[];
  /** What the sides of images must be multiples of. */
  readonly multiple: number;
}

/**
 * Reads a generator of the repository: its form follows from the names and shapes of its weights.
 *
 * @param arrays its `state_dict`
 * @throws DataError when they are not of a ResNet or U-Net generator, or of one with affine instance normalisation
 */
export function readReferenceGenerator(arrays: readonly NamedArray[]): ReferenceGenerator {
  const names = new Set(arrays.map(({ name }) => name));
  const shapeOf = (name: string): readonly number[] =>
    arrays.find((array) => array.name === name)?.shape ?? [];
  if (names.has('model.model.0.weight')) {
    const [filters = 0, channels = 0] = shapeOf('model.model.0.weight');
    let [depth, place] = [1, 'model.model.1.model'];
    while (names.has(`${place}.1.weight`)) [depth, place] = [depth + 1, `${place}.3.model`];
    checkDepth(depth);
    const architecture = depth === 8 ? 'unet-256' : 'unet-128';
    const norm = normOf(names, 'model.model.1.model', 1);
    const options = { architecture, blocks: 0, filters, channels, norm } as const;
    return { options, arrays: fromReference(arrays, unetLayers(depth)), multiple: 2 ** depth };
  }
  const [filters = 0, channels = 0] = shapeOf('model.1.weight');
  const isBlock = /^model\.\d+\.conv_block\.1\.weight$/;
  const blocks = [...names].filter((name) => isBlock.test(name)).length;
  const second = names.has('model.10.conv_block.5.weight') ? 5 : 6;
  const norm = normOf(names, 'model', 1);
  const options = { architecture: 'resnet', blocks, filters, channels, norm } as const;
  return { options, arrays: fromReference(arrays, resnetLayers(blocks, second)), multiple: 4 };
}

function checkDepth(depth: number): void {
  if (depth === 7 || depth === 8) return;
  throw new DataError(
    `unet: must halve images 7 or 8 times, as unet_128 and unet_256 do, but halves them ${depth} times. Train such a generator here instead.`,
  );
}

function normOf(
  names: ReadonlySet<string>,
  place: string,
  at: number,
): ReferenceGenerator['options']['norm'] {
  const scaled = names.has(`${place}.${at + 1}.weight`);
  const moving = names.has(`${place}.${at + 1}.running_mean`);
  if (scaled && moving) return 'batch';
  if (scaled) {
    throw new DataError(
      `${place}.${at + 1}: must be normalised by the batch, or by the image without a scale, but has a scale of its own. Only --norm instance, batch and none of the repository are read.`,
    );
  }
  return names.has(`${place}.${at}.bias`) ? 'instance' : 'none';
}
