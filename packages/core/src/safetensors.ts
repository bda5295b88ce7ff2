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
type TypeName = 'F32' | 'F16' | 'I32' | 'U8';

/** The array type of each. */
const TYPES = { F32: Float32Array, F16: Uint16Array, I32: Int32Array, U8: Uint8Array } as const;

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
 * Returns the first bytes of a safetensors file, after which its arrays follow in their order: the length of the header,
 * and the header, padded to 8 bytes.
 *
 * @param arrays with data as they are stored
 */
export function safetensorsHead(
  arrays: readonly (Omit<NamedArray, 'data'> & {
    readonly data: NamedArray['data'] | Uint16Array;
  })[],
  metadata: Readonly<Record<string, string>>,
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
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(SPACE, 8);
  bytes.set(text, 8);
  return bytes;
}

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
  const head = safetensorsHead(stored, metadata);
  const length = stored.reduce((sum, { data }) => sum + data.byteLength, head.length);
  const bytes = new Uint8Array(length);
  bytes.set(head);
  let at = head.length;
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

const failure = (where: string, rule: string): DataError =>
  new DataError(`${where}: ${rule}. Is this a whole safetensors file?`, { path: where });

/** Where an array lies in a file. */
export interface PlacedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: TypeName;
  /** Bytes from the file's begin. */
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the length of a file's header from its first 8 bytes.
 *
 * @param size of the file, bytes
 * @throws DataError when the header does not fit into the file
 */
export function headerLengthOf(
  first: Uint8Array,
  { where, size }: { readonly where: string; readonly size: number },
): number {
  if (size < 8) {
    throw failure(where, `must have a header of 8 bytes and more, but has ${size} bytes`);
  }
  const view = new DataView(first.buffer, first.byteOffset, 8);
  const length = Number(view.getBigUint64(0, true));
  if (length <= HEADER_LIMIT_BYTES && 8 + length <= size) return length;
  throw failure(where, `header of ${length} bytes must fit in the file, which has ${size}`);
}

/**
 * Returns what a file's header says of its arrays.
 *
 * @param header after the first 8 bytes
 * @throws DataError when it is not JSON, an entry is not float32, float16, int32 or uint8, or the file ends before what
 * it promises
 */
export function placedArrays(
  header: Uint8Array,
  { where, size }: { readonly where: string; readonly size: number },
): {
  readonly placed: readonly PlacedArray[];
  readonly metadata: NamedArrays['metadata'];
} {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(header));
  } catch (error) {
    throw new DataError(`${where}: header must be JSON, but is not. Is this a safetensors file?`, {
      path: where,
      cause: error,
    });
  }
  if (typeof value !== 'object' || value === null) {
    throw failure(where, 'header must be an object');
  }
  const { __metadata__: metadata, ...entries } = value as Record<string, unknown>;
  const begin = 8 + header.length;
  const placed = Object.entries(entries).map(([name, entry]): PlacedArray => {
    if (!isHeaderEntry(entry)) {
      throw failure(where, `entry ${name} must be F32, F16, I32 or U8, with shape and offsets`);
    }
    const { dtype, shape } = entry;
    const [from, to] = entry.data_offsets;
    if (to - from !== sizeOf(shape) * TYPES[dtype].BYTES_PER_ELEMENT) {
      throw failure(
        where,
        `entry ${name} must have the bytes of its shape [${shape.join()}], but has ${to - from}`,
      );
    }
    if (begin + to > size) {
      throw failure(where, `entry ${name} must lie in the file, but ends after it`);
    }
    return { name, shape, dtype, from: begin + from, to: begin + to };
  });
  return { placed, metadata: (metadata ?? {}) as NamedArrays['metadata'] };
}

/** Returns an array from its own bytes, which it keeps; those in float16 become float32. */
export function arrayOfBytes(
  { name, shape, dtype }: Pick<PlacedArray, 'name' | 'shape' | 'dtype'>,
  bytes: Uint8Array<ArrayBuffer>,
): NamedArray {
  const data = new TYPES[dtype](bytes.buffer, bytes.byteOffset, sizeOf(shape));
  return { name, shape, data: data instanceof Uint16Array ? float32OfHalf(data) : data };
}

/**
 * Returns the arrays of a safetensors file, whose data are copies; those in float16 come as float32.
 *
 * @param where the file's name, for error messages
 * @throws DataError when the header is not JSON, an entry is not float32, float16, int32 or uint8, or the bytes
 * end before what the header promises
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): NamedArrays {
  const file = { where, size: bytes.byteLength };
  const length = headerLengthOf(bytes, file);
  const { placed, metadata } = placedArrays(bytes.subarray(8, 8 + length), file);
  const arrays = placed.map((each) => arrayOfBytes(each, bytes.slice(each.from, each.to)));
  return { arrays, metadata };
}
