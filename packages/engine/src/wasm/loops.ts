import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { LOOPS_WASM } from './loops-module.js';

/**
 * Our loops in WebAssembly (`wasm/loops.wat`), over the memory of tfjs's wasm backend. All numbers are
 * float32.
 */

/** Rows of numbers in the backend's memory. */
export interface Rows {
  /** Address of the first row's first number, in bytes. */
  readonly at: number;
  /** Bytes from the start of one row to the next; rows that are only read may overlap. */
  readonly step: number;
}

/** Bytes per number. */
export const FLOAT = 4;

/** Rows and columns that {@link addProducts} computes at once. */
export const TILE = [4, 8] as const;

/** Numbers that {@link addTaps} adds, and {@link copyTaps} copies, at once. */
export const LANES = 4;

/**
 * Computes `target[r][c] += sum over i < count of left[i][r] * right[i][c]`.
 *
 * @param factors `left` has one number per row of the target, `right` one per column
 * @param size rows and columns must be multiples of those of {@link TILE}
 */
export function addProducts(
  target: Rows,
  { left, right }: { readonly left: Rows; readonly right: Rows },
  { count, rows, columns }: { readonly count: number; readonly rows: number; readonly columns: number }, // prettier-ignore
): void {
  const { at, step } = target;
  loops().addProducts(left.at, left.step, right.at, right.step, at, step, count, rows, columns);
}

/** Transposes: `target[c][r] = source[r][c]`, for at least one row and one column. */
export function turn(
  source: Rows,
  target: Rows,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): void {
  loops().turn(source.at, source.step, target.at, target.step, rows, columns);
}

/** The size of {@link addTaps} and {@link copyTaps}. */
export interface Taps {
  /** Rows. */
  readonly count: number;
  /** Taps per row. */
  readonly taps: number;
  /** Bytes from one tap's numbers to the next, in the source and in the target. */
  readonly sourceTap: number;
  readonly targetTap: number;
}

/** Adds `target[i][tap] += source[i][tap]`, {@link LANES} numbers per tap; rows of the target may overlap. */
export function addTaps(source: Rows, target: Rows, size: Taps): void {
  const { count, taps, sourceTap, targetTap } = size;
  const { at, step } = target;
  loops().addTaps(source.at, source.step, at, step, count, taps, sourceTap, targetTap);
}

/** Copies `target[i][tap] = source[i][tap]`, {@link LANES} numbers per tap; rows of the source may overlap. */
export function copyTaps(source: Rows, target: Rows, size: Taps): void {
  const { count, taps, sourceTap, targetTap } = size;
  const { at, step } = target;
  loops().copyTaps(source.at, source.step, at, step, count, taps, sourceTap, targetTap);
}

/** The module's functions; `loops.wat` names their parameters. */
type Loops = Readonly<
  Record<'addProducts' | 'turn' | 'addTaps' | 'copyTaps', (...numbers: readonly number[]) => void>
>;

/** The part of WebAssembly that this file uses; TypeScript has its types only in the browser's library. */
interface WebAssemblyPart {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: object } },
  ) => { readonly exports: unknown };
}

/** Where Emscripten's modules keep their memory: `wasmMemory` with threads, `asm.memory` without. */
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
  if (memory === undefined) throw new Error('the backend in use has no wasm memory');
  if (made?.memory !== memory)
    made = { memory, loops: instantiate(memory, wasmMemory !== undefined) };
  return made.loops;
}

/** The bytes of the memory import: two names and a kind. The byte that follows says whether it is shared. */
const MEMORY_IMPORT = '\x03env\x06memory\x02';

const SHARED_WITH_MAXIMUM = 3;

function instantiate(memory: object, isShared: boolean): Loops {
  const text = atob(LOOPS_WASM);
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  if (isShared) bytes[text.indexOf(MEMORY_IMPORT) + MEMORY_IMPORT.length] = SHARED_WITH_MAXIMUM;
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyPart };
  const { Instance, Module } = WebAssembly;
  return new Instance(new Module(bytes), { env: { memory } }).exports as Loops;
}

/** Returns the address of a float32 tensor's numbers, valid until the tensor is disposed. */
export function addressOf(x: tf.Tensor): number {
  return (tf.backend() as BackendWasm).getMemoryOffset(x.dataId);
}

/** Returns a float32 tensor with arbitrary values, for the caller to fill; the surrounding `tidy` owns it. */
export function unwritten<R extends tf.Rank>(shape: readonly number[]): tf.Tensor<R> {
  const output = (tf.backend() as BackendWasm).makeOutput([...shape], 'float32');
  return tf.engine().makeTensorFromTensorInfo(output) as tf.Tensor<R>;
}

/** Returns a float32 tensor of zeros, without tfjs's copy from JavaScript; the surrounding `tidy` owns it. */
export function zeroed<R extends tf.Rank>(shape: readonly number[]): tf.Tensor<R> {
  const zeros = unwritten<R>(shape);
  (tf.backend() as BackendWasm).typedArrayFromHeap(zeros).fill(0);
  return zeros;
}
