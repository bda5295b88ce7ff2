/** Endings of image files. */
export const IMAGE_ENDING: RegExp = /\.(jpe?g|png|webp|gif|tiff?|bmp|avif)$/i;
