/** Which options of a translation's schedule a resumed run may change. */
import { join } from 'node:path';
import { OptionsError, type BatchCursor, type RunExtension } from '@janus/core';
import { changeWeightAt, epochFactor, latestCheckpoint, loadCheckpoint } from '@janus/models';
import type { Extendable } from '../run-extension.js';
import type { CycleGanRunOptions } from './options.js';

type Schedule = Pick<
  CycleGanRunOptions,
  'constantEpochs' | 'decayEpochs' | 'maxSteps' | 'learningRate'
> &
  Partial<Pick<CycleGanRunOptions, 'schedule' | 'stepEpochs' | 'lambdaChange' | 'lambdaChangeEnd'>>;

/**
 * Returns how a translation's run is extended: from its last checkpoint on, the new schedule holds.
 *
 * @param options `stepsPerEpoch`: updates in an epoch of its data; `architecture`: returns the text of its checkpoints
 */
export function translationExtension<Options extends Schedule>(
  folder: string,
  options: {
    readonly stepsPerEpoch: number;
    readonly architecture: (options: Options) => string;
  },
): Extendable<Options> {
  const { stepsPerEpoch, architecture } = options;
  return {
    names: ['constantEpochs', 'decayEpochs', 'maxSteps'],
    extend: async ({ from, to, earlier }) => {
      const { step, cursor } = await placeOf(folder, architecture(from));
      const begun = cursor.epoch + (cursor.batch > 0 ? 1 : 0);
      checkNotShorter(to, { step, begun });
      const past = pastSchedules(from, earlier);
      return { step, text: extensionText({ past, to, step, stepsPerEpoch }) };
    },
  };
}

/** A schedule that was in force until `step` updates were done, or until now. */
interface PastSchedule {
  readonly schedule: Schedule;
  readonly until?: number;
}

/** Returns the schedules that a run has had, in their order, from the last and the changes before it. */
function pastSchedules(last: Schedule, earlier: readonly RunExtension[]): readonly PastSchedule[] {
  let schedule = last;
  const past: PastSchedule[] = [{ schedule }];
  for (const { step, from } of [...earlier].reverse()) {
    schedule = { ...schedule, ...from };
    past.unshift({ schedule, until: step });
  }
  return past;
}

/** Returns where a run stands. */
async function placeOf(
  folder: string,
  architecture: string,
): Promise<{ readonly step: number; readonly cursor: BatchCursor }> {
  const path = await latestCheckpoint(join(folder, 'checkpoints'));
  if (path === undefined) return { step: 0, cursor: { epoch: 0, batch: 0 } };
  const { step, state } = await loadCheckpoint(path, { architecture });
  return { step, cursor: (state as unknown as { readonly cursor: BatchCursor }).cursor };
}

function checkNotShorter(
  { constantEpochs, decayEpochs, maxSteps }: Schedule,
  { step, begun }: { readonly step: number; readonly begun: number },
): void {
  if (constantEpochs + decayEpochs < begun) {
    throw new OptionsError(
      `--resume: the epochs must be at least ${begun}, those begun so far, but got ${constantEpochs + decayEpochs} (${constantEpochs} at the full rate, ${decayEpochs} falling). Give at least ${begun}, or start a new run with --run.`,
    );
  }
  if (maxSteps > 0 && maxSteps < step) {
    throw new OptionsError(
      `--resume: --max-steps must be at least ${step}, the updates done so far, but got ${maxSteps}. Give at least ${step}, 0 for no limit, or start a new run with --run.`,
    );
  }
}

/** What a change of the schedule is described from. */
interface ScheduleChange {
  readonly past: readonly PastSchedule[];
  readonly to: Schedule;
  /** Updates done so far. */
  readonly step: number;
  readonly stepsPerEpoch: number;
}

/** Returns the rate of an epoch; of the schedule `plateau`, which depends on losses, the first one's. */
const rateIn = (epoch: number, of: Schedule): number =>
  of.learningRate *
  epochFactor(epoch, { schedule: 'linear', stepEpochs: 1, ...of, earlierLosses: [] });

/** Returns the weight of the change at an update. */
const changeWeightIn = (update: number, of: Schedule, stepsPerEpoch: number): number =>
  changeWeightAt(
    { epoch: Math.floor(update / stepsPerEpoch), batch: update % stepsPerEpoch },
    stepsPerEpoch,
    { lambdaChange: 0, ...of },
  );

/** Returns a line about a new schedule: its rates from here on, and whether rates and weights so far were the same. */
function extensionText({ past, to, step, stepsPerEpoch }: ScheduleChange): string {
  let begun = 0;
  const isSame = past.every(({ schedule, until = step }) => {
    const first = Math.floor(begun / stepsPerEpoch);
    const end = Math.ceil(until / stepsPerEpoch);
    begun = until;
    const epochs = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
    // Within an epoch the weight moves evenly: that of its first update and of the last one of all say the rest.
    const updates = [...epochs.map((epoch) => epoch * stepsPerEpoch), Math.max(0, until - 1)];
    const weightIn = (update: number, of: Schedule): number =>
      changeWeightIn(update, of, stepsPerEpoch);
    return (
      epochs.every((epoch) => rateIn(epoch, schedule) === rateIn(epoch, to)) &&
      updates.every((update) => weightIn(update, schedule) === weightIn(update, to))
    );
  });
  const { constantEpochs, decayEpochs, maxSteps } = to;
  const limit = maxSteps > 0 ? `, at most ${maxSteps} updates` : '';
  const last = constantEpochs + decayEpochs - 1;
  const next = Math.min(Math.floor(step / stepsPerEpoch), last);
  const rateText = (epoch: number): string => String(Number(rateIn(epoch, to).toPrecision(3)));
  const effect = isSame
    ? 'the rates so far are those of the new schedule too, so the result equals that of a run begun with it'
    : 'the epochs so far had other rates or weights than in a run begun with it';
  return `Changing the schedule after step ${step}: from here on, the rates of ${constantEpochs} epochs at the full rate and ${decayEpochs} falling${limit} (now ${rateText(next)}, at the end ${rateText(last)}); ${effect}.`;
}
