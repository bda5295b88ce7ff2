import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { LOOPS_WASM } from './loops-module.js';

/**
 * Loops of ours in WebAssembly (`wasm/loops.wat`), over the memory in which tfjs's wasm backend keeps
 * its tensors; all numbers are float32.
 */

/** Rows of numbers in that memory. */
export interface Rows {
  /** Address of the first row's first number. */
  readonly at: number;
  /** Bytes from one row's beginning to the next one's; rows may overlap where they are only read. */
  readonly step: number;
}

/** Bytes of a number. */
export const FLOAT = 4;

/** How many rows and columns {@link addProducts} computes at once. */
export const TILE = [4, 8] as const;

/** How many numbers {@link addTaps} adds, and {@link copyTaps} copies, at once. */
export const LANES = 4;

/**
 * `target[r][c] += sum over i < count of left[i][r] * right[i][c]`.
 *
 * @param factors `left` has a number for each row of the target, `right` for each column
 * @param size rows and columns are multiples of {@link TILE}'s
 */
export function addProducts(
  target: Rows,
  { left, right }: { readonly left: Rows; readonly right: Rows },
  { count, rows, columns }: { readonly count: number; readonly rows: number; readonly columns: number }, // prettier-ignore
): void {
  const { at, step } = target;
  loops().addProducts(left.at, left.step, right.at, right.step, at, step, count, rows, columns);
}

/** `target[c][r] = source[r][c]`, for one row and column or more. */
export function turn(
  source: Rows,
  target: Rows,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): void {
  loops().turn(source.at, source.step, target.at, target.step, rows, columns);
}

/** Steps in bytes from one tap's numbers to the next one's. */
export interface Taps {
  /** How many rows. */
  readonly count: number;
  /** How many taps a row has. */
  readonly taps: number;
  readonly sourceTap: number;
  readonly targetTap: number;
}

/** `target[i][tap] += source[i][tap]`, {@link LANES} numbers each; rows of the target may overlap. */
export function addTaps(source: Rows, target: Rows, size: Taps): void {
  const { count, taps, sourceTap, targetTap } = size;
  const { at, step } = target;
  loops().addTaps(source.at, source.step, at, step, count, taps, sourceTap, targetTap);
}

/** As {@link addTaps}, but `target[i][tap] = source[i][tap]`; rows of the source may overlap. */
export function copyTaps(source: Rows, target: Rows, size: Taps): void {
  const { count, taps, sourceTap, targetTap } = size;
  const { at, step } = target;
  loops().copyTaps(source.at, source.step, at, step, count, taps, sourceTap, targetTap);
}

/** The module's functions; their arguments are named in `loops.wat`. */
type Loops = Readonly<
  Record<'addProducts' | 'turn' | 'addTaps' | 'copyTaps', (...numbers: readonly number[]) => void>
>;

/** What this file uses of WebAssembly, whose types TypeScript keeps with the browser's. */
interface WebAssemblyPart {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: object } },
  ) => { readonly exports: unknown };
}

/** Where Emscripten's modules keep their memory: the threaded one by itself, the other in its exports. */
interface MemoryOwner {
  readonly wasmMemory?: object;
  readonly asm?: { readonly memory?: object };
}

let made: { readonly memory: object; readonly loops: Loops } | undefined;

/**
 * Returns the loops over the memory of the backend in use.
 *
 * @throws Error when that is not tfjs's wasm backend
 */
function loops(): Loops {
  const { wasmMemory, asm } = (tf.backend() as BackendWasm).wasm as unknown as MemoryOwner;
  const memory = wasmMemory ?? asm?.memory;
  if (memory === undefined) throw new Error('the wasm engine shows no memory');
  if (made?.memory !== memory)
    made = { memory, loops: instantiate(memory, wasmMemory !== undefined) };
  return made.loops;
}

/** How the import of a memory begins: its two names, its kind; the byte behind tells whether it is shared. */
const MEMORY_IMPORT = '\x03env\x06memory\x02';

const SHARED_WITH_MAXIMUM = 3;

function instantiate(memory: object, isShared: boolean): Loops {
  const bytes = Buffer.from(LOOPS_WASM, 'base64');
  if (isShared) bytes[bytes.indexOf(MEMORY_IMPORT) + MEMORY_IMPORT.length] = SHARED_WITH_MAXIMUM;
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyPart };
  const { Instance, Module } = WebAssembly;
  return new Instance(new Module(bytes), { env: { memory } }).exports as Loops;
}

/** Returns where a float32 tensor's numbers begin in the memory; it holds until the tensor is disposed. */
export function addressOf(x: tf.Tensor): number {
  return (tf.backend() as BackendWasm).getMemoryOffset(x.dataId);
}

/** Returns a float32 tensor whose numbers are whatever lay there; it belongs to the surrounding `tidy`. */
export function unwritten<R extends tf.Rank>(shape: readonly number[]): tf.Tensor<R> {
  const output = (tf.backend() as BackendWasm).makeOutput([...shape], 'float32');
  return tf.engine().makeTensorFromTensorInfo(output) as tf.Tensor<R>;
}

/** Returns a float32 tensor of zeros, which are not copied from JavaScript as tfjs's are; as {@link unwritten}. */
export function zeroed<R extends tf.Rank>(shape: readonly number[]): tf.Tensor<R> {
  const zeros = unwritten<R>(shape);
  (tf.backend() as BackendWasm).typedArrayFromHeap(zeros).fill(0);
  return zeros;
}
