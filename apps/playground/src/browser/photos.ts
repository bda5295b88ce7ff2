/** Images between files, canvases and pixels. */
import { resample, middleSquare, type Part, type RgbImage } from '@janus/images';

/** Longer side in pixels to which larger images are scaled first: changes to more are slow, and hardly seen. */
const MOST_PX = 2048;

/**
 * Decodes an image: upright by its EXIF orientation, in sRGB, transparency on white, as Node does; its longer side is at
 * most 2048 pixels.
 *
 * @throws Error when the browser cannot decode it
 */
export async function decodePhoto(file: Blob): Promise<RgbImage> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    throw new Error('this file cannot be read as an image. Choose a JPEG, PNG or WebP file.');
  });
  const scale = Math.min(1, MOST_PX / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const context = contextOf(document.createElement('canvas'), { width, height });
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0, o = 0; i < data.length; i += 4) {
    pixels[o++] = data[i] ?? 0;
    pixels[o++] = data[i + 1] ?? 0;
    pixels[o++] = data[i + 2] ?? 0;
  }
  return { pixels, width, height };
}

/** Gives a canvas its size and returns what draws on it, in the processor's memory: pixels come back as they went in. */
function contextOf(
  canvas: HTMLCanvasElement,
  { width, height }: { readonly width: number; readonly height: number },
): CanvasRenderingContext2D {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('the browser has no canvas to draw on.');
  return context;
}

/** Draws pixels on a canvas, which gets their size. */
export function drawImage(canvas: HTMLCanvasElement, { pixels, width, height }: RgbImage): void {
  const context = contextOf(canvas, { width, height });
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0, o = 0; i < pixels.length; i += 3, o += 4) {
    data[o] = pixels[i] ?? 0;
    data[o + 1] = pixels[i + 1] ?? 0;
    data[o + 2] = pixels[i + 2] ?? 0;
  }
  context.putImageData(new ImageData(data, width, height), 0, 0);
}

/** Draws a frame around a part of what a canvas shows. */
export function drawFrame(canvas: HTMLCanvasElement, part: Part): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { left, top, width, height } = part;
  if (width === canvas.width && height === canvas.height) return;
  const line = Math.max(1, Math.round(Math.min(canvas.width, canvas.height) / 150));
  for (const [colour, wide] of [
    ['#000000', 2 * line],
    ['#ffffff', line],
  ] as const) {
    // prettier-ignore
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.strokeRect(left + line, top + line, width - 2 * line, height - 2 * line);
  }
}

/**
 * Returns what a network sees of a photo: uint8 [size, size, 3].
 *
 * @param face the part with a face; absent: the middle square, as Node takes it
 */
export function squareOf(photo: RgbImage, face: Part | undefined, size: number): Uint8Array {
  return resample(photo, face ?? middleSquare(photo), { width: size, height: size });
}

/** Hands a file to the person. */
export function save(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}
