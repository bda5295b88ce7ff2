const IMAGE_ENDING = /\.(jpe?g|png|webp|gif|tiff?|bmp|avif)$/i;

/** Returns whether a path or name has the ending of an image file. */
export function hasImageEnding(path: string): boolean {
  return IMAGE_ENDING.test(path);
}
