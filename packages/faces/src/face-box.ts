import type { Face } from './attributes.js';
import { frameOf } from './frame.js';
import { lookOf } from './look.js';
import { FRAME } from './scene.js';

/** Side of the square over the head's width: what a face detector's box has, forehead to chin. */
const SIDE = 1.1;
/** What the box leaves below the chin, in units of the drawing. */
const BELOW = 4;

/**
 * Returns the square around a face, from the forehead to just below the chin, as lists of real faces have
 * it: [left, top, right, bottom] in shares of the image's side.
 */
export function faceBox(face: Face): readonly [number, number, number, number] {
  const look = lookOf(face);
  const { halfWidth, chinY, edge } = look;
  const { x, y, scale, roll } = frameOf(look);
  const half = SIDE * halfWidth;
  const middle = chinY + BELOW - half;
  const [left] = edge([-halfWidth, middle]);
  const [right] = edge([halfWidth, middle]);
  const across = (left + right) / 2;
  const angle = (roll * Math.PI) / 180;
  const centre = [
    x + scale * (across * Math.cos(angle) - middle * Math.sin(angle)),
    y + scale * (across * Math.sin(angle) + middle * Math.cos(angle)),
  ] as const;
  const reach = scale * half;
  return [
    (centre[0] - reach) / FRAME,
    (centre[1] - reach) / FRAME,
    (centre[0] + reach) / FRAME,
    (centre[1] + reach) / FRAME,
  ];
}
