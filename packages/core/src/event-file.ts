/**
 * TensorBoard's event files: records of TensorFlow's TFRecord format, each a protocol buffer `Event`.
 * Source: tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto, tensorflow/core/lib/io/record_writer.h.
 */

/** What an event tells, beside its time. */
export type EventContent =
  /** The first of every file. */
  | { readonly kind: 'version' }
  /** From here on, a reader forgets what it has of `step` and later: a run was resumed. */
  | { readonly kind: 'restart'; readonly step: number }
  /** Numbers by tag; kept in single precision. */
  | {
      readonly kind: 'scalars';
      readonly step: number;
      readonly scalars: Readonly<Record<string, number>>;
    };

/** The format that readers know to be able to forget. */
const VERSION = 'brain.Event:2';

/** `SessionLog.SessionStatus.START`. */
const START = 1;

/** Types of protocol buffers' fields on the wire. */
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

/**
 * Returns an event as a file holds it.
 *
 * @param wallTime seconds since 1970
 */
export function encodeEvent(content: EventContent, wallTime: number): Uint8Array {
  const time = field(
    1,
    FIXED64,
    fixed(8, (view) => {
      view.setFloat64(0, wallTime, true);
    }),
  );
  return recordOf([...time, ...contentBytes(content)]);
}

function contentBytes(content: EventContent): readonly number[] {
  switch (content.kind) {
    case 'version':
      return textField(3, VERSION);
    case 'restart':
      return [...stepField(content.step), ...bytesField(7, field(1, VARINT, varint(START)))];
    case 'scalars': {
      const values = Object.entries(content.scalars).flatMap(([tag, value]) =>
        bytesField(1, [...textField(1, tag), ...floatField(2, value)]),
      );
      return [...stepField(content.step), ...bytesField(5, values)];
    }
  }
}

const field = (number: number, type: number, bytes: readonly number[]): readonly number[] => [
  ...varint(number * 8 + type),
  ...bytes,
];
const bytesField = (number: number, bytes: readonly number[]): readonly number[] =>
  field(number, BYTES, [...varint(bytes.length), ...bytes]);
const textField = (number: number, text: string): readonly number[] =>
  bytesField(number, [...new TextEncoder().encode(text)]);
const floatField = (number: number, value: number): readonly number[] =>
  field(
    number,
    FIXED32,
    fixed(4, (view) => {
      view.setFloat32(0, value, true);
    }),
  );
const stepField = (step: number): readonly number[] => field(2, VARINT, varint(step));

function fixed(bytes: number, set: (view: DataView) => void): readonly number[] {
  const view = new DataView(new ArrayBuffer(bytes));
  set(view);
  return [...new Uint8Array(view.buffer)];
}

/** Seven bits a byte, the lowest first; all but the last have the eighth. */
function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** Returns a record: its length, the length's checksum, the bytes, their checksum. */
function recordOf(bytes: readonly number[]): Uint8Array {
  const record = new Uint8Array(bytes.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(bytes, 12);
  view.setUint32(12 + bytes.length, maskedChecksum(Uint8Array.from(bytes)), true);
  return record;
}

/** Castagnoli's polynomial, reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** Returns the CRC-32C of bytes. Source: RFC 3720, appendix B.4. */
export function crc32c(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** TensorFlow's mask: the checksum of bytes that hold checksums would be weak. */
function maskedChecksum(bytes: Uint8Array): number {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}
