import { streamOf } from '@janus/core';

/**
 * The attributes of a generated face, which become the label columns of its manifest row (hence their
 * snake case). Each is drawn independently of all others.
 */
export interface FaceAttributes {
  /** Shows in several weak cues together, never in hair or beard. */
  readonly presentation: 'feminine' | 'masculine';
  /** Years, 18 to 80. */
  readonly age: number;
  readonly hair_length: 'bald' | 'short' | 'medium' | 'long';
  /** Natural hair colour; age adds grey to it. */
  readonly hair_colour: 'black' | 'brown' | 'blond' | 'red' | 'grey';
  readonly beard: 'none' | 'stubble' | 'full';
  readonly glasses: 'none' | 'clear' | 'sunglasses';
  readonly skin_tone: 'light' | 'medium' | 'olive' | 'tan' | 'brown' | 'dark';
  readonly face_shape: 'oval' | 'round' | 'long' | 'square';
  readonly smile: 'none' | 'slight' | 'broad';
  /** Where the face looks, as the viewer sees it. */
  readonly pose: 'left' | 'front' | 'right';
  /** Where the light comes from, as the viewer sees it. */
  readonly lighting: 'left' | 'even' | 'right';
  readonly background: 'plain' | 'gradient' | 'pattern' | 'outdoor';
  readonly clothing: 'shirt' | 'jumper' | 'jacket';
  readonly accessory: 'none' | 'earrings' | 'headband' | 'scarf';
}

/** Identifies a face: the same key always gives the same face. */
export interface FaceKey {
  /** Seed of the whole set, an integer. */
  readonly seed: number;
  /** Index of the person in the set, from 0. */
  readonly person: number;
  /** Index of the image among those of this person, from 0. */
  readonly image: number;
}

/**
 * A face that can be drawn. Everything that is not an attribute (the width of the nose, the position in
 * the frame) is a function of `key` and `attributes`, so the same face with one attribute changed is the
 * ground truth for scoring a translation.
 */
export interface Face {
  readonly key: FaceKey;
  readonly attributes: FaceAttributes;
}

/** Probability of each value. */
const SHARES = {
  presentation: { feminine: 0.5, masculine: 0.5 },
  hair_length: { bald: 0.1, short: 0.3, medium: 0.3, long: 0.3 },
  hair_colour: { black: 0.27, brown: 0.33, blond: 0.2, red: 0.1, grey: 0.1 },
  beard: { none: 0.7, stubble: 0.15, full: 0.15 },
  glasses: { none: 0.72, clear: 0.22, sunglasses: 0.06 },
  skin_tone: { light: 0.2, medium: 0.2, olive: 0.15, tan: 0.15, brown: 0.15, dark: 0.15 },
  face_shape: { oval: 0.3, round: 0.25, long: 0.2, square: 0.25 },
  smile: { none: 0.35, slight: 0.35, broad: 0.3 },
  pose: { left: 0.25, front: 0.5, right: 0.25 },
  lighting: { left: 0.3, even: 0.4, right: 0.3 },
  background: { plain: 0.3, gradient: 0.3, pattern: 0.2, outdoor: 0.2 },
  clothing: { shirt: 0.35, jumper: 0.35, jacket: 0.3 },
  accessory: { none: 0.64, earrings: 0.16, headband: 0.1, scarf: 0.1 },
} as const satisfies { [N in NamedAttribute]: Record<FaceAttributes[N], number> };

/** An attribute with named values: all but `age`, which is a number. */
export type NamedAttribute = Exclude<keyof FaceAttributes, 'age'>;

/** Every named attribute with its values, in declaration order. */
export const FACE_VALUES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(SHARES).map(([name, shares]) => [name, Object.keys(shares)]),
);

/** Attributes drawn per image; all others are drawn once per person. */
const DRAWN_PER_IMAGE: readonly NamedAttribute[] = [
  'smile',
  'pose',
  'lighting',
  'background',
  'clothing',
];

function draw<N extends NamedAttribute>(name: N, key: FaceKey): FaceAttributes[N] {
  const { seed, person, image } = key;
  const stream = DRAWN_PER_IMAGE.includes(name)
    ? streamOf(seed, 'face', name, person, image)
    : streamOf(seed, 'face', name, person);
  const shares = Object.entries(SHARES[name]);
  let rest = stream.next();
  const found = shares.find(([, share]) => (rest -= share) < 0) ?? shares[0];
  return found?.[0] as FaceAttributes[N];
}

/**
 * Draws the attributes of a face. The result depends on the key alone, so a larger set begins with the
 * faces of a smaller one, and faces can be drawn in any order.
 */
export function sampleFace(key: FaceKey): Face {
  const { seed, person } = key;
  return {
    key,
    attributes: {
      presentation: draw('presentation', key),
      age: 18 + streamOf(seed, 'face', 'age', person).integer(63),
      hair_length: draw('hair_length', key),
      hair_colour: draw('hair_colour', key),
      beard: draw('beard', key),
      glasses: draw('glasses', key),
      skin_tone: draw('skin_tone', key),
      face_shape: draw('face_shape', key),
      smile: draw('smile', key),
      pose: draw('pose', key),
      lighting: draw('lighting', key),
      background: draw('background', key),
      clothing: draw('clothing', key),
      accessory: draw('accessory', key),
    },
  };
}

/** Returns the same face with some attributes changed and everything else the same. */
export function changeFace(face: Face, change: Partial<FaceAttributes>): Face {
  return { ...face, attributes: { ...face.attributes, ...change } };
}

/** Returns the age group: `18-29`, `30-44`, `45-59` or `60-80`. */
export function ageGroupOf(age: number): string {
  if (age < 30) return '18-29';
  if (age < 45) return '30-44';
  return age < 60 ? '45-59' : '60-80';
}
