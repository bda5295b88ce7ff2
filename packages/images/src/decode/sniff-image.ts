/** How many leading bytes {@link sniffImage} needs at most. */
export const SNIFF_BYTES = 32;

/** Brands of ISO media files that hold images. Source: the AVIF specification; HEIF, ISO/IEC 23008-12. */
const BRANDS: Readonly<Record<string, string>> = {
  avif: 'avif',
  avis: 'avif',
  heic: 'heic',
  heix: 'heic',
  heim: 'heic',
  heis: 'heic',
  hevc: 'heic',
  mif1: 'heic',
  msf1: 'heic',
};

/** Valid lengths of a bitmap's information header, in bytes. */
const BITMAP_HEADERS: ReadonlySet<number> = new Set([12, 40, 52, 56, 64, 108, 124]);

/**
 * Detects the image format of a file from its first bytes: JPEG, PNG, GIF, WebP, BMP, TIFF, AVIF, HEIC,
 * JPEG 2000 or JPEG XL. File names and content types are often wrong, so neither is used.
 *
 * @param head the first {@link SNIFF_BYTES} bytes, or the whole file where it is shorter
 * @returns the usual file extension without a dot, `jpg`; undefined when it is not an image
 */
export function sniffImage(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = (start: number, end: number): string => bytes.toString('latin1', start, end);
  if (text(0, 3) === '\xff\xd8\xff') return 'jpg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (text(0, 4) === 'II*\0' || text(0, 4) === 'MM\0*') return 'tif';
  if (text(4, 8) === 'ftyp') {
    const brands = [8, 16, 20, 24, 28].map((at) => BRANDS[text(at, at + 4)]);
    // AVIF files may have a HEIF brand first, and AVIF only among the compatible brands.
    return brands.find((brand) => brand === 'avif') ?? brands[0];
  }
  if (text(0, 2) === 'BM' && bytes.length >= 18 && BITMAP_HEADERS.has(bytes.readUInt32LE(14))) {
    return 'bmp';
  }
  if (text(0, 12) === '\0\0\0\x0cjP  \r\n\x87\n') return 'jp2';
  if (text(0, 2) === '\xff\x0a' || text(0, 12) === '\0\0\0\x0cJXL \r\n\x87\n') return 'jxl';
  return undefined;
}
