/** A run's records, also as event files that TensorBoard opens. */
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  appendMetrics,
  encodeEvent,
  readMetrics,
  type EventContent,
  type StepRecord,
} from '@janus/core';

/** In a run's folder. */
const EVENTS_FOLDER = 'tensorboard';

/** Takes a record of a training. */
export type RecordWriter = (record: StepRecord) => Promise<void>;

/**
 * Returns what writes a training's records: into `metrics.jsonl`, and with `tensorboard` also into event files. To be
 * called when the records of a resumed run are those of its checkpoint.
 *
 * Below `tensorboard/` are `train`, `train-epochs` and `validation`, which TensorBoard overlays: one tag, three curves.
 *
 * @param tensorboard default: whether the run has event files already
 */
export async function openRecordWriter(
  folder: string,
  tensorboard: boolean = existsSync(join(folder, EVENTS_FOLDER)),
): Promise<RecordWriter> {
  const writeEvents = tensorboard ? await openEventFiles(folder) : undefined;
  return async (record) => {
    await appendMetrics(folder, [record]);
    await writeEvents?.([record]);
  };
}

/** Opens new files beside those of earlier calls, which stay; a reader forgets what a resumed run repeats. */
async function openEventFiles(
  folder: string,
): Promise<(records: readonly StepRecord[]) => Promise<void>> {
  const place = join(folder, EVENTS_FOLDER);
  const earlier = await readMetrics(folder);
  const began = await readdir(place).catch((): string[] => []);
  const step = earlier.reduce((last, each) => Math.max(last, each.step), 0) + 1;
  // Files are read in the order of their names.
  const name = `events.out.tfevents.${now().toFixed(3)}`;
  const begun = new Set<string>();
  const append = async (curve: string, contents: readonly EventContent[]): Promise<void> => {
    const first: EventContent[] = begun.has(curve)
      ? []
      : [{ kind: 'version' }, { kind: 'restart', step: began.includes(curve) ? step : 0 }];
    begun.add(curve);
    const bytes = [...first, ...contents].map((each) => encodeEvent(each, now()));
    await mkdir(join(place, curve), { recursive: true });
    await appendFile(join(place, curve, name), Buffer.concat(bytes));
  };
  const write = async (records: readonly StepRecord[]): Promise<void> => {
    for (const curve of new Set(records.map(curveOf))) {
      await append(curve, records.filter((each) => curveOf(each) === curve).map(eventOf));
    }
  };
  if (began.length === 0) await write(earlier);
  for (const curve of began) await append(curve, []);
  return write;
}

/** Seconds since 1970. */
const now = (): number => new Date().getTime() / 1000;

const curveOf = ({ split, kind }: StepRecord): string =>
  split === 'validation' ? 'validation' : kind === 'epoch' ? 'train-epochs' : 'train';

function eventOf({ step, losses, metrics = {}, learningRate }: StepRecord): EventContent {
  const under = (group: string, of: Readonly<Record<string, number>>): [string, number][] =>
    Object.entries(of).map(([name, value]) => [`${group}/${name}`, value]);
  const scalars = [...under('losses', losses), ...under('metrics', metrics)];
  return {
    ...{ kind: 'scalars', step },
    scalars: Object.fromEntries([...scalars, ['learning-rate', learningRate]]),
  };
}
