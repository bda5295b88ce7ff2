/** The runs that translate photos, and what is asked of them. */
import { join } from 'node:path';
import { OptionsError, readRun, type RunKind, type RunRecord } from '@janus/core';
import { loadModel, openTranslator, type Translator } from '@janus/models';
import type { Precision } from '@janus/engine';
import { openCodedModel, type CodedModel } from '../attributes/coded-model.js';
import { openSearchFeatures, type LatentSearch } from '../attributes/latent-searches.js';
import { readCodedRun, setsAttributes } from '../attributes/options.js';
import { readCutRun, type ResolvedCutOptions } from '../cut/options.js';
import { readCycleGanRun, type ResolvedCycleGanOptions } from '../cyclegan/options.js';
import type { Direction } from './direction.js';

/** What is asked of a run. */
export interface Asked {
  readonly direction: Direction;
  /** Whether fakes are translated back as well. */
  readonly cycle: boolean;
  /** What attributes are to be, by column; empty for a run between two domains. */
  readonly set: Readonly<Record<string, string>>;
  /** By what latent numbers are searched for; absent: they are as the encoder tells. */
  readonly search?: LatentSearch | undefined;
}

/** The record of a run that translates between two domains, or sets attributes. */
export interface TranslationRun {
  readonly record: RunRecord<
    Pick<ResolvedCycleGanOptions | ResolvedCutOptions, 'imageSize' | 'precision'> &
      Pick<ResolvedCycleGanOptions, 'imageWidth'>
  >;
  /** Which says the sizes of image that it takes. */
  readonly generator: ResolvedCycleGanOptions['generator'];
  /** Whether it makes images of its own size alone, whatever it is given. */
  readonly squareOnly: boolean;
  /** Where its images are of: a domain, or a data folder. */
  readonly source: string;
  /** What is asked of it, in words: `direction x-to-y`, `glasses=1, beard=0`. */
  readonly what: string;
}

/**
 * Returns the record of a run that translates.
 *
 * @throws DataError when the folder holds no such run; OptionsError when it cannot do what is asked
 */
export async function readTranslationRun(folder: string, asked: Asked): Promise<TranslationRun> {
  const { kind } = await readRun(folder);
  checkAsked(folder, kind, asked);
  if (setsAttributes(kind)) {
    const record = await readCodedRun(folder);
    const set = Object.entries(asked.set).map(([column, value]) => `${column}=${value}`);
    const searched = asked.search === undefined ? [] : [`searched by ${asked.search}`];
    const about = { source: record.options.data, what: [...set, ...searched].join(', ') };
    return { ...about, record, generator: 'resnet', squareOnly: kind === 'icgan' };
  }
  const what = `direction ${asked.direction}`;
  if (kind === 'cut') {
    const record = await readCutRun(folder);
    const source = record.options.x;
    return { record, generator: 'resnet', squareOnly: false, source, what };
  }
  const record = await readCycleGanRun(folder);
  const { generator, x: source } = record.options;
  return { record, generator, squareOnly: false, source, what };
}

function checkAsked(folder: string, kind: RunKind, asked: Asked): void {
  const { direction, cycle, set, search } = asked;
  if (search !== undefined && kind !== 'icgan') {
    throw new OptionsError(
      `translate: --search needs an icgan run, whose generator has latent numbers, but ${folder} is a ${kind} run. Leave it out.`,
    );
  }
  const sets = Object.keys(set).length > 0;
  if (sets !== setsAttributes(kind) && kind !== 'classifier') {
    throw new OptionsError(
      sets
        ? `translate: --set needs a run that sets attributes, but ${folder} is a ${kind} run. Leave it out, or train with \`janus train stargan\` or \`janus train icgan\`.`
        : `translate: a run of ${kind} sets attributes, but none is named. Add --set, such as --set glasses=1,beard=0.`,
    );
  }
  if (kind === 'cyclegan' || (direction === 'x-to-y' && !cycle)) return;
  throw new OptionsError(
    `translate: the other direction needs a cyclegan run, but ${folder} is a ${kind} run. Leave out ${cycle ? '--cycle' : '--direction'}.`,
  );
}

/** Something that translates, ready. */
export interface OpenTranslators {
  readonly there: Translator;
  readonly back: Translator | undefined;
  readonly dispose: () => void;
}

/** Opens the networks of a run for what is asked; the caller disposes them. */
export async function openTranslators(
  folder: string,
  {
    record,
    asked,
    precision,
    signal,
  }: {
    readonly record: TranslationRun['record'];
    readonly asked: Asked;
    readonly precision: Precision;
    /** Ends a translation between batches. */
    readonly signal?: AbortSignal | undefined;
  },
): Promise<OpenTranslators> {
  const opened: { dispose: () => void }[] = [];
  const load = async (name: string): ReturnType<typeof loadModel> => {
    const model = await loadModel(join(folder, 'model', name));
    opened.push({ dispose: () => void model.dispose() });
    return model;
  };
  const open = async (name: 'G' | 'F'): Promise<Translator> => {
    const translator = openTranslator(await load(name), { precision, signal });
    opened.unshift(translator);
    return translator;
  };
  const dispose = (): void => {
    for (const each of opened) each.dispose();
  };
  if (setsAttributes(record.kind)) {
    const model = await openCodedModel(folder, { record, precision, signal });
    opened.push(model);
    const there = await openCodedTranslator(model, asked, opened);
    opened.unshift(there);
    return { there, back: undefined, dispose };
  }
  const [name, other] =
    asked.direction === 'x-to-y' ? (['G', 'F'] as const) : (['F', 'G'] as const);
  return { there: await open(name), back: asked.cycle ? await open(other) : undefined, dispose };
}

/** Opens what sets attributes; what must be disposed behind it goes into `opened`. */
async function openCodedTranslator(
  model: CodedModel,
  { set, search }: Asked,
  opened: { dispose: () => void }[],
): Promise<Translator> {
  const wanted = model.wantedOf(set);
  if (search === undefined) return model.translator(wanted);
  const by = await openSearchFeatures(search);
  opened.push(by);
  return model.searching(wanted, by.features);
}
