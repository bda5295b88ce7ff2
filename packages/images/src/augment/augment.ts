import { OptionsError, streamOf, type RandomStream } from '@janus/core';
import { changeColour, type ColourChange } from './augment-colour.js';
import {
  cropImage,
  cutOut,
  flipImage,
  turnImage,
  type Square,
  type SizedPixels,
  type Turn,
} from './augment-geometry.js';
import type { ImageSize, Region } from '../decode/resample.js';
import { sidesOf, type Sides } from '../decode/sides.js';

/** All augmentations, in the order in which they are applied to an image. */
export const AUGMENTATIONS = [
  'crop',
  'jitter',
  'rotate',
  'zoom',
  'flip',
  'colour',
  'cutout',
] as const;

/** One of {@link AUGMENTATIONS}. */
export type Augmentation = (typeof AUGMENTATIONS)[number];

/** The ranges that each augmentation draws from. */
export const AUGMENT_RANGES = {
  /**
   * Area of the crop as a share of the image, and its width over its height, drawn on a logarithmic scale:
   * the random resized crop of Szegedy et al. 2015 (arXiv 1409.4842, section 6). The paper's area begins
   * at 0.08, which cuts the subject out of a head-shot; ours begins at 0.5.
   */
  crop: { area: [0.5, 1], aspect: [0.75, 1.3333333333333333] },
  /**
   * Factor by which the image is enlarged before a part of its own size is cropped at random: the random
   * jitter of Isola et al. 2017 (arXiv 1611.07004, section 6.2), 286 to 256 pixels, which CycleGAN's
   * implementations adopted.
   */
  jitter: { enlarged: 1.1171875 },
  /** Largest angle to either side, in degrees: about how far people tilt their heads. */
  rotate: { degrees: 15 },
  /** Factor, drawn on a logarithmic scale. */
  zoom: { factor: [0.8, 1.25] },
  /** Probability that an image is mirrored. */
  flip: { chance: 0.5 },
  /**
   * Largest distance of brightness, contrast and saturation from 1, and of the hue from 0 in turns: the
   * colour jitter of timm's and torchvision's recipes (0.4), with little hue, since skin has a narrow range.
   */
  colour: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.02 },
  /**
   * Side of the square as a share of the image's shorter side. Its centre lies anywhere in the image, so part of it
   * may be outside: DeVries and Taylor 2017 (arXiv 1708.04552, section 3), with the side of its CIFAR-100
   * runs.
   */
  cutout: { side: 0.25 },
} as const;

/** One drawn change of an image, as {@link drawAugmentation} returns it. */
export interface AugmentDraw {
  /** In pixels of the image; width 0 for the whole image. */
  readonly crop: Region;
  readonly turn: Turn;
  readonly flip: boolean;
  readonly colour: ColourChange;
  readonly cutout: Square;
}

const SAME_COLOUR: ColourChange = { brightness: 1, contrast: 1, saturation: 1, hue: 0 };

/** A region of width 0 stands for the whole image. */
const WHOLE: Region = { left: 0, top: 0, width: 0, height: 0 };

/** The draw that changes nothing. */
export const UNCHANGED: AugmentDraw = {
  crop: WHOLE,
  turn: { angleDegrees: 0, zoom: 1 },
  flip: false,
  colour: SAME_COLOUR,
  cutout: { left: 0, top: 0, side: 0 },
};

/** The draw that only mirrors. */
export const MIRRORED: AugmentDraw = { ...UNCHANGED, flip: true };

/** What {@link drawAugmentation} derives its random numbers from. */
export interface DrawContext extends Sides {
  /** Seed of the training, an integer. */
  readonly seed: number;
  /** Counted from 0. */
  readonly epoch: number;
  /** The image's id in its data set. */
  readonly id: string;
}

/**
 * Draws how an image is changed in an epoch. The result depends on the arguments alone. Each augmentation
 * has its own random stream, so adding one does not change what the others draw.
 */
export function drawAugmentation(
  kinds: readonly Augmentation[],
  { seed, epoch, id, ...sides }: DrawContext,
): AugmentDraw {
  const size = sidesOf(sides);
  const has = (kind: Augmentation): RandomStream | undefined =>
    kinds.includes(kind) ? streamOf(seed, 'augment', kind, epoch, id) : undefined;
  const [crop, jitter, rotate, zoom, flip, colour, cutout] = AUGMENTATIONS.map(has);
  return {
    crop:
      crop !== undefined
        ? drawCrop(crop, size)
        : jitter !== undefined
          ? drawJitter(jitter, size)
          : WHOLE,
    turn: {
      angleDegrees: rotate === undefined ? 0 : around(rotate, 0, AUGMENT_RANGES.rotate.degrees),
      zoom: zoom === undefined ? 1 : logarithmic(zoom, AUGMENT_RANGES.zoom.factor),
    },
    flip: flip !== undefined && flip.next() < AUGMENT_RANGES.flip.chance,
    colour: colour === undefined ? SAME_COLOUR : drawColour(colour),
    cutout: cutout === undefined ? UNCHANGED.cutout : drawCutout(cutout, size),
  };
}

const around = (stream: RandomStream, middle: number, distance: number): number =>
  middle + distance * (2 * stream.next() - 1);

function logarithmic(stream: RandomStream, [low, high]: readonly [number, number]): number {
  return Math.exp(Math.log(low) + stream.next() * (Math.log(high) - Math.log(low)));
}

function drawCrop(stream: RandomStream, size: ImageSize): Region {
  const { area, aspect } = AUGMENT_RANGES.crop;
  const share = area[0] + stream.next() * (area[1] - area[0]);
  const ratio = Math.sqrt(logarithmic(stream, aspect));
  // A crop wider or taller than the image is clipped to it.
  const width = Math.min(size.width, size.width * Math.sqrt(share) * ratio);
  const height = Math.min(size.height, (size.height * Math.sqrt(share)) / ratio);
  return {
    left: stream.next() * (size.width - width),
    top: stream.next() * (size.height - height),
    width,
    height,
  };
}

/** The position is drawn in whole pixels of the enlarged image, but cropped from the original in one step. */
function drawJitter(stream: RandomStream, { width, height }: ImageSize): Region {
  const axis = (size: number): { readonly place: number; readonly side: number } => {
    const enlarged = Math.round(size * AUGMENT_RANGES.jitter.enlarged);
    const side = (size * size) / enlarged;
    const place = (stream.integer(enlarged - size + 1) * size) / enlarged;
    return { place: Math.min(size - side, place), side };
  };
  const [across, down] = [axis(width), axis(height)];
  return { left: across.place, top: down.place, width: across.side, height: down.side };
}

function drawColour(stream: RandomStream): ColourChange {
  const { brightness, contrast, saturation, hue } = AUGMENT_RANGES.colour;
  return {
    brightness: around(stream, 1, brightness),
    contrast: around(stream, 1, contrast),
    saturation: around(stream, 1, saturation),
    hue: around(stream, 0, hue),
  };
}

function drawCutout(stream: RandomStream, { width, height }: ImageSize): Square {
  const side = Math.round(AUGMENT_RANGES.cutout.side * Math.min(width, height));
  const corner = (size: number): number => stream.integer(size) - (side >> 1);
  return { left: corner(width), top: corner(height), side };
}

const sameColour = ({ brightness, contrast, saturation, hue }: ColourChange): boolean =>
  brightness === 1 && contrast === 1 && saturation === 1 && hue === 0;

/** Returns whether a draw changes nothing in an image of `size` pixels in height, and in width if it has no other. */
export function isUnchanged(draw: AugmentDraw, size: number, width: number = size): boolean {
  const { turn, flip, colour, cutout } = draw;
  return (
    isWhole(draw.crop, { width, height: size }) &&
    turn.angleDegrees === 0 &&
    turn.zoom === 1 &&
    !flip &&
    sameColour(colour) &&
    cutout.side === 0
  );
}

const isWhole = ({ left, top, width, height }: Region, size: ImageSize): boolean =>
  width === 0 || (left === 0 && top === 0 && width === size.width && height === size.height);

/**
 * Augments an image into existing memory.
 *
 * @param target uint8 [size, width, 3], not the image's own memory
 * @param image uint8 [size, width, 3], which stays unchanged
 */
export function augmentInto(target: Uint8Array, image: SizedPixels, draw: AugmentDraw): void {
  const { size, width } = image;
  const { crop, turn, flip, colour, cutout } = draw;
  const turns = turn.angleDegrees !== 0 || turn.zoom !== 1;
  if (isWhole(crop, sidesOf(image))) {
    if (turns) turnImage(target, image, turn);
    else target.set(image.pixels);
  } else {
    cropImage(target, image, crop);
    if (turns) turnImage(target, { pixels: target.slice(), size, width }, turn);
  }
  const changed = { pixels: target, size, width };
  if (flip) flipImage(changed);
  if (!sameColour(colour)) changeColour(changed, colour);
  cutOut(changed, cutout);
}

/**
 * Returns an augmented copy of an image.
 *
 * @param image uint8 [size, width, 3]
 * @returns uint8 [size, width, 3]
 */
export function augment(image: SizedPixels, draw: AugmentDraw): Uint8Array {
  const target = new Uint8Array(image.pixels.length);
  augmentInto(target, image, draw);
  return target;
}

/** How many numbers {@link fieldsOfDraw} returns. */
export const AUGMENT_FIELDS = 14;

/** Returns a draw as {@link AUGMENT_FIELDS} numbers, for memory shared by threads. */
export function fieldsOfDraw({ crop, turn, flip, colour, cutout }: AugmentDraw): number[] {
  return [
    ...[crop.left, crop.top, crop.width, crop.height],
    ...[turn.angleDegrees, turn.zoom, flip ? 1 : 0],
    ...[colour.brightness, colour.contrast, colour.saturation, colour.hue],
    ...[cutout.left, cutout.top, cutout.side],
  ];
}

/** Inverse of {@link fieldsOfDraw}. */
export function drawOfFields(fields: ArrayLike<number>): AugmentDraw {
  const at = (i: number): number => fields[i] ?? 0;
  return {
    crop: { left: at(0), top: at(1), width: at(2), height: at(3) },
    turn: { angleDegrees: at(4), zoom: at(5) },
    flip: at(6) === 1,
    colour: { brightness: at(7), contrast: at(8), saturation: at(9), hue: at(10) },
    cutout: { left: at(11), top: at(12), side: at(13) },
  };
}

/**
 * Parses a list of augmentations; they come back in the order in which they are applied.
 *
 * @param text `none`, or comma-separated names
 * @throws OptionsError when a name is not one of {@link AUGMENTATIONS}, or both `crop` and `jitter` are listed
 */
export function parseAugmentations(text: string): readonly Augmentation[] {
  if (text === 'none') return [];
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if ((AUGMENTATIONS as readonly string[]).includes(name)) continue;
    throw new OptionsError(
      `augment: must be none or a list of ${AUGMENTATIONS.join(',')}, but got ${name}. Use flip,colour, for example.`,
    );
  }
  if (names.includes('crop') && names.includes('jitter')) {
    throw new OptionsError(
      `augment: only one of crop and jitter can be used, since both crop the image, but got ${text}. Choose one.`,
    );
  }
  return AUGMENTATIONS.filter((kind) => names.includes(kind));
}
