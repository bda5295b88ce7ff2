import type { SizedPixels } from './augment-geometry.js';

/** A change of colours; brightness, contrast and saturation 1 with hue 0 changes nothing. */
export interface ColourChange {
  /** Factor on all values, 0 or more. */
  readonly brightness: number;
  /** Factor on the distance from the image's mean luma, 0 or more. */
  readonly contrast: number;
  /** Factor on the distance from a pixel's own luma, 0 or more; 0 gives grey. */
  readonly saturation: number;
  /** Rotation of the hue in turns: 0.5 gives the opposite hue, 1 the same. */
  readonly hue: number;
}

/** Luma weights of red, green and blue. Source: ITU-R BT.601. */
const LUMA = [0.299, 0.587, 0.114] as const;

/** RGB to luma and two perpendicular chroma axes. Source: NTSC's YIQ, whose luma is BT.601's. */
const TO_YIQ = [
  [0.299, 0.587, 0.114],
  [0.595716, -0.274453, -0.321263],
  [0.211456, -0.522591, 0.311135],
] as const;

type Row = readonly [number, number, number];
type Matrix = readonly [Row, Row, Row];

const IDENTITY: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** Returns `a` times `b`. */
function product(a: Matrix, b: Matrix): Matrix {
  const row = ([x, y, z]: Row): Row => [
    x * b[0][0] + y * b[1][0] + z * b[2][0],
    x * b[0][1] + y * b[1][1] + z * b[2][1],
    x * b[0][2] + y * b[1][2] + z * b[2][2],
  ];
  return [row(a[0]), row(a[1]), row(a[2])];
}

/** Returns the inverse of a matrix. */
function inverse(m: Matrix): Matrix {
  const [[a, b, c], [d, e, f], [g, h, i]] = m;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const over = (value: number): number => value / determinant;
  return [
    [over(e * i - f * h), over(c * h - b * i), over(b * f - c * e)],
    [over(f * g - d * i), over(a * i - c * g), over(c * d - a * f)],
    [over(d * h - e * g), over(b * g - a * h), over(a * e - b * d)],
  ];
}

const FROM_YIQ = inverse(TO_YIQ);

/** Returns the matrix that rotates the two chroma axes and keeps luma. */
function hueMatrix(turns: number): Matrix {
  if (turns % 1 === 0) return IDENTITY;
  const angle = 2 * Math.PI * turns;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return product(
    FROM_YIQ,
    product(
      [
        [1, 0, 0],
        [0, cos, -sin],
        [0, sin, cos],
      ],
      TO_YIQ,
    ),
  );
}

function saturationMatrix(factor: number): Matrix {
  const row = (own: number): Row => {
    const each = LUMA.map((weight, i) => weight * (1 - factor) + (i === own ? factor : 0));
    return [each[0] ?? 0, each[1] ?? 0, each[2] ?? 0];
  };
  return factor === 1 ? IDENTITY : [row(0), row(1), row(2)];
}

/** Returns the mean luma of an image. */
function meanLuma(pixels: Uint8Array): number {
  const sums = [0, 0, 0];
  let [red, green, blue] = [0, 0, 0];
  for (let i = 0; i < pixels.length; i += 3) {
    red += pixels[i] ?? 0;
    green += pixels[i + 1] ?? 0;
    blue += pixels[i + 2] ?? 0;
  }
  sums[0] = red;
  sums[1] = green;
  sums[2] = blue;
  return LUMA.reduce((sum, weight, i) => sum + (weight * (sums[i] ?? 0)) / (pixels.length / 3), 0);
}

/**
 * Changes brightness, contrast, saturation and hue of an image, in this order and in place. All four
 * together are one affine map of a pixel, so values are rounded and clipped only once, at the end.
 */
export function changeColour({ pixels }: SizedPixels, change: ColourChange): void {
  const { brightness, contrast, saturation, hue } = change;
  const factor = brightness * contrast;
  const shift = contrast === 1 ? 0 : (1 - contrast) * brightness * meanLuma(pixels);
  const mixed = product(hueMatrix(hue), saturationMatrix(saturation));
  const [[rr, rg, rb], [gr, gg, gb], [br, bg, bb]] = mixed;
  // Both matrices keep grey, so the shift, which is grey, can be added after them.
  const half = shift + 0.5;
  for (let i = 0; i < pixels.length; i += 3) {
    const r = (pixels[i] ?? 0) * factor;
    const g = (pixels[i + 1] ?? 0) * factor;
    const b = (pixels[i + 2] ?? 0) * factor;
    pixels[i] = clipped(rr * r + rg * g + rb * b + half);
    pixels[i + 1] = clipped(gr * r + gg * g + gb * b + half);
    pixels[i + 2] = clipped(br * r + bg * g + bb * b + half);
  }
}

const clipped = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value | 0);
