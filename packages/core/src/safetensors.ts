import { DataError } from './errors.js';
import { float32OfHalf, halfOfFloat32 } from './float16.js';

/** A named array of numbers with a shape: what checkpoints, weights and feature caches are made of. */
export interface NamedArray {
  /** Unique in its file. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major, as many numbers as `shape` says. */
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** The contents of a safetensors file. */
export interface NamedArrays {
  /** In the order of the header. */
  readonly arrays: readonly NamedArray[];
  /** The header's `__metadata__`; empty where it has none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** How numbers are stored; those in half precision become float32 when they are read. */
const TYPES = { F32: Float32Array, F16: Uint16Array, I32: Int32Array, U8: Uint8Array } as const;
type TypeName = keyof typeof TYPES;

/** The format's own limit on its header (100 MB). */
const HEADER_LIMIT_BYTES = 100_000_000;

/** What the format pads its header with, in ASCII. */
const SPACE = 0x20;

function typeNameOf(data: NamedArray['data'] | Uint16Array): TypeName {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Uint16Array) return 'F16';
  return data instanceof Int32Array ? 'I32' : 'U8';
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Returns arrays as the bytes of a safetensors file (little-endian, header padded to 8 bytes).
 *
 * @param metadata texts for the header's `__metadata__`
 * @param floats how float32 numbers are stored; default `F32`, as they are; `F16` rounds them to half precision
 * Source: the safetensors format description, Hugging Face.
 */
export function encodeSafetensors(
  arrays: readonly NamedArray[],
  metadata: Readonly<Record<string, string>> = {},
  floats: 'F32' | 'F16' = 'F32',
): Uint8Array {
  const stored = arrays.map(({ data, ...array }) => ({
    ...array,
    data: floats === 'F16' && data instanceof Float32Array ? halfOfFloat32(data) : data,
  }));
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, shape, data } of stored) {
    header[name] = {
      dtype: typeNameOf(data),
      shape,
      data_offsets: [offset, offset + data.byteLength],
    };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(SPACE, 8, 8 + headerLength);
  bytes.set(text, 8);
  let at = 8 + headerLength;
  for (const { data } of stored) {
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
 * Returns the arrays of a safetensors file, whose data are copies; those in float16 come as float32.
 *
 * @param where the file's name, for error messages
 * @throws DataError when the header is not JSON, an entry is not float32, float16, int32 or uint8, or the bytes
 * end before what the header promises
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): NamedArrays {
  const fail = (rule: string): DataError =>
    new DataError(`${where}: ${rule}. Is this a whole safetensors file?`, { path: where });
  if (bytes.byteLength < 8)
    throw fail(`must have a header of 8 bytes and more, but has ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > HEADER_LIMIT_BYTES || 8 + length > bytes.byteLength) {
    throw fail(`header of ${length} bytes must fit in the file, which has ${bytes.byteLength}`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    throw new DataError(`${where}: header must be JSON, but is not. Is this a safetensors file?`, {
      path: where,
      cause: error,
    });
  }
  if (typeof header !== 'object' || header === null) throw fail('header must be an object');
  const { __metadata__: metadata, ...entries } = header as Record<string, unknown>;
  const arrays = Object.entries(entries).map(([name, entry]): NamedArray => {
    if (!isHeaderEntry(entry)) {
      throw fail(`entry ${name} must be F32, F16, I32 or U8, with shape and offsets`);
    }
    const [from, to] = entry.data_offsets;
    const type = TYPES[entry.dtype];
    if (to - from !== sizeOf(entry.shape) * type.BYTES_PER_ELEMENT) {
      throw fail(
        `entry ${name} must have the bytes of its shape [${entry.shape.join()}], but has ${to - from}`,
      );
    }
    const start = 8 + length + from;
    if (8 + length + to > bytes.byteLength)
      throw fail(`entry ${name} must lie in the file, but ends after it`);
    const copy = bytes.slice(start, start + to - from);
    const data = new type(copy.buffer, copy.byteOffset, sizeOf(entry.shape));
    return {
      ...{ name, shape: entry.shape },
      data: data instanceof Uint16Array ? float32OfHalf(data) : data,
    };
  });
  return { arrays, metadata: (metadata ?? {}) as Readonly<Record<string, string>> };
}
