import type { FaceLook } from './look.js';
import {
  closedCurve,
  css,
  mirrored,
  mix,
  n,
  openCurve,
  softLine,
  softSpot,
  type Point,
} from './shapes.js';

/** Returns the outline of the turned head as an SVG path. */
export function headPath(look: FaceLook): string {
  const right = look.outline;
  const whole = [...right, [0, look.chinY + 0.6] as Point, ...mirrored(right.slice(1))];
  return closedCurve(whole.map(look.edge));
}

/** Draws the neck with its shadow and, on some, an Adam's apple. */
export function drawNeck(look: FaceLook): string {
  const { shade, chinY, edge } = look;
  const half = 22.5 + 3 * look.cue('neck');
  const [shift] = edge([0, chinY]);
  const x = shift * 0.35;
  const top = chinY - 34;
  const sides = closedCurve([
    [x * 1.4 - half, top],
    [x - half, chinY + 6],
    [-half - 2, chinY + 16],
    [-half - 14, chinY + 27],
    [0, chinY + 46],
    [half + 14, chinY + 27],
    [half + 2, chinY + 16],
    [x + half, chinY + 6],
    [x * 1.4 + half, top],
  ]);
  const shadow = closedCurve([
    [x * 1.4 - half - 1, top],
    [x - half - 1, chinY - 2],
    [x * 1.2 - half * 0.5, chinY + 11],
    [x * 1.2, chinY + 14],
    [x * 1.2 + half * 0.5, chinY + 11],
    [x + half + 1, chinY - 2],
    [x * 1.4 + half + 1, top],
  ]);
  const apple = Math.max(0, look.cue('adams apple'));
  const lump = [
    softSpot({
      fade: 'shade',
      at: [x * 0.7, chinY + 14],
      radii: [6.5, 6],
      opacity: Math.min(0.9, apple * 0.75),
    }),
    softSpot({
      fade: 'glow',
      at: [x * 0.7 + 1, chinY + 9.5],
      radii: [4.5, 3.6],
      opacity: Math.min(0.7, apple * 0.5),
    }),
  ].join('');
  const tendons = `M${n(x - half * 0.62)} ${n(chinY + 4)}Q${n(-half * 0.5)} ${n(chinY + 18)} -5 ${n(chinY + 28)}M${n(x + half * 0.62)} ${n(chinY + 4)}Q${n(half * 0.5)} ${n(chinY + 18)} 5 ${n(chinY + 28)}`;
  return `<path d="${sides}" fill="url(#neck)"/><path d="${shadow}" fill="url(#under)"/>${softLine(tendons, { colour: shade, width: 3, opacity: 0.35 })}${lump}`;
}

/** Draws both ears; the one on the far side of a turned head is narrower, or hidden. */
export function drawEars(look: FaceLook): string {
  const { skin, shade, halfWidth, yaw } = look;
  const size = 0.9 + 0.07 * look.trait('ear') + 0.12 * look.old;
  const one = (side: 1 | -1): string => {
    const away = yaw * side;
    if (away > 0.22) return '';
    const x = side * (halfWidth + 1.5 - Math.max(0, away) * 14) - Math.sin(yaw) * 7;
    const width = 1 - Math.max(-0.3, away) * 0.9;
    const transform = `translate(${n(x)} 2) scale(${n(side * size * width)} ${n(size)}) rotate(8)`;
    return `<g transform="${transform}"><path d="M-3-14C3-19 10-16 9-7C8.500 0 6 3 5 9C4 15-2 16-4 11Z" fill="${css(mix(skin, [200, 90, 70], 0.1))}"/><path d="M0-11C5-13.500 7.500-9 6-3C5 1 3 3 2.500 8M0-5C3-6 4-2 1.500 2" fill="none" stroke="${css(shade)}" stroke-width="1.600" opacity="0.75"/></g>`;
  };
  return one(-1) + one(1);
}

/** Draws the soft shading that gives the head its form; the caller clips it to the head. */
export function drawForm(look: FaceLook): string {
  const { eyeX, eyeY, mouthY, chinY, place, cue, attributes } = look;
  const spot = (at: Point, radii: Point, [fade, opacity]: readonly [string, number]): string => {
    const p = place(at[0], at[1]);
    return softSpot({
      fade,
      at: [p.x, p.y],
      radii: [radii[0] * 1.45 * p.narrowing, radii[1] * 1.45],
      opacity,
    });
  };
  const ridge = 0.26 + 0.1 * Math.max(0, cue('brow ridge'));
  const blush = Math.max(
    0.04,
    0.27 - 0.21 * cue('cheek colour') + 0.1 * look.trait('cheek colour'),
  );
  const hollow = Math.max(0, 0.13 + 0.1 * cue('cheek hollow') + 0.12 * look.old);
  const jawShade = Math.max(0, 0.17 + 0.26 * cue('jaw shade') + 0.05 * look.trait('jaw shade'));
  const jaw =
    attributes.beard === 'full' || jawShade < 0.03
      ? ''
      : `<path d="${closedCurve([
          ...[...look.outline.slice(5), ...mirrored(look.outline.slice(5))].map(look.edge),
          ...([-30, -17, 0, 17, 30] as const).map((x): Point => {
            const p = place(x, mouthY - (Math.abs(x) < 20 ? 10 : 0));
            return [p.x, p.y];
          }),
        ])}" fill="url(#jaw)" opacity="${n(jawShade)}"/>`;
  return [
    ...[-1, 1].flatMap((side) => [
      spot([side * (eyeX - 1), eyeY - 3], [14, 9], ['shade', ridge]),
      spot([side * (eyeX - 12), eyeY + 1], [5, 8], ['shade', 0.25]),
      spot([side * 29, 21], [14, 9], ['blush', blush]),
      spot([side * 27, 13], [11, 6], ['glow', 0.45]),
      spot([side * 35, 36], [9, 14], ['shade', hollow]),
      spot([side * 47, -34], [9, 22], ['shade', 0.22]),
    ]),
    spot([0, -42], [26, 13], ['glow', 0.5]),
    spot([0, mouthY + 11], [12, 4], ['shade', 0.42]),
    spot([0, chinY - 9], [10, 6], ['glow', 0.42]),
    spot([0, mouthY - 9], [3, 5], ['shade', 0.2]),
    jaw,
  ].join('');
}

/** Returns how deep wrinkles are, 0 to 1: with age, and not the same in all people of an age. */
export const wrinkleDepthOf = (look: Pick<FaceLook, 'old' | 'trait'>): number =>
  Math.max(0, Math.min(1, look.old * 0.95 + 0.08 * look.trait('wrinkling')));

/** Draws wrinkles, which deepen with age and smiling. */
export function drawWrinkles(look: FaceLook): string {
  const { eyeX, eyeY, mouthY, place, shade } = look;
  const depth = wrinkleDepthOf(look);
  const smiling = { none: 0, slight: 0.14, broad: 0.3 }[look.attributes.smile];
  const line = (points: readonly Point[], strength: number): string => {
    if (strength < 0.1) return '';
    const turned = points.map(([x, y]): Point => {
      const p = place(x, y);
      return [p.x, p.y];
    });
    return `<path d="${openCurve(turned)}" opacity="${n(Math.min(0.85, strength))}"/>`;
  };
  const sides = [-1, 1].map((side) => {
    const s = (points: readonly Point[]): readonly Point[] =>
      points.map(([x, y]): Point => [side * x, y]);
    return [
      line(
        s([
          [11.5, 23],
          [18, 29],
          [20.5, mouthY - 3],
          [20, mouthY + 4],
        ]),
        0.18 + smiling + 0.55 * depth,
      ),
      line(
        s([
          [eyeX - 9, eyeY + 7],
          [eyeX, eyeY + 11.5],
          [eyeX + 9, eyeY + 8],
        ]),
        0.14 + 0.6 * depth,
      ),
      line(
        s([
          [eyeX + 13, eyeY],
          [eyeX + 19, eyeY - 4],
        ]),
        depth * 0.75 + smiling * 0.5 - 0.1,
      ),
      line(
        s([
          [eyeX + 13, eyeY + 2.5],
          [eyeX + 20, eyeY + 3],
        ]),
        depth * 0.75 + smiling * 0.5 - 0.1,
      ),
      line(
        s([
          [eyeX + 12, eyeY + 5],
          [eyeX + 18, eyeY + 10],
        ]),
        depth * 0.7 - 0.1,
      ),
      line(
        s([
          [19, mouthY + 7],
          [20.5, mouthY + 15],
        ]),
        depth * 0.7 - 0.15,
      ),
      line(
        s([
          [3.5, -22],
          [4.5, -13],
        ]),
        depth * 0.6 - 0.1,
      ),
    ].join('');
  });
  const forehead = [-34, -41, -48].map((y, i) =>
    line(
      [
        [-25 + i * 2, y + 1.5],
        [-10, y - 0.8],
        [0, y + 0.8],
        [11, y - 0.9],
        [25 - i * 2, y + 1.5],
      ],
      depth * 0.75 - 0.08 * i,
    ),
  );
  return `<g fill="none" stroke="${css(mix(shade, [40, 20, 15], 0.15))}" stroke-width="1.3" stroke-linecap="round">${sides.join('')}${forehead.join('')}</g>`;
}

/** Draws freckles, on those who have them. */
export function drawFreckles(look: FaceLook): string {
  const many = look.trait('freckles') + (look.attributes.hair_colour === 'red' ? 0.6 : 0);
  if (many < 0.9) return '';
  const stream = look.texture('freckles');
  let dots = '';
  for (let i = 0; i < 40; i++) {
    const p = look.place((stream.next() * 2 - 1) * 38, 6 + stream.normal() * 8);
    dots += `M${n(p.x)} ${n(p.y)}h0.1`;
  }
  return `<path d="${dots}" stroke="${css(look.shade)}" stroke-width="1.3" stroke-linecap="round" opacity="${n(Math.min(0.55, many * 0.3))}"/>`;
}
