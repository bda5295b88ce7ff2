import { streamOf } from '@janus/core';
import type { FaceAttributes, Face } from './attributes.js';
import { colourOf, lightnessOf, mix, type Colour, type Point } from './shapes.js';

/** A point on the turned head, and the factor by which widths shrink there. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly narrowing: number;
}

/**
 * Everything the parts of a face are drawn from. The face is about 100 units wide and 146 high; x points
 * right, y down, and the origin lies between eyes and mouth.
 */
export interface FaceLook {
  readonly attributes: FaceAttributes;
  /** Returns a named number of this person, standard normal, clipped to [-2, 2]. */
  readonly trait: (name: string) => number;
  /** Returns a named number of this image, uniform in [-1, 1). */
  readonly scene: (name: string) => number;
  /** Returns a named random stream of this person, for strands and dots. */
  readonly texture: (name: string) => ReturnType<typeof streamOf>;
  /** Returns a named weak cue of presentation: around -1 feminine, around +1 masculine, overlapping. */
  readonly cue: (name: string) => number;
  /** 0 up to 30 years, rising linearly to 1 at 80. */
  readonly old: number;
  readonly skin: Colour;
  /** Skin in shade. */
  readonly shade: Colour;
  /** Skin in light. */
  readonly glow: Colour;
  readonly hair: Colour;
  readonly brow: Colour;
  readonly eyeY: number;
  readonly eyeX: number;
  readonly mouthY: number;
  readonly chinY: number;
  /** The right half of the head's outline from the crown to the chin, seen from the front. */
  readonly outline: readonly Point[];
  /** Half the width of the head at its widest point. */
  readonly halfWidth: number;
  /** Rotation to the right as the viewer sees it, radians. */
  readonly yaw: number;
  /** Maps a point of the frontal face to the turned head; `lift` is its height above the skin. */
  readonly place: (x: number, y: number, lift?: number) => Place;
  /** Maps a point of the outline to the turned head. */
  readonly edge: (point: Point) => Point;
}

const SKIN: Readonly<Record<FaceAttributes['skin_tone'], string>> = {
  light: '#f3d3bd',
  medium: '#e6b893',
  olive: '#cda479',
  tan: '#b27f55',
  brown: '#8a5a3b',
  dark: '#5c3b2a',
};

const HAIR: Readonly<Record<FaceAttributes['hair_colour'], string>> = {
  black: '#1d1716',
  brown: '#553521',
  blond: '#c9a062',
  red: '#9a4420',
  grey: '#9b9894',
};

/** What each face shape adds to the oval's widths and heights. */
const SHAPES: Readonly<
  Record<FaceAttributes['face_shape'], { width: number; jaw: number; chin: number; length: number }>
> = {
  oval: { width: 0, jaw: 0, chin: 0, length: 0 },
  round: { width: 3, jaw: 3.5, chin: 3, length: -6 },
  long: { width: -4, jaw: -1, chin: 0, length: 8 },
  square: { width: 0.5, jaw: 5.5, chin: 6, length: -1 },
};

/** Mean of a cue (with its sign) and its standard deviation among people. */
const CUE_SHIFT = 1;
const CUE_SPREAD = 0.48;

/** Depth of the head towards the viewer. */
const DEPTH = 46;

/** Caches numbers by name: opening a stream costs 3 microseconds. */
function remembered(draw: (name: string) => number): (name: string) => number {
  const known = new Map<string, number>();
  return (name) => {
    const value = known.get(name) ?? draw(name);
    known.set(name, value);
    return value;
  };
}

/** Returns the share of grey in the hair, 0 to 0.75: it comes with age, earlier in some people than in others. */
export const greyOf = (age: number, trait: FaceLook['trait']): number =>
  Math.max(0, Math.min(0.75, (age - 48 + 7 * trait('greying')) / 38));

/** Works out everything a face is drawn from. The result depends on the face alone. */
export function lookOf(face: Face): FaceLook {
  const { attributes } = face;
  const { seed, person, image } = face.key;
  const trait = remembered((name) =>
    Math.max(-2, Math.min(2, streamOf(seed, 'face', 'trait', name, person).normal())),
  );
  const scene = remembered(
    (name) => streamOf(seed, 'face', 'scene', name, person, image).next() * 2 - 1,
  );
  const texture = (name: string): ReturnType<typeof streamOf> =>
    streamOf(seed, 'face', 'texture', name, person);
  const sign = attributes.presentation === 'masculine' ? 1 : -1;
  const strength = CUE_SHIFT * (1 + 0.15 * trait('cue strength'));
  const cue = (name: string): number => sign * strength + CUE_SPREAD * trait(`cue ${name}`);
  const old = Math.max(0, (attributes.age - 30) / 50);

  const tone = colourOf(SKIN[attributes.skin_tone]);
  const skin = mix(
    mix(
      tone,
      trait('skin light') > 0 ? [255, 240, 225] : [60, 30, 20],
      Math.abs(trait('skin light')) * 0.05,
    ),
    trait('skin hue') > 0 ? [225, 120, 90] : [215, 172, 112],
    Math.abs(trait('skin hue')) * 0.055,
  );
  const pale = lightnessOf(skin);
  const shade = mix(skin, [pale * 110, pale * 38, pale * 28], 0.5);
  const glow = mix(skin, [255, 246, 232], 0.3);
  const grown = mix(
    colourOf(HAIR[attributes.hair_colour]),
    trait('hair light') > 0 ? [214, 170, 120] : [12, 9, 9],
    Math.abs(trait('hair light')) * 0.09,
  );
  const grey = greyOf(attributes.age, trait);
  const hair = mix(grown, [186, 184, 182], grey);
  const brow = mix(mix(grown, [30, 20, 16], 0.4), [150, 147, 144], grey * 0.5);

  const shape = SHAPES[attributes.face_shape];
  const width = shape.width + 1.3 * trait('face width');
  const length = shape.length + 1.6 * trait('face length') + 1.2 * cue('chin');
  const chin = 15 + shape.chin + 3.2 * cue('chin');
  const cheek = 49.5 + width + 1.1 * trait('cheekbone') - 0.8 * cue('jaw');
  const jaw = Math.min(cheek - 4.5, 38 + shape.jaw + width * 0.6 + 3 * cue('jaw') + old * 1.2);
  const chinY = 69 + length;
  const outline: readonly Point[] = [
    [0, -75],
    [24.5, -71],
    [42, -53],
    [49 + width * 0.8, -24],
    [cheek, 4],
    [(cheek + jaw) / 2 + 3.2, 27],
    [jaw, 45 + length * 0.6],
    [(jaw + chin) / 2 + 1.5, 58.5 + length * 0.85],
    [chin, 67 + length],
    [chin * 0.45, chinY],
  ];

  const turn = { left: -1, front: 0, right: 1 }[attributes.pose];
  const yaw = turn === 0 ? scene('yaw') * 0.09 : turn * (0.26 + 0.08 * scene('yaw'));
  const pitch = scene('pitch') * 0.06;
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const bulge = (x: number, y: number): number =>
    DEPTH * Math.sqrt(Math.max(0.04, 1 - (x / 57) ** 2 - ((y + 5) / 110) ** 2));
  const place = (x: number, y: number, lift = 0): Place => {
    const z = bulge(x, y) + lift;
    const slope = (bulge(x + 1, y) - bulge(x - 1, y)) / 2;
    return {
      x: x * cos + (z - 8) * sin,
      y: y + (z - 30) * pitch,
      narrowing: Math.max(0.55, Math.min(1.15, cos + slope * sin)),
    };
  };
  // The chin is further forward than the crown, so turning the head moves it most.
  const edge = ([x, y]: Point): Point => [
    x * (0.5 + 0.5 * cos) + sin * (y > 0 ? 6 + 20 * (y / 70) ** 2 : 6),
    y + pitch * (y > 0 ? 10 * (y / 70) : 0),
  ];
  return {
    attributes,
    trait,
    scene,
    texture,
    cue,
    old,
    skin,
    shade,
    glow,
    hair,
    brow,
    eyeY: -5 + 0.8 * trait('eye height'),
    eyeX: 20.5 + width * 0.3 + 0.8 * trait('eye gap'),
    mouthY: 41 + length * 0.55 + 0.9 * trait('mouth height'),
    chinY,
    outline,
    halfWidth: cheek,
    yaw,
    place,
    edge,
  };
}
