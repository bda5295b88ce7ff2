/** The header of a JPEG file. */
export interface JpegHeader {
  /** Pixels, before the EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** Bits per sample. */
  readonly precision: number;
  /** Whether it is baseline, extended or progressive with Huffman coding, which every decoder reads. */
  readonly common: boolean;
  /** `ycc` is luma and chroma; `other` is RGB, CMYK or unknown. */
  readonly colour: 'grey' | 'ycc' | 'other';
  /** EXIF orientation, 1 to 8; 1, upright, where there is none. */
  readonly orientation: number;
  /** Whether it has an ICC profile. */
  readonly hasProfile: boolean;
  /** Whether it ends with the end-of-image marker, which a truncated file lacks. */
  readonly ended: boolean;
}

const START = 0xffd8;
const END = 0xffd9;
const SCAN = 0xda;

interface Found {
  orientation: number;
  hasProfile: boolean;
  jfif: boolean;
  /** Adobe's marker: 0 for RGB or CMYK, 1 for YCC, 2 for YCCK. */
  adobe: number | undefined;
}

/**
 * Reads the header of a JPEG file; undefined when it is not one, or its header is damaged.
 * Source: ITU-T T.81, annex B (markers); JFIF 1.02 and libjpeg's own rules (colours).
 */
export function jpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== START) return undefined;
  const found: Found = { orientation: 1, hasProfile: false, jfif: false, adobe: undefined };
  let frame: Pick<JpegHeader, 'width' | 'height' | 'precision' | 'common'> | undefined;
  let components: readonly number[] = [];
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // a fill byte
      continue;
    }
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return undefined;
    const body = bytes.subarray(at + 4, end);
    if (marker === SCAN) {
      if (frame === undefined) return undefined;
      return {
        ...frame,
        colour: colourOf(components, found),
        orientation: found.orientation,
        hasProfile: found.hasProfile,
        ended: view.getUint16(bytes.length - 2) === END,
      };
    }
    if (isFrame(marker)) {
      const count = body[5] ?? 0;
      if (body.length < 6 + 3 * count) return undefined;
      frame = {
        precision: body[0] ?? 0,
        height: ((body[1] ?? 0) << 8) | (body[2] ?? 0),
        width: ((body[3] ?? 0) << 8) | (body[4] ?? 0),
        common: marker <= 0xc2,
      };
      components = Array.from({ length: count }, (_, i) => body[6 + 3 * i] ?? 0);
    } else {
      readApplication(marker, body, found);
    }
    at = end;
  }
  return undefined;
}

/** SOF0 to SOF15, without the table markers among them (DHT, JPG, DAC). */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

const beginsWith = (body: Uint8Array, text: string): boolean =>
  body.length >= text.length &&
  Array.from(text).every((letter, i) => body[i] === letter.charCodeAt(0));

function readApplication(marker: number, body: Uint8Array, found: Found): void {
  if (marker === 0xe0 && beginsWith(body, 'JFIF\0')) found.jfif = true;
  if (marker === 0xe1 && beginsWith(body, 'Exif\0\0')) {
    found.orientation = orientationIn(body.subarray(6));
  }
  if (marker === 0xe2 && beginsWith(body, 'ICC_PROFILE\0')) found.hasProfile = true;
  if (marker === 0xee && beginsWith(body, 'Adobe') && body.length >= 12) found.adobe = body[11];
}

function colourOf(components: readonly number[], { jfif, adobe }: Found): JpegHeader['colour'] {
  if (components.length === 1) return 'grey';
  if (components.length !== 3) return 'other';
  if (jfif) return 'ycc';
  if (adobe !== undefined) return adobe === 1 ? 'ycc' : 'other';
  return components.join() === '1,2,3' ? 'ycc' : 'other';
}

const ORIENTATION_TAG = 0x0112;

/** Returns the orientation in the first directory of an EXIF block; 1 when there is none. */
function orientationIn(tiff: Uint8Array): number {
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > tiff.length) return 1;
    if (view.getUint16(at, little) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
