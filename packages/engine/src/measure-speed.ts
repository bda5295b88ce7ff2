import * as tf from '@tensorflow/tfjs';
import { computesBfloat16 } from './bfloat16.js';
import { compile } from './compile.js';
import type { Precision } from './precision.js';

/** How fast the engine in use multiplies, in 10^9 floating-point operations per second. */
export interface MeasuredSpeed {
  readonly float32: number;
  /** Absent where the engine or the hardware has no bfloat16 arithmetic. */
  readonly bfloat16?: number;
}

/** Timed runs of each precision, in alternation; the fastest counts, since others share the machine. */
const ROUNDS = 5;

/** Convolutions in a row, 3x3, as many filters as channels: what VGG-16 and CycleGAN spend their time in. */
interface Probe {
  readonly batch: number;
  readonly side: number;
  readonly channels: number;
  readonly layers: number;
}

const PROBES: Readonly<Record<string, Probe>> = {
  tensorflow: { batch: 8, side: 56, channels: 64, layers: 4 }, // 7.4 GFLOP
  wasm: { batch: 1, side: 56, channels: 64, layers: 2 }, // 0.46 GFLOP
};
const SMALL_PROBE: Probe = { batch: 1, side: 28, channels: 32, layers: 1 }; // 0.014 GFLOP

const speeds = new Map<string, Promise<MeasuredSpeed>>();

/**
 * Returns how fast the engine in use computes convolutions, measured once per process and engine, in
 * well under a second. Choose the engine first.
 */
export function measureSpeed(): Promise<MeasuredSpeed> {
  const engine = tf.getBackend();
  const known = speeds.get(engine) ?? measure(PROBES[engine] ?? SMALL_PROBE, engine);
  speeds.set(engine, known);
  return known;
}

async function measure(probe: Probe, engine: string): Promise<MeasuredSpeed> {
  const { batch, side, channels, layers } = probe;
  const precisions: readonly Precision[] =
    engine === 'tensorflow' && computesBfloat16() ? ['float32', 'bfloat16'] : ['float32'];
  const images = tf.tidy(() => tf.variable(tf.fill([batch, side, side, channels], 0.5), false));
  const filter = tf.tidy(() => tf.variable(tf.fill([3, 3, channels, channels], 0.001), false));
  const steps = precisions.map((precision) =>
    compile(
      () => {
        let maps: tf.Tensor4D = images as tf.Tensor4D;
        for (let i = 0; i < layers; i++) maps = tf.conv2d(maps, filter as tf.Tensor4D, 1, 'same');
        return { mean: tf.mean(maps) };
      },
      { precision, ownSession: true },
    ),
  );
  const fastest = precisions.map(() => Infinity);
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, step] of steps.entries()) {
        const began = performance.now();
        const { mean } = await step.run({});
        await mean.data();
        const seconds = (performance.now() - began) / 1000;
        mean.dispose();
        if (round > 0) fastest[i] = Math.min(fastest[i] ?? Infinity, seconds); // the first compiles
      }
    }
  } finally {
    for (const step of steps) step.dispose();
    tf.dispose([images, filter]);
  }
  const operations = 2 * 9 * channels ** 2 * side ** 2 * batch * layers;
  const [float32 = 0, bfloat16] = fastest.map((seconds) => operations / seconds / 1e9);
  return { float32, ...(bfloat16 === undefined ? {} : { bfloat16 }) };
}
