import { streamOf } from '@janus/core';
import type { PlannedFace } from './plan.js';
import { encodeImage, renderFace, renderFacePixels } from './render.js';

/** JPEG quality of a re-encoded copy: clearly below the originals' 86 to 94. */
const COPY_QUALITY = 70;

/**
 * Renders a planned face to an image file, with its planted fault.
 *
 * @param image side in pixels, 32 to 512, and file format
 * @returns the bytes of the file
 * @throws OptionsError when the size is out of range
 */
export async function renderPlannedFace(
  plan: PlannedFace,
  image: { readonly size: number; readonly format: 'jpeg' | 'png' },
): Promise<Uint8Array> {
  const { size, format } = image;
  switch (plan.planted) {
    case 'blank': {
      const { seed, person, image: k } = plan.face.key;
      const wall = streamOf(seed, 'blank', person, k);
      const colour = [wall.integer(256), wall.integer(256), wall.integer(256)];
      const grey = plan.variant === 0 ? wall.integer(256) : null;
      const pixels = Uint8Array.from(
        { length: size * size * 3 },
        (_, i) => grey ?? colour[i % 3] ?? 0,
      );
      return await encodeImage(pixels, { size, format, quality: 90 });
    }
    case 'corrupt': {
      const file = await renderFace(plan.face, image);
      // An interrupted download, or bytes that never were an image.
      if (plan.variant === 0) return file.subarray(0, file.length >> 1);
      const { seed, person, image: k } = plan.face.key;
      const bytes = streamOf(seed, 'garbage', person, k);
      return Uint8Array.from({ length: 600 + bytes.integer(2000) }, () => bytes.integer(256));
    }
    case 'duplicate':
      return plan.variant === 0
        ? await renderFace(plan.face, image)
        : await encodeImage(await renderFacePixels(plan.face, size), {
            size,
            format: 'jpeg',
            quality: COPY_QUALITY,
          });
    case 'label-noise':
    case null:
      return await renderFace(plan.face, image);
  }
}
