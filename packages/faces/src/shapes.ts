/** Points, curves and colours for drawing faces. */

/** x to the right, y down. */
export type Point = readonly [number, number];

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Formats a coordinate to one decimal: a twentieth of a pixel at 128 px. */
function tenth(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Formats a number to two decimals. */
export function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Parses a colour `#rrggbb`. */
export function colourOf(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Blends two colours: `share` 0 gives `a`, 1 gives `b`. */
export function mix(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** Converts HSL to RGB: hue in degrees, saturation and lightness from 0 to 1. */
export function hsl(hue: number, saturation: number, lightness: number): Colour {
  const channel = (offset: number): number => {
    const k = (offset + (((hue % 360) + 360) % 360) / 30) % 12;
    const spread = saturation * Math.min(lightness, 1 - lightness);
    return 255 * (lightness - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

/** Formats a colour as `#rrggbb`. */
export function css(colour: Colour): string {
  const byte = (value: number): string =>
    Math.max(0, Math.min(255, Math.round(value)))
      .toString(16)
      .padStart(2, '0');
  return `#${byte(colour[0])}${byte(colour[1])}${byte(colour[2])}`;
}

/** Returns the luma of a colour, 0 to 1 (ITU-R BT.601). */
export function lightnessOf(colour: Colour): number {
  return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255;
}

const at = (points: readonly Point[], i: number): Point => points[i] ?? [0, 0];

function segments(
  points: readonly Point[],
  neighbour: (i: number) => Point,
  count: number,
): string {
  let path = '';
  for (let i = 0; i < count; i++) {
    const [a, b, c, d] = [neighbour(i - 1), neighbour(i), neighbour(i + 1), neighbour(i + 2)];
    path += `C${tenth(b[0] + (c[0] - a[0]) / 6)} ${tenth(b[1] + (c[1] - a[1]) / 6)} ${tenth(c[0] - (d[0] - b[0]) / 6)} ${tenth(c[1] - (d[1] - b[1]) / 6)} ${tenth(c[0])} ${tenth(c[1])}`;
  }
  return path;
}

/** Returns the SVG path of a closed Catmull-Rom curve through all points. */
export function closedCurve(points: readonly Point[]): string {
  const count = points.length;
  const first = at(points, 0);
  const around = (i: number): Point => at(points, (i + count) % count);
  return `M${tenth(first[0])} ${tenth(first[1])}${segments(points, around, count)}Z`;
}

/** Returns the SVG path of an open Catmull-Rom curve through all points. */
export function openCurve(points: readonly Point[]): string {
  const last = points.length - 1;
  const first = at(points, 0);
  const along = (i: number): Point => at(points, Math.max(0, Math.min(last, i)));
  return `M${tenth(first[0])} ${tenth(first[1])}${segments(points, along, last)}`;
}

/** Returns points with x mirrored, in reverse order. */
export function mirrored(points: readonly Point[]): readonly Point[] {
  return points.map(([x, y]): Point => [-x, y]).reverse();
}

/** An ellipse that fades out towards its edge. */
export interface Spot {
  /** Id of a gradient made by {@link fadeOf}. */
  readonly fade: string;
  readonly at: Point;
  readonly radii: Point;
  readonly opacity: number;
}

/** Draws an ellipse that fades out towards its edge; a blur filter would take three times as long. */
export function softSpot({ fade, at: [x, y], radii, opacity }: Spot): string {
  if (opacity < 0.03) return '';
  return `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(radii[0])}" ry="${n(radii[1])}" fill="url(#${fade})" fill-opacity="${n(Math.min(1, opacity))}"/>`;
}

/** Returns the gradient of a colour that fades out, for {@link softSpot}. */
export function fadeOf(id: string, colour: Colour): string {
  return `<radialGradient id="${id}"><stop offset="0" stop-color="${css(colour)}"/><stop offset="0.45" stop-color="${css(colour)}" stop-opacity="0.62"/><stop offset="1" stop-color="${css(colour)}" stop-opacity="0"/></radialGradient>`;
}

/** Draws a line with soft edges: the same path in two widths. */
export function softLine(
  path: string,
  line: { readonly colour: Colour; readonly width: number; readonly opacity: number },
): string {
  const layer = (width: number, opacity: number): string =>
    `<path d="${path}" stroke-width="${n(line.width * width)}" stroke-opacity="${n(line.opacity * opacity)}"/>`;
  return `<g fill="none" stroke="${css(line.colour)}" stroke-linecap="round">${layer(1.5, 0.4)}${layer(0.75, 0.5)}</g>`;
}

/** Returns the tones of a hair colour: highlights, shade, and the deepest shade. */
export function shades(hair: Colour): { dark: Colour; light: Colour; deep: Colour } {
  const bright = lightnessOf(hair);
  return {
    deep: mix(hair, [8, 5, 6], 0.5),
    dark: mix(hair, [10, 6, 6], 0.34),
    light: mix(hair, [255, 226, 190], 0.16 + 0.16 * bright),
  };
}
