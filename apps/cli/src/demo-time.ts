/** How long the demo will take, from a short measurement of the machine. */
import type { MeasuredSpeed } from '@janus/engine';

/** How much the demo does. */
export interface DemoWork {
  readonly faces: number;
  /** Updates of the CycleGAN. */
  readonly steps: number;
}

/** Work in 10^9 floating-point operations, and seconds that no processor's arithmetic shortens. */
const COSTS = {
  /** Drawing, cropping and cleaning a face. */
  face: { operations: 0, seconds: 0.011 },
  /** VGG-16 up to block4 at 64 px; most faces pass once, those of the test split once for each measure. */
  features: { operations: 2.2 * 1.6, seconds: 0.0008 },
  /** An update of the small CycleGAN: 64 px, 16 filters, 3 blocks, 4 images of each domain. */
  step: { operations: 16.7, seconds: 0.06 },
  /** Starting, sheets, evaluations and the report. */
  rest: { operations: 0, seconds: 15 },
} as const;

/**
 * Returns about how many seconds the demo takes after its downloads. The constants fit a machine of 2 cores
 * with AMX, the same held to AVX2, and wasm; processors differ, so a third more or less is usual.
 *
 * @param speed as `measureSpeed` of the engine returns it
 */
export function demoSeconds({ faces, steps }: DemoWork, speed: MeasuredSpeed): number {
  const fastest = Math.max(speed.float32, speed.bfloat16 ?? 0);
  const of = ({ operations, seconds }: (typeof COSTS)[keyof typeof COSTS]): number =>
    operations / fastest + seconds;
  return faces * (of(COSTS.face) + of(COSTS.features)) + steps * of(COSTS.step) + of(COSTS.rest);
}

/** Returns the estimate in words: `less than a minute`, `about 4 minutes`. */
export function demoTimeText(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes === 0) return 'less than a minute';
  return `about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
}
