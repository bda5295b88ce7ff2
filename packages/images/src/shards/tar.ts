/** Tape archives: POSIX ustar with pax headers (IEEE Std 1003.1-2017, pax), read also as GNU writes them. */
import { open, type FileHandle } from 'node:fs/promises';
import { DataError } from '@janus/core';

/** A regular file of an archive. */
export interface TarFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
/** Places and lengths of a header's fields. */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  owner: [108, 8],
  group: [116, 8],
  size: [124, 12],
  time: [136, 12],
  checksum: [148, 8],
  kind: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

/** Largest size of eleven octal digits. */
const LARGEST_OCTAL = 8 ** 11 - 1;

function putText(header: Uint8Array, [at]: readonly [number, number], text: string): void {
  header.set(new TextEncoder().encode(text), at);
}

/** Writes a number as octal digits that a zero ends. */
function putNumber(header: Uint8Array, field: readonly [number, number], value: number): void {
  putText(header, field, value.toString(8).padStart(field[1] - 1, '0'));
}

/** Sum of a header's bytes, those of the sum itself counted as spaces. */
function checksumOf(header: Uint8Array): number {
  const [at, length] = FIELD.checksum;
  return header.reduce((sum, byte, i) => sum + (i >= at && i < at + length ? 32 : byte), 0);
}

function headerOf(name: string, size: number, kind: string): Uint8Array {
  const header = new Uint8Array(BLOCK);
  putText(header, FIELD.name, name);
  putNumber(header, FIELD.mode, 0o644);
  putNumber(header, FIELD.owner, 0);
  putNumber(header, FIELD.group, 0);
  putNumber(header, FIELD.size, Math.min(size, LARGEST_OCTAL));
  // Always 1970: the same files make the same archive.
  putNumber(header, FIELD.time, 0);
  putText(header, FIELD.kind, kind);
  putText(header, FIELD.magic, 'ustar\u000000');
  const [at] = FIELD.checksum;
  putText(header, [at, 7], `${checksumOf(header).toString(8).padStart(6, '0')}\0 `);
  return header;
}

/** A pax record: its own length, in decimal digits, is part of what it counts. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = new TextEncoder().encode(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length;
  }
  return Buffer.concat([new TextEncoder().encode(String(length)), rest]);
}

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

const isPlain = (name: string): boolean =>
  /^[\x20-\x7e]*$/.test(name) && name.length <= FIELD.name[1];

/** Returns a file as a part of an archive: header, bytes, padding. */
export function tarEntry({ name, bytes }: TarFile): Uint8Array {
  const records = [
    ...(isPlain(name) ? [] : [paxRecord('path', name)]),
    ...(bytes.length <= LARGEST_OCTAL ? [] : [paxRecord('size', String(bytes.length))]),
  ];
  const pieces: Uint8Array[] = [];
  const add = (header: Uint8Array, body: Uint8Array): void => {
    pieces.push(header, body, new Uint8Array(padded(body.length) - body.length));
  };
  if (records.length > 0) {
    const body = Buffer.concat(records);
    add(headerOf('pax', body.length, 'x'), body);
  }
  add(headerOf(isPlain(name) ? name : 'see-pax', bytes.length, '0'), bytes);
  return Buffer.concat(pieces);
}

/** What ends an archive: two blocks of zeros. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK);

const textIn = (header: Uint8Array, [at, length]: readonly [number, number]): string => {
  const field = Buffer.from(header.subarray(at, at + length));
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString();
};

/** Reads octal digits, or a binary number as GNU writes those that have no room. */
function numberIn(header: Uint8Array, field: readonly [number, number]): number {
  const [at, length] = field;
  if (((header[at] ?? 0) & 0x80) !== 0) {
    const bytes = header.subarray(at + 1, at + length);
    return bytes.reduce((value, byte) => value * 256 + byte, (header[at] ?? 0) & 0x7f);
  }
  const text = textIn(header, field).trim();
  return text === '' ? 0 : /^[0-7]+$/.test(text) ? parseInt(text, 8) : NaN;
}

/** What extended headers say of the next file. */
interface Extended {
  path?: string;
  size?: number;
}

function readPax(body: Uint8Array): Extended {
  const extended: Extended = {};
  const text = Buffer.from(body);
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(0x20, at);
    const length = Number(text.subarray(at, space).toString());
    if (space < 0 || !(length > 0)) break;
    const record = text.subarray(space + 1, at + length - 1).toString();
    const equals = record.indexOf('=');
    const value = record.slice(equals + 1);
    if (record.startsWith('path=')) extended.path = value;
    if (record.startsWith('size=')) extended.size = Number(value);
    at += length;
  }
  return extended;
}

/**
 * Yields the regular files of an archive, one in memory at a time.
 *
 * @throws DataError when it is no archive, is damaged, or ends before its last file does
 */
export async function* readTar(path: string): AsyncGenerator<TarFile, void, void> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new DataError(`${path}: must be an archive, but cannot be read. Check the path.`, {
      path,
      cause: error,
    });
  });
  try {
    yield* filesIn(file, path);
  } finally {
    await file.close();
  }
}

async function* filesIn(file: FileHandle, path: string): AsyncGenerator<TarFile, void, void> {
  let at = 0;
  let extended: Extended = {};
  const broken = (what: string): DataError =>
    new DataError(
      `${path}: must be a whole archive, but ${what} at byte ${at}. Copy it again, or make it again.`,
      { path },
    );
  const read = async (length: number): Promise<Uint8Array> => {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, at);
    if (bytesRead !== length) throw broken('it ends');
    at += padded(length);
    return bytes;
  };
  for (;;) {
    const header = await read(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    if (numberIn(header, FIELD.checksum) !== checksumOf(header)) {
      at -= BLOCK;
      throw broken('a header is damaged');
    }
    const size = extended.size ?? numberIn(header, FIELD.size);
    if (!Number.isSafeInteger(size)) throw broken('a size is no number');
    const kind = textIn(header, FIELD.kind);
    switch (kind) {
      case 'x':
        extended = readPax(await read(size));
        break;
      case 'L':
        extended = {
          path: Buffer.from(await read(size))
            .toString()
            .replace(/\0.*$/s, ''),
        };
        break;
      case '':
      case '0': {
        const prefix = textIn(header, FIELD.magic).startsWith('ustar')
          ? textIn(header, FIELD.prefix)
          : '';
        const short = textIn(header, FIELD.name);
        const name = extended.path ?? (prefix === '' ? short : `${prefix}/${short}`);
        extended = {};
        yield { name, bytes: await read(size) };
        break;
      }
      default:
        // Folders, links, and headers for all files that follow: no images.
        extended = {};
        at += padded(size);
    }
  }
}
