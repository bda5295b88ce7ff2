/** What an image file says about how it was made. */
import { crc32 } from 'node:zlib';

/** How an image was made by a network. */
export interface Provenance {
  /** Program and version, such as `Janus 0.1.0`. */
  readonly program: string;
  /** The network, such as `run faces, feminine to masculine`. */
  readonly model: string;
  /** A sentence for people: that it is synthetic, and from what. */
  readonly description: string;
}

/** IPTC's term for what a trained network made. Source: IPTC NewsCodes, digitalsourcetype. */
export const TRAINED_MEDIA =
  'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

const NAMESPACES = [
  'xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
  'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
].join(' ');

/** Returns an XMP packet; source: IPTC Photo Metadata Standard 2025.1. */
export function xmpOf({ program, model, description }: Provenance): string {
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" ${NAMESPACES} xmp:CreatorTool="${escaped(program)}" Iptc4xmpExt:DigitalSourceType="${TRAINED_MEDIA}" Iptc4xmpExt:AISystemUsed="${escaped(model)}" Iptc4xmpExt:AISystemVersionUsed="${escaped(program)}">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${escaped(description)}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0) ?? 0};`);

/** Returns EXIF's fields, which hold ASCII only. */
export function exifOf(provenance: Provenance): { readonly IFD0: Record<string, string> } {
  const ascii = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');
  const { program, description } = provenance;
  return { IFD0: { Software: ascii(program), ImageDescription: ascii(description) } };
}

/** Bytes of a PNG file's signature and of its first chunk, IHDR, after which text may stand. */
const PNG_HEAD = 8 + 25;

/** Returns a PNG file with text in it, which many programs show that read neither XMP nor EXIF. */
export function withPngText(png: Uint8Array, provenance: Provenance): Uint8Array {
  const { program, model, description } = provenance;
  const chunks = Object.entries({ Description: description, Software: program, Source: model });
  return Buffer.concat([
    png.subarray(0, PNG_HEAD),
    ...chunks.map(([keyword, text]) => internationalText(keyword, text)),
    png.subarray(PNG_HEAD),
  ]);
}

/** Returns a chunk iTXt, not compressed, without language; source: PNG (ISO/IEC 15948), 11.3.4.5. */
function internationalText(keyword: string, text: string): Uint8Array {
  const content = Buffer.from(`iTXt${keyword}\0\0\0\0\0${text}`, 'utf8');
  const chunk = Buffer.alloc(content.length + 8);
  chunk.writeUInt32BE(content.length - 4, 0);
  content.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(content), content.length + 4);
  return chunk;
}
