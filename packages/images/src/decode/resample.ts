import { OptionsError } from '@janus/core';
import { RESAMPLE_WASM } from './resample-wasm.js';

/** A decoded image. */
export interface RgbImage {
  /** uint8 [height, width, 3], RGB. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A rectangle within an image, in pixels; its edges may lie between pixels. */
export interface Region {
  /** Distance from the left edge of the image. */
  readonly left: number;
  readonly top: number;
  /** Above 0. */
  readonly width: number;
  readonly height: number;
}

/** The size of an image in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Resampling weights of one axis: output `i` is the weighted sum of `taps` pixels from `first[i]` on. */
export interface ResamplePlan {
  /** int32 [outputs]. */
  readonly first: Int32Array;
  /** int16 [outputs, taps], fixed-point with 14 fractional bits; each output's weights sum to exactly 1. */
  readonly weights: Int16Array;
  /** Pixels that contribute to one output. */
  readonly taps: number;
}

/** Fractional bits of a weight: the largest number that leaves room in 16 bits for weights above 1. */
export const WEIGHT_BITS = 14;

/** Lobes of the kernel on each side of its centre. */
const LOBES = 3;

/** Lanczos kernel with three lobes: sinc(x) sinc(x / 3), 0 from 3 on. Source: Duchon 1979. */
function lanczos3(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const angle = Math.PI * x;
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle);
}

/** Cubic convolution, 0 from 2 on: hardly overshoots where an image is enlarged. Source: Keys 1981, a = -0.5. */
function cubic(x: number): number {
  const distance = Math.abs(x);
  if (distance >= 2) return 0;
  if (distance < 1) return (1.5 * distance - 2.5) * distance ** 2 + 1;
  return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
}

/** Names of the kernels. */
type KernelName = 'lanczos3' | 'cubic';

/** How much a pixel counts at a distance, and the distance from which on it does not. */
const KERNELS: Readonly<
  Record<KernelName, { readonly lobes: number; readonly weightAt: (x: number) => number }>
> = {
  lanczos3: { lobes: LOBES, weightAt: lanczos3 },
  cubic: { lobes: 2, weightAt: cubic },
};

/** Options of {@link resamplePlan}, all along one axis. */
export interface AxisOptions {
  /** Pixels of the whole image. */
  readonly length: number;
  /** Where the region begins, in pixels; may lie between pixels. */
  readonly from: number;
  /** Length of the region, in pixels. */
  readonly extent: number;
  /** Pixels to resample the region to. */
  readonly outputs: number;
  /** `taps` is padded to a multiple of this with weights of 0. */
  readonly multiple: number;
  /** Default `lanczos3`. */
  readonly kernel?: KernelName;
}

/**
 * Computes the weights of one axis: the kernel, widened by the scale when the image shrinks so that
 * no pixel is skipped, and normalised over the pixels inside the image.
 */
export function resamplePlan(options: AxisOptions): ResamplePlan {
  const { length, from, extent, outputs, multiple } = options;
  const { lobes, weightAt } = KERNELS[options.kernel ?? 'lanczos3'];
  const scale = extent / outputs;
  const widened = Math.max(scale, 1);
  const support = lobes * widened;
  const rows = Array.from({ length: outputs }, (_, i) => {
    const centre = from + (i + 0.5) * scale;
    const low = Math.max(0, Math.floor(centre - support + 0.5));
    const high = Math.min(length, Math.floor(centre + support + 0.5));
    const kernel = Array.from({ length: high - low }, (_each, k) =>
      weightAt((low + k + 0.5 - centre) / widened),
    );
    return { low, kernel };
  });
  const needed = Math.max(...rows.map(({ kernel }) => kernel.length));
  const taps = Math.ceil(needed / multiple) * multiple;
  const first = new Int32Array(outputs);
  const weights = new Int16Array(outputs * taps);
  rows.forEach(({ low, kernel }, i) => {
    first[i] = low;
    weights.set(wholeWeights(kernel), i * taps);
  });
  return { first, weights, taps };
}

/** Rounds weights to fixed point; the largest absorbs the rounding error, so that they sum to exactly 1. */
function wholeWeights(kernel: readonly number[]): number[] {
  const sum = kernel.reduce((a, b) => a + b, 0);
  const one = 2 ** WEIGHT_BITS;
  const whole = kernel.map((weight) => Math.round((weight / sum) * one));
  const largest = whole.indexOf(Math.max(...whole));
  whole[largest] = (whole[largest] ?? 0) + one - whole.reduce((a, b) => a + b, 0);
  return whole;
}

/** The part used here of a global that the ES2022 types lack. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly vertical: (...given: number[]) => void;
  readonly horizontal: (...given: number[]) => void;
}

/** The compiled kernels, created on first use in each thread. */
let exports: Exports | undefined;

function kernels(): Exports {
  if (exports === undefined) {
    const bytes = Uint8Array.from(atob(RESAMPLE_WASM), (letter) => letter.charCodeAt(0));
    const module = new WebAssembly.Module(bytes);
    exports = new WebAssembly.Instance(module).exports as Exports;
  }
  return exports;
}

/** Plans kept for reuse; the cache is cleared when it is full. */
const KEPT_PLANS = 64;
const plans = new Map<string, ResamplePlan>();

function planOf(options: AxisOptions): ResamplePlan {
  const { length, from, extent, outputs, multiple } = options;
  const key = `${length} ${from} ${extent} ${outputs} ${multiple}`;
  const known = plans.get(key);
  if (known !== undefined) return known;
  if (plans.size >= KEPT_PLANS) plans.clear();
  const made = resamplePlan(options);
  plans.set(key, made);
  return made;
}

/** Bytes of a page of WebAssembly memory. */
const PAGE = 65536;
/** Bytes that vector loads may read past the pixels. */
const SLACK = 64;

const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/**
 * Scales a region of an image to another size with a Lanczos kernel in integer arithmetic, which gives the
 * same bytes on every machine. A region that already has the size is copied.
 *
 * @param region in pixels of the image
 * @param options size in pixels, and `target`, uint8 [height, width, 3] that the pixels are written to;
 * default: new memory
 * @returns uint8 [height, width, 3]: `target` where one is given
 * @throws OptionsError when the region lies outside the image
 */
export function resample(
  image: RgbImage,
  region: Region,
  { width, height, target }: ImageSize & { readonly target?: Uint8Array },
): Uint8Array {
  checkRegion(image, region);
  const out = target ?? new Uint8Array(width * height * 3);
  if (region.width === width && region.height === height && isWhole(region)) {
    copyRegion(image, region, out);
    return out;
  }
  const down = planOf({
    length: image.height,
    from: region.top,
    extent: region.height,
    outputs: height,
    multiple: 2,
  });
  const across = planOf({
    length: image.width,
    from: region.left,
    extent: region.width,
    outputs: width,
    multiple: 4,
  });
  // Only the pixels that outputs depend on are copied and summed.
  const rowsFrom = Math.min(...ends(down.first));
  const rowsTo = Math.min(image.height, Math.max(...ends(down.first)) + down.taps);
  const columnsFrom = Math.min(...ends(across.first));
  const columnsTo = Math.min(image.width, Math.max(...ends(across.first)) + across.taps);
  const columnBytes = (columnsTo - columnsFrom) * 3;
  const stride = aligned(columnBytes);
  const rows = rowsTo - rowsFrom;

  const { memory, vertical, horizontal } = kernels();
  const at = { downFirst: 0, downWeights: 0, acrossFirst: 0, acrossWeights: 0 };
  let end = 0;
  const place = (bytes: number): number => {
    const start = end;
    end = aligned(end + bytes);
    return start;
  };
  at.downFirst = place(down.first.byteLength);
  at.downWeights = place(down.weights.byteLength);
  at.acrossFirst = place(across.first.byteLength);
  at.acrossWeights = place(across.weights.byteLength);
  // Rows past the last have weights of 0, but are loaded nevertheless.
  const source = place((rows + down.taps) * stride + SLACK);
  const between = place(height * stride + across.taps * 3 + SLACK);
  const made = place(width * height * 3 + SLACK);
  if (memory.buffer.byteLength < end) {
    memory.grow(Math.ceil((end - memory.buffer.byteLength) / PAGE));
  }
  const bytes = new Uint8Array(memory.buffer);
  new Int32Array(memory.buffer, at.downFirst, height).set(
    down.first.map((first) => first - rowsFrom),
  );
  new Int16Array(memory.buffer, at.downWeights, down.weights.length).set(down.weights);
  new Int32Array(memory.buffer, at.acrossFirst, width).set(
    across.first.map((first) => (first - columnsFrom) * 3),
  );
  new Int16Array(memory.buffer, at.acrossWeights, across.weights.length).set(across.weights);
  for (let y = 0; y < rows; y++) {
    const from = ((rowsFrom + y) * image.width + columnsFrom) * 3;
    bytes.set(image.pixels.subarray(from, from + columnBytes), source + y * stride);
  }
  vertical(source, stride, between, stride, height, at.downFirst, at.downWeights, down.taps / 2);
  horizontal(
    ...[between, stride, made, height, width, at.acrossFirst, at.acrossWeights],
    across.taps / 4,
  );
  out.set(bytes.subarray(made, made + width * height * 3));
  return out;
}

/** The first and the last entry of `first`, which are its smallest and largest. */
const ends = (first: Int32Array): readonly [number, number] => [first[0] ?? 0, first.at(-1) ?? 0];

const isWhole = ({ left, top }: Region): boolean => Number.isInteger(left) && Number.isInteger(top);

function checkRegion(image: RgbImage, region: Region): void {
  const { left, top, width, height } = region;
  const inside =
    left >= 0 &&
    top >= 0 &&
    width > 0 &&
    height > 0 &&
    left + width <= image.width &&
    top + height <= image.height;
  if (inside) return;
  throw new OptionsError(
    `resample: the region must lie within ${image.width}x${image.height} pixels, but got ${width}x${height} at ${left}, ${top}. Clip it first.`,
  );
}

function copyRegion({ pixels, width }: RgbImage, region: Region, out: Uint8Array): void {
  const row = region.width * 3;
  for (let y = 0; y < region.height; y++) {
    const from = ((region.top + y) * width + region.left) * 3;
    out.set(pixels.subarray(from, from + row), y * row);
  }
}

/** Returns the largest square around the centre of an image. */
export function middleSquare(image: ImageSize): Region {
  return middlePart(image, { width: 1, height: 1 });
}

/** Returns the largest part around the centre of an image that has the aspect of `wanted`. */
export function middlePart({ width, height }: ImageSize, wanted: ImageSize): Region {
  const isTall = width * wanted.height <= height * wanted.width;
  const part = isTall
    ? { width, height: (width * wanted.height) / wanted.width }
    : { width: (height * wanted.width) / wanted.height, height };
  return { left: (width - part.width) / 2, top: (height - part.height) / 2, ...part };
}
