/** About how long work takes on this machine, said before it starts. */
import type { MeasuredSpeed, PrecisionChoice } from '@janus/engine';
import type { Work } from '@janus/models';

/** What a call of a compiled step takes beside its work, in seconds: batches, tensors, the event loop. */
const CALL_SECONDS = 0.02;
/** Convolutions of a network's shapes are slower than those that the speed was measured with. */
const SLOWER = 1.1;
/** Seconds for 10^9 numbers written, forwards and backwards. */
const SECONDS_PER_GIGA = 0.25;

/**
 * Returns about how many seconds some work takes in `calls` of a compiled step. The constants are those of 2
 * cores with AMX, which `measureSpeed` makes up for elsewhere: within a third for CycleGANs of 64 to 256 px and
 * VGG-16 in either precision, when nothing else runs.
 *
 * @param speed as `measureSpeed` of the engine returns it
 */
export function secondsOfWork(
  { operations, numbers }: Work,
  {
    calls,
    speed,
    precision = 'auto',
  }: {
    readonly calls: number;
    readonly speed: MeasuredSpeed;
    readonly precision?: PrecisionChoice;
  },
): number {
  const { float32, bfloat16 = float32 } = speed;
  const rate = precision === 'float32' ? float32 : Math.max(float32, bfloat16);
  return (
    calls * CALL_SECONDS + (SLOWER * operations) / (rate * 1e9) + (numbers / 1e9) * SECONDS_PER_GIGA
  );
}
