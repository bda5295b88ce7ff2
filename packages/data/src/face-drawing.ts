import type { FaceAttributes, FaceNuisance } from './face-attributes.js';

/** A colour in degrees and percent. */
interface Hsl {
  readonly h: number;
  readonly s: number;
  readonly l: number;
}

const SKIN: Record<FaceAttributes['skin_tone'], Hsl> = {
  light: { h: 22, s: 58, l: 81 },
  medium: { h: 25, s: 50, l: 71 },
  tan: { h: 25, s: 46, l: 60 },
  brown: { h: 22, s: 43, l: 45 },
  dark: { h: 20, s: 38, l: 31 },
};

const HAIR: Record<FaceAttributes['hair_colour'], Hsl> = {
  black: { h: 25, s: 15, l: 10 },
  brown: { h: 24, s: 40, l: 23 },
  blond: { h: 42, s: 55, l: 60 },
  red: { h: 14, s: 65, l: 38 },
  grey: { h: 30, s: 5, l: 66 },
};

const EYES: readonly Hsl[] = [
  { h: 25, s: 50, l: 24 },
  { h: 30, s: 45, l: 32 },
  { h: 205, s: 45, l: 48 },
  { h: 110, s: 22, l: 38 },
];

const css = ({ h, s, l }: Hsl, alpha = 1): string =>
  `hsla(${h.toFixed(0)},${Math.max(0, Math.min(100, s)).toFixed(0)}%,${Math.max(0, Math.min(100, l)).toFixed(0)}%,${alpha.toFixed(2)})`;

const shade = (colour: Hsl, lightness: number, saturation = 0): Hsl => ({
  h: colour.h,
  s: colour.s + saturation,
  l: colour.l * (1 + lightness),
});

const n = (value: number): string => value.toFixed(1);

/** Everything that the parts of a face are drawn from; lengths in units of a 200 by 200 picture. */
interface Geometry {
  readonly a: FaceAttributes;
  readonly feminine: boolean;
  readonly skin: Hsl;
  readonly hair: Hsl;
  readonly variation: readonly number[];
  /** Of the features against the outline: the head turns. */
  readonly turn: number;
  readonly cheek: number;
  readonly jaw: number;
  readonly top: number;
  readonly chin: number;
  readonly chinWidth: number;
  readonly eyeY: number;
  readonly eyeGap: number;
  readonly mouthY: number;
  /** 0 at 18, 1 at 80. */
  readonly old: number;
}

function geometryOf(a: FaceAttributes, nuisance: FaceNuisance): Geometry {
  const v = nuisance.variation;
  const vary = (i: number, spread: number): number => (v[i] ?? 0) * spread;
  const feminine = a.presentation === 'feminine';
  const shape = {
    oval: { width: 0, height: 0, jaw: 0 },
    round: { width: 4, height: -5, jaw: 3 },
    long: { width: -4, height: 6, jaw: -1 },
    square: { width: 1, height: -1, jaw: 6 },
  }[a.face_shape];
  const old = (a.age - 18) / 62;
  const grey = a.hair_colour !== 'grey' && a.age > 52 ? (a.age - 52) / 40 : 0;
  const hair = HAIR[a.hair_colour];
  const skin = SKIN[a.skin_tone];
  return {
    a,
    feminine,
    skin: { h: skin.h + nuisance.hue, s: skin.s, l: skin.l + vary(0, 2) },
    hair: { h: hair.h, s: hair.s * (1 - grey), l: hair.l + (62 - hair.l) * grey * 0.8 },
    variation: v,
    turn: (a.pose === 'front' ? 0 : a.pose === 'left' ? -7 : 7) + vary(1, 0.8),
    cheek: 40 + shape.width + vary(2, 1.2),
    jaw: (feminine ? 25 : 33) + shape.width + shape.jaw + vary(3, 1.5),
    top: 48 - shape.height / 2,
    chin: 152 + shape.height + (feminine ? -3 : 4) + vary(4, 1.5),
    chinWidth: (feminine ? 7 : 15) + vary(5, 1.2),
    eyeY: 98 + vary(6, 1.2),
    eyeGap: 18.5 + vary(7, 0.9),
    mouthY: 130 + shape.height / 2 + (feminine ? 0 : 1.5) + vary(8, 1),
    old,
  };
}

function headPath(g: Geometry): string {
  const { cheek, jaw, top, chin, chinWidth } = g;
  const side = (sign: 1 | -1): string => {
    const x = (value: number): string => n(100 + sign * value);
    return sign === 1
      ? `C ${x(cheek * 0.62)} ${n(top)} ${x(cheek)} ${n(top + 18)} ${x(cheek)} 92 C ${x(cheek)} 112 ${x(jaw + 5)} 122 ${x(jaw)} 133 C ${x(jaw - 5)} 144 ${x(chinWidth + 4)} ${n(chin)} ${x(chinWidth * 0.5)} ${n(chin)}`
      : `L ${x(chinWidth * 0.5)} ${n(chin)} C ${x(chinWidth + 4)} ${n(chin)} ${x(jaw - 5)} 144 ${x(jaw)} 133 C ${x(jaw + 5)} 122 ${x(cheek)} 112 ${x(cheek)} 92 C ${x(cheek)} ${n(top + 18)} ${x(cheek * 0.62)} ${n(top)} 100 ${n(top)}`;
  };
  return `M 100 ${n(top)} ${side(1)} ${side(-1)} Z`;
}

function background(a: FaceAttributes, nuisance: FaceNuisance): string {
  const { backgroundHue: h, backgroundLightness: l, noiseSeed } = nuisance;
  const base = css({ h, s: 28, l });
  const other = css({ h: h + 30, s: 30, l: l * 0.6 });
  switch (a.background) {
    case 'plain':
      return `<rect width="200" height="200" fill="${base}"/>`;
    case 'gradient':
      return `<defs><linearGradient id="bg" x1="0" y1="0" x2="${noiseSeed % 2}" y2="1"><stop offset="0" stop-color="${base}"/><stop offset="1" stop-color="${other}"/></linearGradient></defs><rect width="200" height="200" fill="url(#bg)"/>`;
    case 'pattern': {
      const step = 14 + (noiseSeed % 22);
      return `<defs><pattern id="pt" width="${step}" height="${step}" patternUnits="userSpaceOnUse" patternTransform="rotate(${noiseSeed % 90})"><rect width="${step}" height="${step}" fill="${base}"/><rect width="${step / 2}" height="${step}" fill="${other}"/></pattern></defs><rect width="200" height="200" fill="url(#pt)"/>`;
    }
    case 'outdoor': {
      const hill = (i: number): string => n(95 + ((noiseSeed >> i) % 45));
      return `<rect width="200" height="200" fill="${css({ h: 205, s: 50, l: 60 + l / 4 })}"/><path d="M0 ${hill(0)} Q 50 ${hill(3)} 100 ${hill(6)} T 200 ${hill(9)} V 200 H 0 Z" fill="${css({ h: 90 + (h % 50), s: 32, l: 24 + l / 4 })}"/><circle cx="${n(20 + (noiseSeed % 160))}" cy="${hill(2)}" r="${n(14 + (noiseSeed % 20))}" fill="${css({ h: 110, s: 35, l: 22 + l / 5 })}"/>`;
    }
  }
}

function body(g: Geometry, nuisance: FaceNuisance): string {
  const neck = g.feminine ? 15 : 22;
  const shoulder = g.feminine ? 62 : 80;
  const colour = { h: nuisance.clothingHue, s: 38, l: 30 + (nuisance.noiseSeed % 35) };
  const neckColour = css(shade(g.skin, -0.16));
  const cloth = `<path d="M ${n(100 - shoulder)} 215 C ${n(100 - shoulder)} 186 ${n(100 - neck - 12)} 178 ${n(100 - neck)} 170 Q 100 ${g.a.clothing === 'jumper' ? 178 : 190} ${n(100 + neck)} 170 C ${n(100 + neck + 12)} 178 ${n(100 + shoulder)} 186 ${n(100 + shoulder)} 215 Z" fill="${css(colour)}"/>`;
  const extra =
    g.a.clothing === 'jumper'
      ? `<path d="M ${n(100 - neck)} 170 Q 100 184 ${n(100 + neck)} 170" fill="none" stroke="${css(shade(colour, 0.25))}" stroke-width="5"/>`
      : g.a.clothing === 'jacket'
        ? `<path d="M ${n(100 - neck)} 169 L 96 214 H ${n(100 - shoulder * 0.7)} Z M ${n(100 + neck)} 169 L 104 214 H ${n(100 + shoulder * 0.7)} Z" fill="${css(shade(colour, -0.35))}"/>`
        : `<path d="M ${n(100 - neck)} 169 L 100 190 L ${n(100 - neck - 9)} 184 Z M ${n(100 + neck)} 169 L 100 190 L ${n(100 + neck + 9)} 184 Z" fill="${css(shade(colour, 0.35))}"/>`;
  const adam = g.feminine
    ? ''
    : `<ellipse cx="${n(100 + g.turn * 0.3)}" cy="164" rx="3.4" ry="4.6" fill="${css(shade(g.skin, -0.3), 0.6)}"/>`;
  return `<path d="M ${n(100 - neck)} 130 L ${n(100 - neck)} 172 Q 100 190 ${n(100 + neck)} 172 L ${n(100 + neck)} 130 Z" fill="${neckColour}"/><path d="M ${n(100 - neck)} 146 Q 100 166 ${n(100 + neck)} 146 V 138 H ${n(100 - neck)} Z" fill="${css(shade(g.skin, -0.4), 0.45)}"/>${adam}${cloth}${extra}`;
}

function hairBehind(g: Geometry): string {
  const { hair, cheek } = g;
  const fill = css(shade(hair, -0.25));
  switch (g.a.hair_length) {
    case 'bald':
    case 'short':
      return '';
    case 'medium':
      return `<path d="M 100 30 C 40 28 ${n(86 - cheek)} 80 ${n(90 - cheek)} 132 Q ${n(100 - cheek)} 146 ${n(112 - cheek)} 140 L ${n(88 + cheek)} 140 Q ${n(100 + cheek)} 146 ${n(110 + cheek)} 132 C ${n(114 + cheek)} 80 160 28 100 30 Z" fill="${fill}"/>`;
    case 'long':
      return `<path d="M 100 30 C 38 28 ${n(84 - cheek)} 90 ${n(84 - cheek)} 150 Q ${n(82 - cheek)} 185 ${n(100 - cheek)} 196 L ${n(100 + cheek)} 196 Q ${n(118 + cheek)} 185 ${n(116 + cheek)} 150 C ${n(116 + cheek)} 90 162 28 100 30 Z" fill="${fill}"/>`;
  }
}

function hairFront(g: Geometry): string {
  const { hair, cheek, variation, top } = g;
  if (g.a.hair_length === 'bald') {
    return `<path d="M ${n(101 - cheek)} 96 Q ${n(97 - cheek)} 80 ${n(104 - cheek)} 74 Z M ${n(99 + cheek)} 96 Q ${n(103 + cheek)} 80 ${n(96 + cheek)} 74 Z" fill="${css(hair, 0.8)}"/>`;
  }
  const part = (variation[9] ?? 0) * 12;
  const line = top + 20 + (variation[10] ?? 0) * 3 - (g.a.hair_length === 'short' ? g.old * 8 : 0);
  const crown = g.a.hair_length === 'short' ? top - 9 : top - 17;
  const low = g.a.hair_length === 'short' ? 92 : 108;
  const strands = Array.from({ length: 7 }, (_, i) => {
    const x = 100 - cheek + 8 + (i * (2 * cheek - 16)) / 6;
    return `<path d="M ${n(100 + part)} ${n(crown + 3)} Q ${n((x + 100) / 2)} ${n(crown + 6)} ${n(x)} ${n(line - 3)}" fill="none" stroke="${css(shade(hair, i % 2 === 0 ? 0.35 : -0.3), 0.5)}" stroke-width="1.3"/>`;
  }).join('');
  return `<path d="M ${n(97 - cheek)} ${low} C ${n(90 - cheek)} 60 ${n(100 - cheek * 0.7)} ${n(crown)} 100 ${n(crown)} C ${n(100 + cheek * 0.7)} ${n(crown)} ${n(110 + cheek)} 60 ${n(103 + cheek)} ${low} C ${n(101 + cheek)} 86 ${n(97 + cheek)} 80 ${n(93 + cheek)} 76 Q ${n(100 + cheek * 0.5)} ${n(line + 4)} ${n(100 + part)} ${n(line - 5)} Q ${n(100 - cheek * 0.5)} ${n(line + 6)} ${n(107 - cheek)} 76 C ${n(103 - cheek)} 80 ${n(99 - cheek)} 86 ${n(97 - cheek)} ${low} Z" fill="${css(hair)}"/>${strands}`;
}

function eye(g: Geometry, sign: 1 | -1): string {
  const { feminine, eyeY, eyeGap, variation, skin } = g;
  const x = 100 + sign * eyeGap + g.turn;
  const w = (feminine ? 9 : 7.8) + (variation[11] ?? 0) * 0.4;
  const h = (feminine ? 5.2 : 3.6) + (variation[12] ?? 0) * 0.35 - g.old * 0.6;
  const iris = EYES[Math.abs(Math.round((variation[13] ?? 0) * 10)) % EYES.length] ?? EYES[0];
  const lid = `M ${n(x - w)} ${n(eyeY + 1)} Q ${n(x)} ${n(eyeY - h * 1.7)} ${n(x + w)} ${n(eyeY)} Q ${n(x)} ${n(eyeY + h * 1.25)} ${n(x - w)} ${n(eyeY + 1)} Z`;
  const shadow = feminine
    ? `<path d="M ${n(x - w)} ${n(eyeY - 1)} Q ${n(x)} ${n(eyeY - h * 3)} ${n(x + w + 1)} ${n(eyeY - 2)} Q ${n(x)} ${n(eyeY - h)} ${n(x - w)} ${n(eyeY - 1)} Z" fill="${css({ h: 300 + (variation[14] ?? 0) * 40, s: 30, l: 32 }, 0.5)}"/>`
    : '';
  const lash = feminine
    ? `<path d="M ${n(x - w)} ${n(eyeY + 0.6)} Q ${n(x)} ${n(eyeY - h * 1.9)} ${n(x + w)} ${n(eyeY - 0.5)} l ${n(sign * 2.6)} -2.6" fill="none" stroke="#15100e" stroke-width="2.2" stroke-linecap="round"/>`
    : `<path d="M ${n(x - w)} ${n(eyeY + 1)} Q ${n(x)} ${n(eyeY - h * 1.8)} ${n(x + w)} ${n(eyeY)}" fill="none" stroke="${css(shade(skin, -0.62))}" stroke-width="1"/>`;
  const bag =
    g.old > 0.35
      ? `<path d="M ${n(x - w * 0.9)} ${n(eyeY + 6)} Q ${n(x)} ${n(eyeY + 9.5)} ${n(x + w * 0.9)} ${n(eyeY + 6)}" fill="none" stroke="${css(shade(skin, -0.3), g.old * 0.8)}" stroke-width="1.1"/>`
      : '';
  return `<ellipse cx="${n(x)}" cy="${n(eyeY)}" rx="${n(w + 3)}" ry="${n(h + 4)}" fill="${css(shade(skin, -0.28), 0.35)}"/>${shadow}<path d="${lid}" fill="#f3efe9"/><g><circle cx="${n(x + g.turn * 0.16)}" cy="${n(eyeY - 0.4)}" r="${n(Math.min(h * 0.98, 4.1))}" fill="${css(iris ?? { h: 25, s: 50, l: 24 })}"/><circle cx="${n(x + g.turn * 0.16)}" cy="${n(eyeY - 0.4)}" r="1.7" fill="#0b0908"/><circle cx="${n(x + 1.3)}" cy="${n(eyeY - 1.8)}" r="0.9" fill="#fff"/></g>${lash}${bag}`;
}

function brow(g: Geometry, sign: 1 | -1): string {
  const x = 100 + sign * g.eyeGap + g.turn;
  const y = g.eyeY - (g.feminine ? 14.5 : 10.5) + (g.variation[15] ?? 0) * 0.7;
  const arch = g.feminine ? 5.2 : 1.2;
  const width = g.feminine ? 1.9 : 4.6;
  const colour = shade(g.hair, g.hair.l > 45 ? -0.35 : -0.1);
  return `<path d="M ${n(x - sign * 9.5)} ${n(y + 1.5)} Q ${n(x + sign * 2)} ${n(y - arch)} ${n(x + sign * 11)} ${n(y + 2.2)}" fill="none" stroke="${css(colour, 0.92)}" stroke-width="${n(width)}" stroke-linecap="round"/>`;
}

function nose(g: Geometry): string {
  const w = (g.feminine ? 6 : 8.4) + (g.variation[16] ?? 0) * 0.7;
  const y = g.mouthY - 15;
  const x = 100 + g.turn * 1.35;
  const dark = css(shade(g.skin, -0.34), 0.75);
  return `<path d="M ${n(x - w * 0.35)} ${n(g.eyeY)} Q ${n(x - w * 0.6)} ${n(y - 6)} ${n(x - w)} ${n(y)} Q ${n(x)} ${n(y + 5)} ${n(x + w)} ${n(y)} Q ${n(x + w * 0.6)} ${n(y - 6)} ${n(x + w * 0.3)} ${n(g.eyeY)}" fill="${css(shade(g.skin, -0.08), 0.5)}"/><path d="M ${n(x - w)} ${n(y)} Q ${n(x)} ${n(y + 5.5)} ${n(x + w)} ${n(y)}" fill="none" stroke="${dark}" stroke-width="1.5"/><ellipse cx="${n(x - w * 0.45)}" cy="${n(y + 1.4)}" rx="1.6" ry="1" fill="${dark}"/><ellipse cx="${n(x + w * 0.45)}" cy="${n(y + 1.4)}" rx="1.6" ry="1" fill="${dark}"/><path d="M ${n(x + 0.5)} ${n(g.eyeY + 4)} L ${n(x + 1)} ${n(y - 5)}" stroke="${css(shade(g.skin, 0.16), 0.8)}" stroke-width="2.2" stroke-linecap="round"/>`;
}

function mouth(g: Geometry): string {
  const x = 100 + g.turn * 1.15;
  const y = g.mouthY;
  const w = 13 + (g.variation[17] ?? 0) * 0.8 + (g.a.smile === 'broad' ? 5 : g.a.smile === 'slight' ? 2 : 0);
  const lift = g.a.smile === 'broad' ? 7 : g.a.smile === 'slight' ? 3 : 0;
  const full = g.feminine ? 4.6 : 2.1;
  const lip = g.feminine
    ? css({ h: 350 + (g.variation[18] ?? 0) * 8, s: 62, l: Math.min(46, g.skin.l * 0.4 + 20) })
    : css({ h: g.skin.h - 10, s: g.skin.s * 0.85, l: g.skin.l * 0.74 });
  const teeth =
    g.a.smile === 'broad'
      ? `<path d="M ${n(x - w * 0.86)} ${n(y - lift * 0.5)} Q ${n(x)} ${n(y + lift * 0.9)} ${n(x + w * 0.86)} ${n(y - lift * 0.5)} Q ${n(x)} ${n(y + lift * 1.7)} ${n(x - w * 0.86)} ${n(y - lift * 0.5)} Z" fill="#f6f2ea"/>`
      : '';
  const open = g.a.smile === 'broad' ? lift * 0.8 : 0;
  return `<path d="M ${n(x - w)} ${n(y - lift * 0.6)} Q ${n(x - w * 0.4)} ${n(y - full + lift * 0.2)} ${n(x)} ${n(y - full * 0.55 + lift * 0.4)} Q ${n(x + w * 0.4)} ${n(y - full + lift * 0.2)} ${n(x + w)} ${n(y - lift * 0.6)} Q ${n(x)} ${n(y + full * 1.5 + lift + open)} ${n(x - w)} ${n(y - lift * 0.6)} Z" fill="${lip}"/>${teeth}<path d="M ${n(x - w)} ${n(y - lift * 0.6)} Q ${n(x)} ${n(y + lift * 0.9)} ${n(x + w)} ${n(y - lift * 0.6)}" fill="none" stroke="${css(shade(g.skin, -0.65), 0.8)}" stroke-width="1.1"/>`;
}

function beard(g: Geometry): string {
  if (g.a.beard === 'none') return '';
  const { jaw, chin, cheek, mouthY } = g;
  const path = `M ${n(102 - cheek)} 104 C ${n(101 - cheek)} 116 ${n(96 - jaw)} 124 ${n(100 - jaw)} 134 C ${n(105 - jaw)} 146 86 ${n(chin + 3)} 100 ${n(chin + 3)} C 114 ${n(chin + 3)} ${n(95 + jaw)} 146 ${n(100 + jaw)} 134 C ${n(104 + jaw)} 124 ${n(99 + cheek)} 116 ${n(98 + cheek)} 104 Q ${n(94 + cheek)} 122 ${n(119 + g.turn)} ${n(mouthY - 8)} Q ${n(100 + g.turn)} ${n(mouthY - 13)} ${n(81 + g.turn)} ${n(mouthY - 8)} Q ${n(106 - cheek)} 122 ${n(102 - cheek)} 104 Z`;
  return `<path d="${path}" fill="${css(shade(g.hair, -0.1), g.a.beard === 'full' ? 0.93 : 0.34)}"/>`;
}

function wrinkles(g: Geometry): string {
  if (g.old < 0.3) return '';
  const colour = css(shade(g.skin, -0.32), (g.old - 0.2) * 0.75);
  const x = 100 + g.turn;
  const forehead = [0, 6, 12]
    .map(
      (dy) =>
        `M ${n(x - 18)} ${n(74 + dy * 0.8)} Q ${n(x)} ${n(71 + dy * 0.8)} ${n(x + 18)} ${n(74 + dy * 0.8)}`,
    )
    .join(' ');
  const folds = `M ${n(x - 12)} ${n(g.mouthY - 13)} Q ${n(x - 20)} ${n(g.mouthY - 4)} ${n(x - 18)} ${n(g.mouthY + 5)} M ${n(x + 12)} ${n(g.mouthY - 13)} Q ${n(x + 20)} ${n(g.mouthY - 4)} ${n(x + 18)} ${n(g.mouthY + 5)}`;
  return `<path d="${forehead} ${folds}" fill="none" stroke="${colour}" stroke-width="1.2"/>`;
}

function glasses(g: Geometry): string {
  if (g.a.glasses === 'none') return '';
  const dark = g.a.glasses === 'sunglasses';
  const round = Math.abs(g.variation[19] ?? 0) > 0.7;
  const fill = dark ? 'hsla(220,20%,10%,0.88)' : 'hsla(200,40%,90%,0.12)';
  const frame = css({ h: 20 + (g.variation[20] ?? 0) * 60, s: 30, l: 15 });
  const lens = (sign: 1 | -1): string => {
    const x = 100 + sign * g.eyeGap + g.turn;
    return round
      ? `<circle cx="${n(x)}" cy="${n(g.eyeY + 1)}" r="13" fill="${fill}" stroke="${frame}" stroke-width="1.9"/>`
      : `<rect x="${n(x - 14)}" y="${n(g.eyeY - 9)}" width="28" height="20" rx="5" fill="${fill}" stroke="${frame}" stroke-width="2.2"/>`;
  };
  return `${lens(-1)}${lens(1)}<path d="M ${n(95 + g.turn)} ${n(g.eyeY)} Q ${n(100 + g.turn)} ${n(g.eyeY - 3)} ${n(105 + g.turn)} ${n(g.eyeY)} M ${n(100 - g.eyeGap - 13 + g.turn)} ${n(g.eyeY - 2)} L ${n(101 - g.cheek)} ${n(g.eyeY - 5)} M ${n(100 + g.eyeGap + 13 + g.turn)} ${n(g.eyeY - 2)} L ${n(99 + g.cheek)} ${n(g.eyeY - 5)}" fill="none" stroke="${frame}" stroke-width="1.9"/>`;
}

function ears(g: Geometry): string {
  const ear = (sign: 1 | -1): string => {
    const hidden = g.turn * sign > 4;
    const x = 100 + sign * (g.cheek + (hidden ? -2 : 1.5));
    return `<ellipse cx="${n(x)}" cy="103" rx="5.5" ry="10.5" fill="${css(shade(g.skin, -0.1))}"/><ellipse cx="${n(x + sign)}" cy="103" rx="2.6" ry="6.5" fill="${css(shade(g.skin, -0.3), 0.6)}"/>`;
  };
  return ear(-1) + ear(1);
}

function shading(g: Geometry, head: string): string {
  const side = g.a.lighting === 'left' ? 0 : g.a.lighting === 'right' ? 1 : 0.5;
  const blush = g.feminine
    ? [-1, 1]
        .map(
          (sign) =>
            `<ellipse cx="${n(100 + sign * 24 + g.turn)}" cy="${n(g.mouthY - 12)}" rx="9" ry="6" fill="${css({ h: 350, s: 60, l: g.skin.l * 0.75 }, 0.35)}"/>`,
        )
        .join('')
    : `<path d="M ${n(100 - g.jaw)} 128 Q 100 ${n(g.chin + 8)} ${n(100 + g.jaw)} 128 Q 100 ${n(g.chin - 8)} ${n(100 - g.jaw)} 128 Z" fill="${css({ h: 220, s: 12, l: g.skin.l * 0.5 }, 0.3)}"/>`;
  const light =
    g.a.lighting === 'even'
      ? ''
      : `<path d="${head}" fill="url(#side)"/><defs><linearGradient id="side" x1="${side}" y1="0" x2="${1 - side}" y2="0"><stop offset="0" stop-color="#fff6e6" stop-opacity="0.28"/><stop offset="0.45" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#05030a" stop-opacity="0.5"/></linearGradient></defs>`;
  return `${blush}${light}`;
}

/**
 * Returns a face as SVG. Presentation shows in several weak cues together: jaw and chin, brows, eyes
 * and lashes, lips, nose, neck, shoulders and shading; never in hair or beard, which are attributes of
 * their own.
 *
 * @param size side of the picture in pixels
 */
export function drawFace(
  attributes: FaceAttributes,
  nuisance: FaceNuisance,
  size: number,
): string {
  const g = geometryOf(attributes, nuisance);
  const head = headPath(g);
  const move = `translate(${n(nuisance.shiftX * 200)} ${n(nuisance.shiftY * 200)}) rotate(${n(nuisance.rollDegrees)} 100 105) translate(100 105) scale(${nuisance.scale.toFixed(3)}) translate(-100 -105)`;
  const exposure =
    nuisance.exposure > 0
      ? `<rect width="200" height="200" fill="#fff" opacity="${(nuisance.exposure * 0.7).toFixed(3)}"/>`
      : `<rect width="200" height="200" fill="#000" opacity="${(-nuisance.exposure * 1.2).toFixed(3)}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 200 200"><defs><radialGradient id="skin" cx="${g.a.lighting === 'left' ? 0.36 : g.a.lighting === 'right' ? 0.64 : 0.5}" cy="0.42" r="0.7"><stop offset="0" stop-color="${css(shade(g.skin, 0.07))}"/><stop offset="0.6" stop-color="${css(g.skin)}"/><stop offset="1" stop-color="${css(shade(g.skin, -0.24))}"/></radialGradient></defs>${background(attributes, nuisance)}<g transform="${move}">${hairBehind(g)}${body(g, nuisance)}${ears(g)}<path d="${head}" fill="url(#skin)"/>${shading(g, head)}${wrinkles(g)}${beard(g)}${eye(g, -1)}${eye(g, 1)}${brow(g, -1)}${brow(g, 1)}${nose(g)}${mouth(g)}${hairFront(g)}${glasses(g)}</g>${exposure}</svg>`;
}
