import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import {
  metricsText,
  NODE_VERSION,
  OptionsError,
  readMetrics,
  readRun,
  writeFileAtomic,
  writeRun,
  type Reporter,
  type RunKind,
  type RunRecord,
  type RunStart,
  type StepRecord,
} from '@janus/core';
import type { Engine } from '@janus/engine';
import type { ExistingRun, FinishedRun } from './context.js';
import { FIGURES_FOLDER } from './figure-files.js';
import { extensionOf, type Extendable } from './run-extension.js';
import { contentOf, emptyRunFolder } from './run-lock.js';
import { VERSION } from './version.js';

/** What an evaluation leaves in a run's folder. */
const EVALUATED = [
  ...['evaluation.json', 'card.md', 'card.json', 'predictions.parquet'],
  FIGURES_FOLDER,
] as const;

/** The format of records that this version writes. */
const FORMAT = 2;

/** What a training wants of its run folder. */
export interface OpenRunOptions<Options> {
  readonly kind: RunKind;
  readonly folder: string;
  /** What a person calls the run. */
  readonly name: string;
  /** Resolved options: what a repetition needs. */
  readonly options: Options & { readonly seed: number };
  /** Updates that are planned in all. */
  readonly updates: number;
  /** Hash of the manifests that the run reads. */
  readonly dataHash: string;
  /** Hashes that earlier versions gave the same data; default none. */
  readonly earlierHashes?: readonly string[];
  readonly engine: Engine;
  readonly existing: ExistingRun;
  /** What options were, in effect, in versions that did not have them; default none. */
  readonly absent?: Readonly<Partial<Options>>;
  /** What a resumed run may change; default nothing. */
  readonly extendable?: Extendable<Options>;
  /** Where a new run's weights come from, when from another run. */
  readonly startedFrom?: RunStart | undefined;
  /** Receives a line when the run's schedule is changed. */
  readonly reporter: Pick<Reporter, 'log'>;
}

/**
 * Makes a run folder with its record, or opens the one to resume; to be called with the folder locked.
 *
 * @throws OptionsError when the folder holds a run and `existing` is `refuse`, or the run to resume had
 * other options (but those that may be extended) or data, is of another kind, or was begun by a version with other batches
 */
export async function openRun<Options>(
  options: OpenRunOptions<Options>,
): Promise<RunRecord<Options>> {
  const { folder, existing, engine } = options;
  const exists = existsSync(join(folder, 'run.json'));
  if (existing === 'resume') {
    if (!exists) {
      throw new OptionsError(
        `--resume: needs a run to resume, but ${folder} holds none. Leave --resume out, or name the run with --run.`,
      );
    }
    const record = await readRun(folder);
    checkSameRun(record, options);
    const { extendable, reporter } = options;
    if (record.engine !== engineText(engine)) {
      reporter.log(
        `The run began on ${record.engine}, and is resumed on ${engineText(engine)}: from here on, its numbers are not those of an uninterrupted run to the bit.`,
      );
    }
    const accepted =
      extendable === undefined ? undefined : await extensionOf(record, options.options, extendable);
    const opened: RunRecord<Options> = {
      ...record,
      options: options.options,
      updates: options.updates,
      dataHash: options.dataHash,
      status: 'running',
      ...(accepted && { extensions: [...(record.extensions ?? []), accepted.extension] }),
    };
    if (accepted !== undefined) {
      reporter.log(accepted.text);
      // They are of the weights before.
      for (const name of EVALUATED) await rm(join(folder, name), { force: true, recursive: true });
    }
    await writeRun(folder, opened);
    return opened;
  }
  if (exists && existing === 'refuse') {
    throw new OptionsError(
      `${folder}: holds a run already. Resume it (--resume), replace it (--overwrite), or name another folder (--run).`,
    );
  }
  if (!exists && existsSync(folder) && (await contentOf(folder)).length > 0) {
    throw new OptionsError(
      `${folder}: a run needs an empty folder, but this one holds other files. Name another with --run.`,
    );
  }
  if (exists) await emptyRunFolder(folder);
  const record: RunRecord<Options> = {
    format: FORMAT,
    kind: options.kind,
    name: options.name,
    started: new Date().toISOString(),
    options: options.options,
    seed: options.options.seed,
    versions: versionsOf(engine),
    gitCommit: await gitCommit(),
    updates: options.updates,
    dataHash: options.dataHash,
    engine: engineText(engine),
    ...(options.startedFrom && { startedFrom: options.startedFrom }),
    status: 'running',
  };
  await writeRun(folder, record);
  return record;
}

function checkSameRun<Options>(record: RunRecord, options: OpenRunOptions<Options>): void {
  const { folder, kind, dataHash, earlierHashes = [] } = options;
  if (record.kind !== kind) {
    throw new OptionsError(
      `--resume: ${folder} holds a ${record.kind} run. Resume it with \`janus train ${record.kind}\`.`,
    );
  }
  if (record.format !== FORMAT) {
    throw new OptionsError(
      `--resume: must be a run of format ${FORMAT}, but ${folder} has format ${record.format}, whose batches were drawn otherwise. It can be evaluated and used; train it again with --overwrite or --run.`,
    );
  }
  const asked = JSON.parse(JSON.stringify(options.options)) as Record<string, unknown>;
  const changeable: readonly string[] = options.extendable?.names ?? [];
  for (const name of new Set([...Object.keys(asked), ...Object.keys(record.options)])) {
    if (changeable.includes(name)) continue;
    const value = asked[name];
    const isKnown = name in record.options;
    const had = isKnown ? record.options[name] : options.absent?.[name as keyof Options];
    if (!isDeepStrictEqual(value, had)) {
      throw new OptionsError(
        `--resume: ${name} must be what the run began with (${JSON.stringify(had)}), but got ${JSON.stringify(value)}. Repeat the first command and add --resume, or start a new run with --run.`,
      );
    }
  }
  if (![dataHash, ...earlierHashes].includes(record.dataHash)) {
    throw new OptionsError(
      `--resume: the data must be what the run began with, but the manifest has changed since (${record.dataHash.slice(0, 12)}, now ${dataHash.slice(0, 12)}). Start a new run with --run.`,
    );
  }
}

const engineText = ({ name, version, device }: Engine): string => `${name} ${version} (${device})`;

function versionsOf(engine: Engine): Record<string, string> {
  return { janus: VERSION, node: NODE_VERSION, [engine.name]: engine.version };
}

async function gitCommit(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD']);
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/**
 * Drops the lines that a killed run wrote after its last checkpoint; they will be written again.
 *
 * @param keep which of the others stay; default all
 */
export async function keepMetricsUpTo(
  folder: string,
  step: number,
  keep: (record: StepRecord) => boolean = () => true,
): Promise<void> {
  const kept = (await readMetrics(folder)).filter((record) => record.step <= step && keep(record));
  await writeFileAtomic(join(folder, 'metrics.jsonl'), metricsText(folder, kept));
}

/** Marks a run as stopped or finished. */
export async function closeRun<Options>(
  record: RunRecord<Options>,
  result: FinishedRun,
): Promise<void> {
  const { folder, ...rest } = result;
  await writeRun(folder, {
    ...record,
    status: result.finished ? 'finished' : 'stopped',
    result: rest,
  });
}

/** Returns text as a part of a folder's name. */
export const folderName = (text: string): string => text.replace(/[^A-Za-z0-9_.-]+/g, '-');
