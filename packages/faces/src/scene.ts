import type { FaceLook } from './look.js';
import {
  closedCurve,
  colourOf,
  css,
  hsl,
  mirrored,
  mix,
  n,
  openCurve,
  type Colour,
  type Point,
} from './shapes.js';

/** Side of the drawing, in its own units. */
export const FRAME = 256;

/** Draws the background over the whole frame. */
export function drawBackground(look: FaceLook): string {
  const { scene } = look;
  const hue = scene('background hue') * 180;
  const light = 0.52 + 0.3 * scene('background light');
  const colour = hsl(hue, 0.12 + 0.3 * Math.abs(scene('background colour')), light);
  const second = mix(colour, scene('background light') > 0 ? [30, 34, 48] : [250, 246, 238], 0.45);
  const whole = `<rect width="${FRAME}" height="${FRAME}" `;
  switch (look.attributes.background) {
    case 'plain':
      return `${whole}fill="${css(colour)}"/>`;
    case 'gradient': {
      const angle = scene('background angle') * 180;
      return `<linearGradient id="wall" gradientTransform="rotate(${n(angle)} 0.5 0.5)"><stop offset="0" stop-color="${css(colour)}"/><stop offset="1" stop-color="${css(second)}"/></linearGradient>${whole}fill="url(#wall)"/>`;
    }
    case 'pattern':
      return `${whole}fill="${css(colour)}"/>${pattern(look, mix(colour, second, 0.6))}`;
    case 'outdoor':
      return outdoor(look);
  }
}

function pattern(look: FaceLook, colour: Colour): string {
  const kind = Math.floor((look.scene('pattern') + 1) * 2);
  const step = 18 + 7 * look.scene('pattern step');
  const tilt = look.scene('pattern tilt') * 45;
  const tile =
    kind === 0
      ? `<rect width="${n(step / 2)}" height="${n(step)}"/>`
      : kind === 1
        ? `<circle cx="${n(step / 2)}" cy="${n(step / 2)}" r="${n(step / 4)}"/>`
        : kind === 2
          ? `<path d="M0 0H${n(step / 2)}V${n(step)}H${n(step)}V${n(step / 2)}H0Z"/>`
          : `<path d="M0 0H${n(step)}V1.5H0ZM${n(step * 0.45)} 0H${n(step * 0.55)}V${n(step)}H${n(step * 0.45)}Z"/>`;
  return `<pattern id="tile" width="${n(step)}" height="${n(step)}" patternUnits="userSpaceOnUse" patternTransform="rotate(${n(tilt)})"><g fill="${css(colour)}">${tile}</g></pattern><rect width="${FRAME}" height="${FRAME}" fill="url(#tile)" opacity="0.8"/>`;
}

function outdoor(look: FaceLook): string {
  const { scene } = look;
  const evening = Math.max(0, scene('evening'));
  const sky = mix([120, 170, 222], [232, 150, 96], evening * 0.8);
  const horizon = mix([222, 234, 240], [250, 206, 150], evening);
  const stream = look.texture('outdoor');
  const start = stream.next() * 6 + (scene('outdoor') + 1) * 3;
  const ground = 150 + 40 * scene('horizon');
  const blobs = Array.from({ length: 9 }, (_, i): string => {
    const [x, y] = [
      ((((i * 71 + start * 37) % 300) + 300) % 300) - 22,
      ground - 12 + 26 * Math.sin(start * 3 + i * 2.9),
    ];
    const green = hsl(
      85 + 45 * Math.sin(start * 7 + i * 2.3),
      0.34,
      0.24 + 0.16 * Math.abs(Math.sin(start + i * 1.7)),
    );
    const radii = [
      32 + 18 * Math.abs(Math.sin(i + start)),
      26 + 28 * Math.abs(Math.cos(i * 1.3 + start)),
    ] as const;
    return `<radialGradient id="tree${i}"><stop offset="0.5" stop-color="${css(green)}"/><stop offset="1" stop-color="${css(green)}" stop-opacity="0"/></radialGradient><ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(radii[0])}" ry="${n(radii[1])}" fill="url(#tree${i})"/>`;
  });
  const grass = hsl(80 + 30 * scene('grass'), 0.3, 0.36);
  const house =
    scene('house') > 0
      ? `<rect x="${n(20 + 150 * Math.abs(scene('house x')))}" y="${n(ground - 95)}" width="62" height="120" fill="${css(mix([170, 150, 135], [110, 90, 85], Math.abs(scene('house colour'))))}"/>`
      : '';
  return `<linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="${css(sky)}"/><stop offset="0.75" stop-color="${css(horizon)}"/></linearGradient><rect width="${FRAME}" height="${FRAME}" fill="url(#sky)"/>${house}<linearGradient id="ground" x2="0" y2="1"><stop offset="0" stop-color="${css(grass)}" stop-opacity="0"/><stop offset="0.25" stop-color="${css(grass)}"/><stop offset="1" stop-color="${css(mix(grass, [30, 30, 20], 0.3))}"/></linearGradient><rect y="${n(ground - 18)}" width="${FRAME}" height="200" fill="url(#ground)"/>${blobs.join('')}`;
}

/** Draws shoulders and clothes. */
export function drawClothes(look: FaceLook): string {
  const { scene, chinY } = look;
  const shoulder = 88 + 7 * look.cue('shoulders');
  const slope = 5 - 2.5 * look.cue('shoulders');
  const colour = hsl(
    scene('clothes hue') * 180,
    0.12 + 0.38 * Math.abs(scene('clothes colour')),
    0.42 + 0.28 * scene('clothes light'),
  );
  const dark = mix(colour, [10, 10, 18], 0.42);
  const light = mix(colour, [255, 255, 255], 0.28);
  const neck = 27 + 3 * look.cue('neck');
  const y = chinY + 19;
  const deep = look.attributes.clothing === 'jumper' ? 15 : 24;
  const right: readonly Point[] = [
    [neck, y],
    [neck + 16, y + 7],
    [shoulder - 9, y + 14 + slope],
    [shoulder + 3, y + 25 + slope],
    [shoulder + 12, y + 70],
    [shoulder + 14, y + 140],
  ];
  const body = closedCurve([
    [0, y + deep],
    [neck * 0.6, y + deep * 0.66],
    ...right,
    ...mirrored(right),
    [-neck * 0.6, y + deep * 0.66],
  ]);
  const folds = `<path d="${openCurve([
    [shoulder - 30, y + 20],
    [shoulder - 24, y + 45],
    [shoulder - 27, y + 80],
  ])}${openCurve([
    [-shoulder + 30, y + 20],
    [-shoulder + 24, y + 45],
    [-shoulder + 27, y + 80],
  ])}" fill="none" stroke="${css(dark)}" stroke-width="3" opacity="0.4"/>`;
  const neckline: readonly Point[] = [
    [-neck, y],
    [-neck * 0.6, y + deep * 0.66],
    [0, y + deep],
    [neck * 0.6, y + deep * 0.66],
    [neck, y],
  ];
  const base = `<path d="${body}" fill="url(#cloth)"/><linearGradient id="cloth" x2="0" y2="1"><stop offset="0" stop-color="${css(mix(colour, light, 0.25))}"/><stop offset="0.6" stop-color="${css(dark)}"/></linearGradient>${folds}`;
  switch (look.attributes.clothing) {
    case 'jumper':
      return `${base}<path d="${openCurve(neckline)}" fill="none" stroke="${css(dark)}" stroke-width="8" opacity="0.75"/><path d="${openCurve(neckline)}" fill="none" stroke="${css(light)}" stroke-width="5" stroke-dasharray="1.2 1.6" opacity="0.5"/>`;
    case 'shirt': {
      const collar = (s: 1 | -1): string =>
        `<path d="M${n(s * (neck - 1))} ${n(y - 6)}L${n(s * (neck + 7))} ${n(y + 4)}L${n(s * 19)} ${n(y + 33)}L${n(s * 2)} ${n(y + 24)}Z" fill="${css(light)}" stroke="${css(dark)}" stroke-width="1"/>`;
      return `${base}<path d="M0 ${n(y + 24)}V${n(y + 120)}" stroke="${css(dark)}" stroke-width="1.5"/>${collar(-1)}${collar(1)}<g fill="${css(mix(light, [255, 255, 255], 0.4))}"><circle cx="4" cy="${n(y + 40)}" r="1.8"/><circle cx="4" cy="${n(y + 58)}" r="1.8"/></g>`;
    }
    case 'jacket': {
      const under = hsl(scene('under hue') * 180, 0.18, 0.8 + 0.1 * scene('under light'));
      const lapel = (s: 1 | -1): string =>
        `<path d="M${n(s * neck)} ${n(y - 1)}L${n(s * (neck + 14))} ${n(y + 14)}L${n(s * 31)} ${n(y + 34)}L${n(s * 24)} ${n(y + 40)}L${n(s * 5)} ${n(y + 88)}Z" fill="${css(mix(colour, [8, 8, 14], 0.22))}" stroke="${css(dark)}" stroke-width="1.2"/>`;
      return `${base}<path d="M${n(-neck)} ${n(y)}Q0 ${n(y + 32)} ${n(neck)} ${n(y)}L4 ${n(y + 92)}H-4Z" fill="${css(under)}"/>${lapel(-1)}${lapel(1)}`;
    }
  }
}

/** Draws the scarf over the clothes, on those who wear one. */
export function drawScarf(look: FaceLook): string {
  if (look.attributes.accessory !== 'scarf') return '';
  const { chinY } = look;
  const colour = accessoryColour(look);
  const w = 37 + 3 * look.cue('neck');
  const fold = (y: number, lift: number): string =>
    openCurve([
      [-w + 2, y],
      [-w * 0.5, y + lift * 0.8],
      [0, y + lift],
      [w * 0.5, y + lift * 0.75],
      [w - 2, y],
    ]);
  return `<path d="${closedCurve([
    [-w, chinY + 11],
    [-w * 0.4, chinY + 20],
    [w * 0.4, chinY + 20],
    [w, chinY + 11],
    [w + 5, chinY + 27],
    [w * 0.5, chinY + 43],
    [0, chinY + 47],
    [-w * 0.5, chinY + 43],
    [-w - 5, chinY + 27],
  ])}" fill="${css(colour)}"/><path d="${fold(chinY + 18, 11)}${fold(chinY + 25, 13)}" fill="none" stroke="${css(mix(colour, [10, 5, 15], 0.45))}" stroke-width="2.4" opacity="0.6"/><path d="${fold(chinY + 21, 12)}" fill="none" stroke="${css(mix(colour, [255, 255, 255], 0.4))}" stroke-width="2" opacity="0.5"/>`;
}

const accessoryColour = (look: FaceLook): Colour =>
  hsl(look.trait('accessory hue') * 150, 0.45, 0.42 + 0.08 * look.trait('accessory light'));

/** Draws the headband or earrings over hair and face, on those who wear them. */
export function drawHeadwear(look: FaceLook): string {
  const w = look.halfWidth;
  if (look.attributes.accessory === 'earrings') {
    const gold = look.trait('accessory hue') > 0 ? '#d8b04a' : '#c9ccd2';
    const one = (side: 1 | -1): string => {
      if (look.yaw * side > 0.22) return '';
      const x = side * (w + 2.5) - Math.sin(look.yaw) * 7;
      return look.trait('accessory light') > 0
        ? `<circle cx="${n(x)}" cy="23" r="4.6" fill="none" stroke="${gold}" stroke-width="1.7"/>`
        : `<circle cx="${n(x)}" cy="18.5" r="2.5" fill="${gold}"/><circle cx="${n(x - 0.7)}" cy="17.8" r="0.9" fill="#fff"/>`;
    };
    return one(-1) + one(1);
  }
  if (look.attributes.accessory !== 'headband') return '';
  const colour = accessoryColour(look);
  const swell = look.attributes.hair_length === 'bald' ? 0 : 4;
  const points: readonly Point[] = [
    [3 - w - swell, -22],
    [-w * 0.8, -47 - swell * 0.6],
    [0, -63 - swell * 0.7],
    [w * 0.8, -47 - swell * 0.6],
    [w + swell - 3, -22],
  ];
  const turned = points.map(([x, y]): Point => [
    x + Math.sin(look.yaw) * (10 - Math.abs(x) * 0.2),
    y,
  ]);
  return `<path d="${openCurve(turned)}" fill="none" stroke="${css(mix(colour, [0, 0, 0], 0.35))}" stroke-width="10.5"/><path d="${openCurve(turned)}" fill="none" stroke="${css(colour)}" stroke-width="9"/><path d="${openCurve(turned.map(([x, y]): Point => [x, y - 2]))}" fill="none" stroke="#fff" stroke-width="2" opacity="0.22"/>`;
}

/** Draws glasses and the shadow they cast. */
export function drawGlasses(look: FaceLook): string {
  const { glasses } = look.attributes;
  if (glasses === 'none') return '';
  const { eyeX, eyeY, halfWidth, yaw } = look;
  const frames = ['#1b1817', '#3b2418', '#7d7f85', '#5a2230', '#24364f'];
  const frame = frames[look.texture('glasses').integer(frames.length)] ?? '#1b1817';
  const thin = look.trait('frame') > 0.4;
  const stroke = thin ? 1.5 : 2.8;
  const tall = 10.5 + 1.2 * look.trait('lens height');
  const wide = 15 + 0.8 * look.trait('lens width');
  const round = look.trait('lens shape') > 0 ? tall : 5.5;
  const dark = glasses === 'sunglasses';
  const fill = dark ? 'url(#lens)' : '#dfeaf2';
  const lens = (s: 1 | -1): string => {
    const p = look.place(s * eyeX, eyeY + 1.5, 6);
    const w = wide * p.narrowing;
    return `<rect x="${n(p.x - w)}" y="${n(p.y - tall)}" width="${n(2 * w)}" height="${n(2 * tall)}" rx="${n(round * p.narrowing)}" ry="${n(round)}" fill="${fill}" fill-opacity="${dark ? 0.93 : 0.1}" stroke="${frame}" stroke-width="${n(stroke)}"/>${dark ? '' : `<path d="M${n(p.x - w * 0.55)} ${n(p.y + tall * 0.25)}L${n(p.x - w * 0.05)} ${n(p.y - tall * 0.6)}" stroke="#fff" stroke-width="2.4" opacity="0.32"/>`}`;
  };
  const [a, b] = [
    look.place(-(eyeX - wide + 1), eyeY - 1, 6),
    look.place(eyeX - wide + 1, eyeY - 1, 6),
  ];
  const arm = (s: 1 | -1): string => {
    const from = look.place(s * (eyeX + wide - 1.5), eyeY - 1.5, 6);
    const to = look.edge([s * (halfWidth + 1), eyeY]);
    return `M${n(from.x)} ${n(from.y)}L${n(to[0] - Math.sin(yaw) * 4)} ${n(to[1])}`;
  };
  const shadow = look.place(0, eyeY + 14, 0);
  const lenses = dark
    ? `<linearGradient id="lens" x2="0.35" y2="1"><stop offset="0" stop-color="#0d0e12"/><stop offset="0.55" stop-color="${css(mix([34, 32, 38], colourOf(frame), 0.3))}"/><stop offset="1" stop-color="#4a464c"/></linearGradient>`
    : '';
  return `${lenses}<g><path d="M${n(shadow.x - 34)} ${n(shadow.y - 1)}Q${n(shadow.x)} ${n(shadow.y + 1)} ${n(shadow.x + 34)} ${n(shadow.y - 1)}" stroke="${css(look.shade)}" stroke-width="2" fill="none" opacity="0.3"/></g>${lens(-1)}${lens(1)}<path d="M${n(a.x)} ${n(a.y)}Q${n((a.x + b.x) / 2)} ${n(a.y - 4)} ${n(b.x)} ${n(b.y)}${arm(-1)}${arm(1)}" fill="none" stroke="${frame}" stroke-width="${n(stroke)}"/>`;
}
