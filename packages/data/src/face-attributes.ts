import { streamOf, type RandomStream } from '@janus/core';

/** What is known of a synthetic face; every field is drawn independently of the others. */
export interface FaceAttributes {
  readonly presentation: 'feminine' | 'masculine';
  /** Years, 18 to 80. */
  readonly age: number;
  readonly hair_length: 'bald' | 'short' | 'medium' | 'long';
  readonly hair_colour: 'black' | 'brown' | 'blond' | 'red' | 'grey';
  readonly beard: 'none' | 'stubble' | 'full';
  readonly glasses: 'none' | 'clear' | 'sunglasses';
  readonly skin_tone: 'light' | 'medium' | 'tan' | 'brown' | 'dark';
  readonly face_shape: 'oval' | 'round' | 'long' | 'square';
  readonly smile: 'none' | 'slight' | 'broad';
  readonly pose: 'left' | 'front' | 'right';
  readonly lighting: 'left' | 'even' | 'right';
  readonly background: 'plain' | 'gradient' | 'pattern' | 'outdoor';
  readonly clothing: 'shirt' | 'jumper' | 'jacket';
}

/** What differs between two pictures without a name for it. */
export interface FaceNuisance {
  /** Fractions of the picture. */
  readonly shiftX: number;
  readonly shiftY: number;
  readonly scale: number;
  readonly rollDegrees: number;
  readonly exposure: number;
  readonly hue: number;
  readonly clothingHue: number;
  readonly backgroundHue: number;
  readonly backgroundLightness: number;
  /** Standard normal numbers that make faces of one kind differ: eyes, nose, mouth, ears... */
  readonly variation: readonly number[];
  readonly noiseSeed: number;
}

/** The values of each named attribute with their shares. */
type Shares<T extends string> = readonly (readonly [T, number])[];

const SHARES = {
  presentation: [
    ['feminine', 0.5],
    ['masculine', 0.5],
  ],
  hair_length: [
    ['bald', 0.1],
    ['short', 0.3],
    ['medium', 0.3],
    ['long', 0.3],
  ],
  hair_colour: [
    ['black', 0.25],
    ['brown', 0.3],
    ['blond', 0.2],
    ['red', 0.1],
    ['grey', 0.15],
  ],
  beard: [
    ['none', 0.7],
    ['stubble', 0.15],
    ['full', 0.15],
  ],
  glasses: [
    ['none', 0.65],
    ['clear', 0.25],
    ['sunglasses', 0.1],
  ],
  skin_tone: [
    ['light', 0.25],
    ['medium', 0.2],
    ['tan', 0.2],
    ['brown', 0.2],
    ['dark', 0.15],
  ],
  face_shape: [
    ['oval', 0.3],
    ['round', 0.25],
    ['long', 0.2],
    ['square', 0.25],
  ],
  smile: [
    ['none', 0.35],
    ['slight', 0.35],
    ['broad', 0.3],
  ],
  pose: [
    ['left', 0.25],
    ['front', 0.5],
    ['right', 0.25],
  ],
  lighting: [
    ['left', 0.3],
    ['even', 0.4],
    ['right', 0.3],
  ],
  background: [
    ['plain', 0.3],
    ['gradient', 0.3],
    ['pattern', 0.2],
    ['outdoor', 0.2],
  ],
  clothing: [
    ['shirt', 0.35],
    ['jumper', 0.35],
    ['jacket', 0.3],
  ],
} as const satisfies Record<string, Shares<string>>;

type Named = keyof typeof SHARES;

/** The named attributes and their values, in order. */
export const FACE_VALUES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(SHARES).map(([name, shares]) => [name, shares.map(([value]) => value)]),
);

function draw<N extends Named>(name: N, stream: RandomStream): FaceAttributes[N] {
  let rest = stream.next();
  for (const [value, share] of SHARES[name]) {
    rest -= share;
    if (rest < 0) return value as FaceAttributes[N];
  }
  return SHARES[name][0][0] as FaceAttributes[N];
}

/** How many numbers {@link FaceNuisance.variation} holds. */
const VARIATIONS = 24;

/** What one person keeps between pictures. */
const PERSONAL: readonly Named[] = [
  'presentation',
  'hair_length',
  'hair_colour',
  'beard',
  'glasses',
  'skin_tone',
  'face_shape',
];

/** Which face is meant. */
export interface FaceNumber {
  readonly seed: number;
  readonly person: number;
  /** Of this person, counted from 0. */
  readonly picture: number;
}

/**
 * Returns attributes and nuisance of a face: a function of seed, person and picture alone, so that a
 * larger set begins with the faces of a smaller one.
 */
export function sampleFace({ seed, person, picture }: FaceNumber): {
  readonly attributes: FaceAttributes;
  readonly nuisance: FaceNuisance;
} {
  const one = <N extends Named>(name: N): FaceAttributes[N] =>
    draw(
      name,
      PERSONAL.includes(name)
        ? streamOf(seed, 'face', name, person)
        : streamOf(seed, 'face', name, person, picture),
    );
  const body = streamOf(seed, 'face', 'body', person);
  const scene = streamOf(seed, 'face', 'scene', person, picture);
  const around = (spread: number): number => (scene.next() * 2 - 1) * spread;
  return {
    attributes: {
      presentation: one('presentation'),
      age: 18 + streamOf(seed, 'face', 'age', person).integer(63),
      hair_length: one('hair_length'),
      hair_colour: one('hair_colour'),
      beard: one('beard'),
      glasses: one('glasses'),
      skin_tone: one('skin_tone'),
      face_shape: one('face_shape'),
      smile: one('smile'),
      pose: one('pose'),
      lighting: one('lighting'),
      background: one('background'),
      clothing: one('clothing'),
    },
    nuisance: {
      shiftX: around(0.07),
      shiftY: around(0.05),
      scale: 1.32 + around(0.16),
      rollDegrees: around(9),
      exposure: around(0.22),
      hue: around(6),
      clothingHue: scene.next() * 360,
      backgroundHue: scene.next() * 360,
      backgroundLightness: 25 + scene.next() * 55,
      variation: Array.from({ length: VARIATIONS }, () =>
        Math.max(-2, Math.min(2, body.normal())),
      ),
      noiseSeed: scene.integer(1_000_000),
    },
  };
}

/** Returns the group of an age: `18-29`, `30-44`, `45-59`, `60-80`. */
export function ageGroupOf(age: number): string {
  if (age < 30) return '18-29';
  if (age < 45) return '30-44';
  return age < 60 ? '45-59' : '60-80';
}
