/** A mark that people see on a synthetic image. */
import { createCanvas } from '@napi-rs/canvas';
import sharp from 'sharp';
import { INTER, measuringContext, registerFonts } from './fonts.js';

/** Height of a mark as a share of the image's shorter side, and its least pixels. */
const SHARE = 0.05;
const LEAST = 9;

/**
 * Draws a mark into the lower right corner: white text on a dark, half transparent ground.
 *
 * @param image `pixels` are uint8 [height, width, 3]
 * @param text default `synthetic`; cut off where the image is too narrow
 * @returns new pixels, uint8 [height, width, 3]
 */
export async function withMark(
  image: { readonly pixels: Uint8Array; readonly width: number; readonly height: number },
  text = 'synthetic',
): Promise<Uint8Array> {
  const { pixels, width, height } = image;
  const high = Math.min(height, Math.max(LEAST, Math.round(SHARE * Math.min(width, height))));
  const input = markTile(text, { high, widest: width });
  const marked = sharp(pixels, { raw: { width, height, channels: 3 } }).composite([
    { input, gravity: 'southeast' },
  ]);
  return await marked.removeAlpha().raw().toBuffer();
}

function markTile(
  text: string,
  { high, widest }: { readonly high: number; readonly widest: number },
): Buffer {
  registerFonts();
  const size = Math.round(high * 0.72);
  const font = `600 ${size}px ${INTER}`;
  const measuring = measuringContext();
  measuring.font = font;
  const wide = Math.min(widest, Math.ceil(measuring.measureText(text).width + high * 0.6));
  const canvas = createCanvas(wide, high);
  const context = canvas.getContext('2d');
  context.fillStyle = 'rgba(0, 0, 0, 0.6)';
  context.fillRect(0, 0, wide, high);
  context.font = font;
  context.fillStyle = '#ffffff';
  context.textBaseline = 'middle';
  context.fillText(text, high * 0.3, high * 0.52);
  return canvas.toBuffer('image/png');
}
