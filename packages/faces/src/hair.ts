import type { FaceLook } from './look.js';
import {
  closedCurve,
  css,
  mirrored,
  mix,
  n,
  openCurve,
  shades,
  softLine,
  softSpot,
  type Colour,
  type Point,
} from './shapes.js';

/** Height of the skull's centre, around which hair is laid. */
const SKULL_Y = -18;

type Fringe = 'up' | 'part' | 'full' | 'peak';

/** The hair style of one person. */
interface Style {
  readonly fringe: Fringe;
  /** Position of the parting; positive is to the right. */
  readonly part: number;
  /** 0 straight, 1 curly. */
  readonly wave: number;
  /** Distance between the hair's surface and the skull. */
  readonly volume: number;
}

function styleOf(look: FaceLook): Style {
  const stream = look.texture('hair style');
  const fringes: readonly Fringe[] = ['up', 'part', 'part', 'full', 'peak'];
  const fringe = fringes[stream.integer(fringes.length)] ?? 'up';
  const side = stream.next() < 0.5 ? -1 : 1;
  const wave = stream.next() < 0.55 ? stream.next() * 0.2 : 0.4 + 0.6 * stream.next();
  const length = look.attributes.hair_length;
  const base = { bald: 0, short: 5.5, medium: 9, long: 8 }[length];
  return {
    fringe,
    part: side * (fringe === 'up' ? 4 : 9 + 10 * stream.next()),
    wave,
    volume: base + 1.8 * look.trait('hair volume') + wave * 3,
  };
}

/** Points over the top of the head, from the left ear to the right one. */
function crown(look: FaceLook, style: Style): readonly Point[] {
  const back = -Math.sin(look.yaw) * 7;
  const rx = look.halfWidth + 0.6 + style.volume * 0.72;
  const ry = 59.5 + style.volume;
  const bumps = look.texture('hair bumps');
  const count = 19;
  return Array.from({ length: count }, (_, i): Point => {
    const angle = Math.PI * (1 + i / (count - 1));
    const bump = 1 + (bumps.next() - 0.5) * 0.075 * (0.25 + style.wave);
    return [back + rx * bump * Math.cos(angle), SKULL_Y + ry * bump * Math.sin(angle)];
  });
}

/** Points along the hairline, from the right temple to the left one. */
function hairline(look: FaceLook, style: Style): readonly Point[] {
  const w = look.halfWidth;
  const high = -54 - look.old * 4 + 2.5 * look.trait('hairline');
  const p = style.part;
  const s = p < 0 ? -1 : 1;
  const jag = look.texture('hairline');
  const rough = (): number => (jag.next() - 0.5) * 3;
  const middle: readonly Point[] = {
    up: [
      [34, high + 9],
      [22, high + 1],
      [8, high - 1 + rough()],
      [-8, high + rough()],
      [-22, high + 1],
      [-34, high + 9],
    ] as const,
    peak: [
      [38, high + 2],
      [27, high - 6],
      [12, high],
      [0, high + 6],
      [-12, high],
      [-27, high - 6],
      [-38, high + 2],
    ] as const,
    full: [
      [37, -29 + rough()],
      [24, -27 + rough()],
      [9, -28 + rough()],
      [-8, -27 + rough()],
      [-24, -28 + rough()],
      [-37, -29 + rough()],
    ] as const,
    part: (s > 0
      ? [
          [38, high + 16],
          [p + 9, high + 1],
          [p, high - 7],
          [p - 12, high + 2],
          [p - 30, high + 13],
          [-36, high + 24],
        ]
      : [
          [36, high + 24],
          [p + 30, high + 13],
          [p + 12, high + 2],
          [p, high - 7],
          [p - 9, high + 1],
          [-38, high + 16],
        ]) as readonly Point[],
  }[style.fringe];
  const turned = middle.map(([x, y]): Point => {
    const place = look.place(x, y, 1);
    return [place.x, place.y];
  });
  const temple: readonly Point[] = [
    [w - 4.5, 3],
    [w - 5.5, -10],
    [w - 7.5, -24],
  ];
  return [...temple.map(look.edge), ...turned, ...mirrored(temple).map(look.edge)];
}

const wavy = (y: number, style: Style, phase: number): number =>
  Math.sin(y / 8 + phase) * 3.4 * style.wave;

/** Returns how far down medium and long hair reaches. */
function bottomOf(look: FaceLook): number {
  const own = look.trait('hair length');
  return look.attributes.hair_length === 'long' ? 118 + 9 * own : 50 + 7 * own;
}

/** Draws the hair behind neck and shoulders. */
export function drawHairBehind(look: FaceLook): string {
  const length = look.attributes.hair_length;
  if (length !== 'medium' && length !== 'long') return '';
  const style = styleOf(look);
  const end = bottomOf(look);
  const back = -Math.sin(look.yaw) * 9;
  const out = look.halfWidth + 3 + style.volume;
  const down: Point[] = [];
  for (let y = 2; y <= end; y += 12) {
    const t = (y - 2) / (end - 2);
    const flare = length === 'long' ? 5 * t - 6 * t * t : 3 * t - 8 * t * t * t;
    down.push([out + flare + wavy(y, style, 0), y]);
  }
  const shape = [
    ...crown(look, style).map(([x, y]): Point => [x + back * 0.3, y]),
    ...down.map(([x, y]): Point => [x + back, y]),
    [out * 0.5 + back, end + 6] as Point,
    [back, end + 4] as Point,
    ...mirrored([...down, [out * 0.5, end + 6]]).map(([x, y]): Point => [x + back, y]),
  ];
  const { deep, light } = shades(look.hair);
  const strands = Array.from({ length: 14 }, (_, i): string => {
    const x = -out + 6 + (i * (2 * out - 12)) / 13 + back;
    return openCurve([
      [x * 0.95, -20],
      [x + wavy(15, style, i), 15],
      [x * 1.02 + wavy(40, style, i), 40],
      [x * 1.02 + wavy(end, style, i), end],
    ]);
  });
  return `<path d="${closedCurve(shape)}" fill="${css(deep)}"/><path d="${strands.join('')}" fill="none" stroke="${css(light)}" stroke-width="1.2" opacity="0.22"/>`;
}

/** Draws the hair over the skull and beside the face. */
export function drawHairFront(look: FaceLook): string {
  if (look.attributes.hair_length === 'bald') return drawBald(look);
  const style = styleOf(look);
  const { dark, light, deep } = shades(look.hair);
  const over = crown(look, style);
  const inner = hairline(look, style);
  const w = look.halfWidth;
  const sideburn = (side: 1 | -1): Point => look.edge([side * (w + 0.8), 4]);
  const cap = closedCurve([sideburn(-1), ...over, sideburn(1), ...inner]);
  const halo = openCurve([
    [-w * 0.62, -57],
    [-w * 0.3, -67],
    [w * 0.05, -70],
    [w * 0.4, -65.5],
  ]);
  const sides = [-1, 1].map((s) =>
    openCurve([
      [s * (w + 1), -8],
      [s * (w - 1), -30],
      [s * w * 0.86, -45],
    ]),
  );
  return [
    softLine(openCurve(inner.map(([x, y]): Point => [x, y + 2])), {
      colour: mix(look.shade, [20, 10, 8], 0.4),
      width: 5,
      opacity: 0.6,
    }),
    `<path d="${cap}" fill="url(#hair)"/>`,
    strandsOver(look, { style, over, inner }),
    look.attributes.hair_length === 'short' ? '' : locks(look, style),
    `<path d="${openCurve(inner)}" fill="none" stroke="${css(deep)}" stroke-width="1.2" opacity="0.55"/>`,
    softLine(halo, {
      colour: mix(light, [255, 255, 255], 0.1),
      width: 8 + style.volume * 0.4,
      opacity: 0.4,
    }),
    softLine(sides.join(''), { colour: dark, width: 8, opacity: 0.5 }),
  ].join('');
}

function strandsOver(
  look: FaceLook,
  hair: {
    readonly style: Style;
    readonly over: readonly Point[];
    readonly inner: readonly Point[];
  },
): string {
  const { style, over, inner } = hair;
  const { dark, light } = shades(look.hair);
  const stream = look.texture('strands');
  const root: Point = [style.part * 0.9 - Math.sin(look.yaw) * 4, -70 - style.volume * 0.55];
  const paths = ['', '', ''];
  const count = 30;
  for (let i = 0; i < count; i++) {
    const t = (i + stream.next()) / count;
    const a = over[Math.min(over.length - 1, Math.floor(t * over.length))] ?? root;
    const b = inner[Math.min(inner.length - 1, Math.floor((1 - t) * inner.length))] ?? root;
    const share = stream.next();
    const end: Point = [b[0] + (a[0] - b[0]) * share * 0.85, b[1] + (a[1] - b[1]) * share * 0.85];
    const bend: Point = [
      root[0] + (end[0] - root[0]) * 0.55,
      Math.min(root[1], end[1]) + (end[1] - root[1]) * 0.12 + stream.next() * 4,
    ];
    const wiggle = style.wave * (stream.next() - 0.5) * 9;
    const from: Point = [root[0] + (end[0] - root[0]) * 0.12, root[1] + (end[1] - root[1]) * 0.06];
    const kind = i % 3;
    paths[kind] =
      `${paths[kind] ?? ''}${openCurve([from, [bend[0] + wiggle, bend[1] + wiggle * 0.4], [(bend[0] + end[0]) / 2 - wiggle, (bend[1] + end[1]) / 2], end])}`;
  }
  const grey = Math.max(0, look.old - 0.25);
  const third =
    grey > 0 && look.attributes.hair_colour !== 'grey'
      ? mix(light, [214, 212, 210], Math.min(0.7, grey))
      : mix(look.hair, dark, 0.5);
  const layer = (path: string, colour: Colour, opacity: number): string =>
    `<path d="${path}" fill="none" stroke="${css(colour)}" stroke-width="1.15" opacity="${n(opacity)}" stroke-linecap="round"/>`;
  return (
    layer(paths[0] ?? '', dark, 0.6) +
    layer(paths[1] ?? '', light, 0.5) +
    layer(paths[2] ?? '', third, 0.5)
  );
}

/** Draws the hair beside the face: over the ears and, when it is long, the shoulders. */
function locks(look: FaceLook, style: Style): string {
  const { light, dark } = shades(look.hair);
  const end = bottomOf(look);
  const long = look.attributes.hair_length === 'long';
  const w = look.halfWidth;
  const one = (side: 1 | -1): string => {
    // A turned head shows less hair on its far side and more on the near one.
    const wide = 1 + side * -look.yaw * 0.9;
    const outer: Point[] = [];
    const inner: Point[] = [];
    for (let y = -42; y <= end; y += 12) {
      const t = (y + 42) / (end + 42);
      const swing = wavy(y, style, side);
      const gap = long ? 1 - 5 * t + 3 * t * t : 1 - 6 * t * t;
      outer.push([
        w -
          (y < -20 ? (-20 - y) * 0.42 : 0) +
          style.volume * 0.75 +
          1.5 +
          (long ? 4.5 * Math.sin(t * 3) : 4 * Math.sin(t * 2.7) - 7 * t ** 6) +
          swing,
        y,
      ]);
      inner.push([
        w -
          4.5 +
          gap -
          5 * wide * Math.sin(Math.min(1, t * 1.3) * 2.6) -
          (y < -20 ? (-20 - y) * 0.5 : 0) +
          swing * 0.8,
        y + 1,
      ]);
    }
    const tip: Point = [w + (long ? 3 : -6), end + (long ? 7 : 4)];
    const sway = (p: Point): Point => {
      const q = look.edge([side * p[0], p[1]]);
      return p[1] > 40 ? [side * p[0] * 0.97 + (q[0] - side * p[0]) * 0.3, p[1]] : q;
    };
    const shape = closedCurve([...outer, tip, ...inner.reverse()].map(sway));
    const stream = look.texture(`locks ${side}`);
    let lights = '';
    let darks = '';
    for (let i = 0; i < 12; i++) {
      const share = stream.next();
      const line: Point[] = outer.map(([x, y], k): Point => {
        const other = inner[inner.length - 1 - k] ?? [x, y];
        return [other[0] + (x - other[0]) * share, y];
      });
      const path = openCurve(line.slice(stream.integer(3)).map(sway));
      if (i % 2 === 0) lights += path;
      else darks += path;
    }
    return `<path d="${shape}" fill="${css(mix(look.hair, dark, 0.25))}"/><g fill="none" stroke-width="1.1"><path d="${darks}" stroke="${css(dark)}" opacity="0.65"/><path d="${lights}" stroke="${css(light)}" opacity="0.42"/></g>`;
  };
  return one(-1) + one(1);
}

function drawBald(look: FaceLook): string {
  const w = look.halfWidth;
  const shine = look.place(-9, -60);
  const ring = look.trait('hair volume') > -0.3;
  const side = (s: 1 | -1): string =>
    closedCurve(
      (
        [
          [w + 1.6, 4],
          [w + 3, -14],
          [w - 1.5, -36],
          [w - 8, -44],
          [w - 6, -24],
          [w - 4, -6],
        ] as const
      ).map(([x, y]): Point => look.edge([s * x, y])),
    );
  const shineSpot = softSpot({
    fade: 'shine',
    at: [shine.x, shine.y],
    radii: [24, 12],
    opacity: 0.75,
  });
  return `${shineSpot}${ring ? `<path d="${side(-1)}${side(1)}" fill="${css(look.hair)}" opacity="0.72"/>` : ''}`;
}
