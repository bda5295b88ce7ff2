/** An image fitted into a square: scaled by `scale`, then moved by `left` and `top` pixels. */
export interface Letterbox {
  /** uint8 [size, size, 3], RGB, black outside the image. */
  readonly pixels: Uint8Array;
  /** Pixels of the square per pixel of the image. */
  readonly scale: number;
  /** Columns of the square to the left of the image. */
  readonly left: number;
  /** Rows of the square above the image. */
  readonly top: number;
}

/** An image of any size. */
export interface SizedImage {
  /** uint8 [height, width, 3], RGB. */
  readonly pixels: Uint8Array;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** Resampling weights of one axis: output `i` is the sum of `weights[i][k]` times input `first[i] + k`. */
interface Axis {
  readonly first: readonly number[];
  readonly weights: readonly (readonly number[])[];
}

/**
 * Returns the weights of a triangle filter as wide as two pixels of the smaller image: linear
 * interpolation when enlarging, antialiased when reducing.
 */
function axisOf(inputs: number, outputs: number): Axis {
  const scale = inputs / outputs;
  const reach = Math.max(1, scale);
  const first: number[] = [];
  const weights: number[][] = [];
  for (let i = 0; i < outputs; i++) {
    const centre = (i + 0.5) * scale - 0.5;
    const from = Math.max(0, Math.ceil(centre - reach));
    const to = Math.min(inputs - 1, Math.floor(centre + reach));
    const each: number[] = [];
    for (let at = from; at <= to; at++) each.push(1 - Math.abs(at - centre) / reach);
    const sum = each.reduce((a, b) => a + b, 0);
    first.push(from);
    weights.push(each.map((weight) => weight / sum));
  }
  return { first, weights };
}

/**
 * Returns an image scaled to fit a square and centred in it, its aspect ratio kept.
 *
 * @param size side of the square in pixels
 */
export function letterbox(image: SizedImage, size: number): Letterbox {
  const { width, height } = image;
  const scale = size / Math.max(width, height);
  const across = Math.max(1, Math.round(width * scale));
  const down = Math.max(1, Math.round(height * scale));
  const left = Math.floor((size - across) / 2);
  const top = Math.floor((size - down) / 2);
  const pixels = new Uint8Array(size * size * 3);
  const columns = axisOf(width, across);
  const rows = axisOf(height, down);
  const narrow = new Float32Array(height * across * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < across; x++) {
      let at = (y * width + (columns.first[x] ?? 0)) * 3;
      let [red, green, blue] = [0, 0, 0];
      for (const weight of columns.weights[x] ?? []) {
        red += weight * (image.pixels[at] ?? 0);
        green += weight * (image.pixels[at + 1] ?? 0);
        blue += weight * (image.pixels[at + 2] ?? 0);
        at += 3;
      }
      const to = (y * across + x) * 3;
      narrow[to] = red;
      narrow[to + 1] = green;
      narrow[to + 2] = blue;
    }
  }
  const line = new Float32Array(across * 3);
  for (let y = 0; y < down; y++) {
    line.fill(0);
    let from = (rows.first[y] ?? 0) * across * 3;
    for (const weight of rows.weights[y] ?? []) {
      for (let x = 0; x < line.length; x++) {
        line[x] = (line[x] ?? 0) + weight * (narrow[from + x] ?? 0);
      }
      from += line.length;
    }
    const to = ((top + y) * size + left) * 3;
    for (let x = 0; x < line.length; x++) pixels[to + x] = Math.round(line[x] ?? 0);
  }
  return { pixels, scale, left, top };
}
