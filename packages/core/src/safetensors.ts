import { DataError } from './errors.js';

/** A named array of numbers with a shape: what checkpoints, weights and feature caches are made of. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** What a safetensors file holds. */
export interface NamedArrays {
  readonly arrays: readonly NamedArray[];
  readonly metadata: Readonly<Record<string, string>>;
}

const TYPES = { F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
type TypeName = keyof typeof TYPES;

/** The format's own limit on its header (100 MB). */
const HEADER_LIMIT_BYTES = 100_000_000;

function typeNameOf(data: NamedArray['data']): TypeName {
  if (data instanceof Float32Array) return 'F32';
  return data instanceof Int32Array ? 'I32' : 'U8';
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Returns arrays as the bytes of a safetensors file (little-endian, header padded to 8 bytes).
 *
 * @param metadata texts kept in the header's `__metadata__`
 * Source: the safetensors format description, Hugging Face.
 */
export function encodeSafetensors(
  arrays: readonly NamedArray[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, shape, data } of arrays) {
    header[name] = {
      dtype: typeNameOf(data),
      shape,
      data_offsets: [offset, offset + data.byteLength],
    };
    offset += data.byteLength;
  }
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const headerBytes = Buffer.from(text);
  const bytes = new Uint8Array(8 + headerBytes.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
  bytes.set(headerBytes, 8);
  let at = 8 + headerBytes.length;
  for (const { data } of arrays) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function isTypeName(name: unknown): name is TypeName {
  return typeof name === 'string' && name in TYPES;
}

interface HeaderEntry {
  readonly dtype: TypeName;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function isHeaderEntry(value: unknown): value is HeaderEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  return (
    isTypeName(dtype) &&
    Array.isArray(shape) &&
    shape.every((n) => Number.isInteger(n) && (n as number) >= 0) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every((n) => Number.isInteger(n) && (n as number) >= 0)
  );
}

/**
 * Returns the arrays of a safetensors file. The data are copies.
 *
 * @param where the file's name, for the message of an error
 * @throws DataError when the header is no JSON, an entry is of another type than float32, int32 or
 * uint8, or the bytes end before what the header promises
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): NamedArrays {
  const fail = (rule: string): DataError =>
    new DataError(`${where}: ${rule}. Is this a whole safetensors file?`, { path: where });
  if (bytes.byteLength < 8) throw fail(`needs a header, but has ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > HEADER_LIMIT_BYTES || 8 + length > bytes.byteLength) {
    throw fail(`header of ${length} bytes must fit in the file, which has ${bytes.byteLength}`);
  }
  let header: unknown;
  try {
    header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString('utf8'));
  } catch (error) {
    throw new DataError(`${where}: header must be JSON. Is this a safetensors file?`, {
      path: where,
      cause: error,
    });
  }
  if (typeof header !== 'object' || header === null) throw fail('header must be an object');
  const { __metadata__: metadata, ...entries } = header as Record<string, unknown>;
  const arrays = Object.entries(entries).map(([name, entry]): NamedArray => {
    if (!isHeaderEntry(entry)) {
      throw fail(`entry ${name} must be F32, I32 or U8 with shape and offsets`);
    }
    const [from, to] = entry.data_offsets;
    const type = TYPES[entry.dtype];
    if (to - from !== sizeOf(entry.shape) * type.BYTES_PER_ELEMENT) {
      throw fail(
        `entry ${name} has ${to - from} bytes, which its shape [${entry.shape.join()}] contradicts`,
      );
    }
    const start = 8 + length + from;
    if (8 + length + to > bytes.byteLength) throw fail(`entry ${name} ends after the file`);
    const copy = bytes.slice(start, start + to - from);
    return {
      name,
      shape: entry.shape,
      data: new type(copy.buffer, copy.byteOffset, sizeOf(entry.shape)),
    };
  });
  return { arrays, metadata: (metadata ?? {}) as Readonly<Record<string, string>> };
}
