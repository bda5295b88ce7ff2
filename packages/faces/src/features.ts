import type { FaceLook } from './look.js';
import {
  closedCurve,
  colourOf,
  css,
  hsl,
  mix,
  n,
  softLine,
  softSpot,
  type Colour,
  type Point,
} from './shapes.js';

const IRISES: readonly string[] = [
  '#3a2417',
  '#4d311c',
  '#6b4a25',
  '#5c6b3c',
  '#4c6f86',
  '#6d8799',
];

const limit = (value: number, low: number, high: number): number =>
  Math.max(low, Math.min(high, value));

/** Moves a drawing to a point of the face, mirrored on the left side. */
function placed(look: FaceLook, [x, y]: Point, content: string): string {
  const p = look.place(x, y);
  const width = p.narrowing * (x < 0 ? -1 : 1);
  return `<g transform="translate(${n(p.x)} ${n(p.y)}) scale(${width.toFixed(3)} 1)">${content}</g>`;
}

/** Draws both eyes: lids, white, iris, pupil, highlight, lashes and eye shadow. */
export function drawEyes(look: FaceLook): string {
  const { cue, trait, old, shade, skin } = look;
  const smiling = { none: 0, slight: 0.06, broad: 0.18 }[look.attributes.smile];
  const half = 9.6 + 0.5 * trait('eye size') - 0.35 * cue('eye size');
  const open = limit(
    (4.9 + 0.4 * trait('eye open') - 0.55 * cue('eye size')) * (1 - smiling - old * 0.16),
    2.7,
    6.6,
  );
  const tilt = 3 - 2.5 * cue('eye tilt') + 2 * trait('eye tilt');
  const own = (look.texture('iris').next() * IRISES.length) | 0;
  const dark = look.attributes.hair_colour === 'black' || look.attributes.skin_tone === 'dark';
  const iris = colourOf(IRISES[dark ? own % 3 : own] ?? '#4d311c');
  const gaze = look.scene('gaze') * 1.1 + look.yaw * 2;
  // The upper lid from the inner corner to the outer, then the lower lid back; x points outwards.
  const upper = `M${n(-half)} 1.2C${n(-half * 0.55)} ${n(-open * 1.15)} ${n(half * 0.35)} ${n(-open * 1.45)} ${n(half)} 0`;
  const lid = `${upper}C${n(half * 0.5)} ${n(open * 0.95)} ${n(-half * 0.5)} ${n(open * 0.95)} ${n(-half)} 1.2Z`;
  const r = limit(open * 0.98, 4.1, 5);
  const lashes = limit(0.45 - 0.6 * cue('lashes'), 0, 1.3);
  const lash = mix([24, 17, 15], shade, limit(0.5 - lashes * 0.6, 0, 0.5));
  const wing =
    lashes > 0.45
      ? `<path d="M${n(half * 0.2)} ${n(-open * 1.16)}Q${n(half * 0.85)} ${n(-open * 0.9)} ${n(half + 0.8)} ${n(0.6)}Q${n(half + 2.2)} ${n(-1.5)} ${n(half + 1.8 + lashes * 2)} ${n(-2.6 - lashes * 1.6)}Q${n(half + 0.2)} ${n(-2 - lashes)} ${n(half * 0.2)} ${n(-open * 1.16 - lashes * 0.9)}Z" fill="${css(lash)}"/>`
      : '';
  const shadow = limit(0.34 - 0.43 * cue('eye shadow'), 0, 0.9);
  const tint = mix(
    mix(hsl(290 + 65 * trait('shadow hue'), 0.36, 0.36), shade, 0.28),
    [40, 25, 30],
    0.15,
  );
  const painted =
    shadow > 0.05
      ? `<path d="M${n(-half * 0.9)} -0.5C${n(-half * 0.6)} ${n(-open * 2.1)} ${n(half * 0.5)} ${n(-open * 2.7)} ${n(half + 3)} ${n(-open * 0.9)}L${n(half)} 0C${n(half * 0.35)} ${n(-open * 1.4)} ${n(-half * 0.55)} ${n(-open * 1.1)} ${n(-half * 0.9)} -0.5Z" fill="${css(tint)}" opacity="${n(shadow)}"/>`
      : '';
  const one = (side: 1 | -1): string => {
    const clip = side === 1 ? 'eyeR' : 'eyeL';
    const x = side * gaze;
    const ball = `<clipPath id="${clip}"><path d="${lid}"/></clipPath><path d="${lid}" fill="#efebe6"/><g clip-path="url(#${clip})"><circle cx="${n(x)}" cy="-0.8" r="${n(r)}" fill="${css(mix(iris, [10, 8, 8], 0.45))}"/><circle cx="${n(x)}" cy="-0.5" r="${n(r * 0.78)}" fill="${css(mix(iris, [255, 240, 210], 0.12))}"/><circle cx="${n(x)}" cy="-0.8" r="${n(r * 0.44)}" fill="#0b0808"/><path d="${upper}" fill="none" stroke="#2a1814" stroke-width="2.6" opacity="0.35"/><circle cx="${n(x + side * 1.5)}" cy="-2.3" r="1.1" fill="#fff" opacity="0.95"/></g><circle cx="${n(-half + 1.3)}" cy="1.2" r="1" fill="${css(mix(skin, [205, 95, 90], 0.6))}"/>`;
    const crease = `<path d="M${n(-half * 0.85)} ${n(-open * 0.95)}C${n(-half * 0.4)} ${n(-open * 1.9)} ${n(half * 0.5)} ${n(-open * 2.1)} ${n(half * 1.12)} ${n(-open * 0.55)}" fill="none" stroke="${css(shade)}" stroke-width="1.1" opacity="${n(0.65 + 0.3 * old)}"/>`;
    const lower = `<path d="M${n(-half * 0.8)} 2.4C${n(-half * 0.3)} ${n(open * 0.9)} ${n(half * 0.5)} ${n(open * 0.9)} ${n(half)} 0.4" fill="none" stroke="${css(mix(shade, lash, limit(lashes - 0.3, 0, 0.6)))}" stroke-width="0.9" opacity="0.8"/>`;
    const line = `<path d="${upper}" fill="none" stroke="${css(lash)}" stroke-width="${n(1.2 + lashes * 1.1)}" stroke-linecap="round"/>`;
    return placed(
      look,
      [side * look.eyeX, look.eyeY],
      `<g transform="rotate(${n(-tilt)})">${painted}${ball}${crease}${lower}${line}${wing}</g>`,
    );
  };
  return one(-1) + one(1);
}

/** Draws both eyebrows: a filled shape and single hairs. */
export function drawBrows(look: FaceLook): string {
  const { cue, trait } = look;
  const thick = limit(4 + 1.5 * cue('brow thickness') + 0.4 * trait('brow thickness'), 1.7, 7);
  const lift = 13.2 - 2.1 * cue('brow height') + 0.6 * trait('brow height');
  const arch = limit(2.6 - 1.7 * cue('brow arch'), 0, 6);
  const inner = -10.5 - 0.8 * limit(cue('brow thickness'), -1, 1.5);
  const body = closedCurve([
    [inner, 1],
    [-4, -arch * 0.75 - thick * 0.42],
    [4.5, -arch - thick * 0.5],
    [13.5, 1.4 - arch * 0.2],
    [5, -arch + thick * 0.5],
    [-4, -arch * 0.6 + thick * 0.6],
    [inner, 1 + thick * 0.65],
  ]);
  const stream = look.texture('brows');
  let hairs = '';
  for (let i = 0; i < 16; i++) {
    const t = i / 15;
    const x = inner + 1 + t * (12 - inner);
    const y =
      -arch * Math.sin(Math.PI * (0.12 + t * 0.72)) + thick * (0.45 - 0.3 * t) + stream.next();
    hairs += `M${n(x)} ${n(y)}l${n(1.4 + t * 1.6)} ${n(-thick * (0.95 - 0.6 * t))}`;
  }
  const colour = css(look.brow);
  const content = `<path d="${body}" fill="${colour}" opacity="0.72"/><path d="${hairs}" stroke="${colour}" stroke-width="0.8" opacity="0.85" fill="none"/>`;
  const x = look.eyeX + 0.8;
  return (
    placed(look, [-x, look.eyeY - lift], content) + placed(look, [x, look.eyeY - lift], content)
  );
}

/** Draws the soft shading of the nose: bridge, tip, and the shadow below. */
export function drawNoseForm(look: FaceLook): string {
  const { place, shade, glow, eyeY } = look;
  const base = noseBase(look);
  const wide = noseWidth(look);
  const root = place(0, eyeY - 3, 6);
  const tip = place(0, base - 4, 15);
  const side =
    look.attributes.lighting === 'left' ? 1 : look.attributes.lighting === 'right' ? -1 : 0;
  const lee = side === 0 ? (look.yaw > 0 ? -1 : 1) : side;
  const flank = (s: number): string =>
    `M${n(root.x + s * 4.5)} ${n(root.y - 5)}Q${n((root.x + tip.x) / 2 + s * 4)} ${n((root.y + tip.y) / 2)} ${n(tip.x + s * wide * 0.75)} ${n(tip.y + 1)}`;
  return [
    softLine(flank(lee), { colour: shade, width: 5, opacity: 0.62 }),
    softLine(flank(-lee), { colour: shade, width: 4, opacity: 0.32 }),
    softLine(`M${n(root.x)} ${n(root.y)}L${n(tip.x)} ${n(tip.y - 6)}`, {
      colour: glow,
      width: 4.5,
      opacity: 0.7,
    }),
    softSpot({ fade: 'shade', at: [tip.x, tip.y + 7], radii: [wide * 1.35, 5.5], opacity: 0.85 }),
    softSpot({ fade: 'glow', at: [tip.x, tip.y - 1], radii: [wide * 0.65, 5.5], opacity: 0.9 }),
  ].join('');
}

const noseBase = (look: FaceLook): number =>
  24.5 + 1.5 * look.trait('nose length') + 0.8 * look.cue('nose');
const noseWidth = (look: FaceLook): number =>
  limit(9.4 + 0.9 * look.trait('nose') + 1.05 * look.cue('nose') + look.old * 0.8, 6.5, 13);

/** Draws the sharp lines of the nose: wings and nostrils. */
export function drawNose(look: FaceLook): string {
  const base = noseBase(look);
  const wide = noseWidth(look);
  const tip = look.place(0, base - 2, 10);
  const dark = mix(look.shade, [25, 10, 8], 0.45);
  const width = Math.max(0.86, Math.cos(look.yaw));
  const wing = (s: 1 | -1): string => {
    const near = 1 - s * look.yaw * 0.55;
    const w = wide * width * near;
    return `<path d="M${n(s * w * 0.93)} -6.5Q${n(s * w * 1.24)} -2 ${n(s * w * 0.98)} 1.6Q${n(s * w * 0.7)} 3.4 ${n(s * w * 0.42)} 1.6" fill="none" stroke="${css(look.shade)}" stroke-width="1.5" opacity="0.85" stroke-linecap="round"/><ellipse cx="${n(s * w * 0.47)}" cy="1.1" rx="${n(w * 0.26)}" ry="1.4" fill="${css(dark)}" opacity="0.8" transform="rotate(${n(s * -14)} ${n(s * w * 0.47)} 1.1)"/>`;
  };
  return `<g transform="translate(${n(tip.x)} ${n(tip.y + 1.5)})">${wing(-1)}${wing(1)}<path d="M${n(-wide * 0.24)} 2.6Q0 4.4 ${n(wide * 0.24)} 2.6" fill="none" stroke="${css(look.shade)}" stroke-width="1.2" opacity="0.7"/></g>`;
}

/** Draws the mouth: lips, the line between them or the teeth, and a highlight. */
export function drawMouth(look: FaceLook): string {
  const { cue, trait, attributes, skin, shade } = look;
  const smile = attributes.smile;
  const half =
    14.6 +
    0.8 * trait('mouth width') +
    0.5 * cue('mouth width') +
    { none: 0, slight: 2.2, broad: 5 }[smile];
  const lift = { none: 0.3 * trait('mouth corners') - 0.3, slight: 2.6, broad: 5 }[smile];
  const full = limit(
    1 - 0.28 * cue('lip fullness') + 0.1 * trait('lip fullness') - 0.16 * look.old,
    0.5,
    1.6,
  );
  const up = 4.7 * full;
  const down = 6.4 * full;
  const paint = limit(0.38 - 0.47 * cue('lip colour'), 0, 0.95);
  const lipstick = hsl(351 + 9 * trait('lipstick'), 0.62, 0.4 + 0.035 * trait('lipstick light'));
  const bare: Colour = mix(mix(skin, shade, 0.3), [168, 82, 76], 0.3);
  const lips = mix(bare, lipstick, paint);
  const upperLip = mix(lips, [40, 8, 12], 0.16);
  const open = smile === 'broad' ? 6.4 + 0.6 * trait('teeth') : 0;
  const c = n(-lift);
  const top = `M${n(-half)} ${c}C${n(-half * 0.6)} ${n(-up * 0.5 - lift * 0.35)} ${n(-half * 0.35)} ${n(-up * 1.05)} ${n(-half * 0.16)} ${n(-up)}Q0 ${n(-up * 0.7)} ${n(half * 0.16)} ${n(-up)}C${n(half * 0.35)} ${n(-up * 1.05)} ${n(half * 0.6)} ${n(-up * 0.5 - lift * 0.35)} ${n(half)} ${c}`;
  const between = `C${n(half * 0.55)} ${n(1.6)} ${n(half * 0.3)} ${n(0.6)} 0 ${n(1.4)}C${n(-half * 0.3)} ${n(0.6)} ${n(-half * 0.55)} ${n(1.6)} ${n(-half)} ${c}Z`;
  const bottom = open + down;
  const lower = `M${n(-half)} ${c}C${n(-half * 0.62)} ${n(bottom * 0.75)} ${n(-half * 0.38)} ${n(bottom)} 0 ${n(bottom)}C${n(half * 0.38)} ${n(bottom)} ${n(half * 0.62)} ${n(bottom * 0.75)} ${n(half)} ${c}Q0 ${n(open * 0.6 + 1)} ${n(-half)} ${c}Z`;
  const hole = `M${n(-half * 0.92)} ${n(-lift * 0.8)}C${n(-half * 0.5)} 1.4 ${n(-half * 0.3)} 0.6 0 1C${n(half * 0.3)} 0.6 ${n(half * 0.5)} 1.4 ${n(half * 0.92)} ${n(-lift * 0.8)}C${n(half * 0.6)} ${n(open * 0.8)} ${n(half * 0.35)} ${n(open * 1.12)} 0 ${n(open * 1.15)}C${n(-half * 0.35)} ${n(open * 1.12)} ${n(-half * 0.6)} ${n(open * 0.8)} ${n(-half * 0.92)} ${n(-lift * 0.8)}Z`;
  const teeth =
    open > 0
      ? `<path d="${hole}" fill="#3a0f12"/><path d="M${n(-half * 0.84)} ${n(-lift * 0.62)}C${n(-half * 0.5)} 1.3 ${n(-half * 0.3)} 0.7 0 1C${n(half * 0.3)} 0.7 ${n(half * 0.5)} 1.3 ${n(half * 0.84)} ${n(-lift * 0.62)}C${n(half * 0.56)} ${n(open * 0.62)} ${n(half * 0.3)} ${n(open * 0.86)} 0 ${n(open * 0.88)}C${n(-half * 0.3)} ${n(open * 0.86)} ${n(-half * 0.56)} ${n(open * 0.62)} ${n(-half * 0.84)} ${n(-lift * 0.62)}Z" fill="#f3eee6"/><path d="M0 1V${n(open * 0.86)}M-4.500 1V${n(open * 0.8)}M4.500 1V${n(open * 0.8)}M-8.500 0.500V${n(open * 0.6)}M8.500 0.500V${n(open * 0.6)}" stroke="#b9aca0" stroke-width="0.5" opacity="0.7"/>`
      : `<path d="M${n(-half)} ${c}C${n(-half * 0.55)} 1.6 ${n(-half * 0.3)} 0.6 0 1.4C${n(half * 0.3)} 0.6 ${n(half * 0.55)} 1.6 ${n(half)} ${c}" fill="none" stroke="${css(mix(shade, [35, 8, 8], 0.62))}" stroke-width="1.3" stroke-linecap="round"/>`;
  const shine = `<ellipse cx="${n(half * 0.1)}" cy="${n(open + down * 0.52)}" rx="${n(half * 0.32)}" ry="${n(down * 0.17)}" fill="#fff" opacity="${n(0.14 + 0.28 * paint)}"/>`;
  return placed(
    look,
    [0.01, look.mouthY],
    `<path d="${lower}" fill="${css(lips)}"/><path d="${top}${between}" fill="${css(upperLip)}"/>${teeth}${shine}<g fill="${css(shade)}" opacity="0.55"><circle cx="${n(-half - 0.4)}" cy="${c}" r="1.1"/><circle cx="${n(half + 0.4)}" cy="${c}" r="1.1"/></g>`,
  );
}
