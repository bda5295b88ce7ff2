import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import {
  OptionsError,
  readMetrics,
  readRun,
  writeFileAtomic,
  writeRun,
  type RunKind,
  type RunRecord,
} from '@janus/core';
import type { Engine } from '@janus/engine';
import { VERSION } from './version.js';

/** What a training command wants of its run folder. */
export interface OpenRunOptions {
  readonly kind: RunKind;
  readonly folder: string;
  readonly name: string;
  /** Resolved options: what a repetition needs. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly dataHash: string;
  readonly engine: Engine;
  readonly resume: boolean;
  readonly overwrite: boolean;
}

/**
 * Makes a run folder with its record, or opens the one to go on with.
 *
 * @throws OptionsError when the folder holds a run and neither `resume` nor `overwrite` was said, or
 * the run to resume had other options, data or another kind
 */
export async function openRun(options: OpenRunOptions): Promise<RunRecord> {
  const { folder, resume } = options;
  const exists = existsSync(join(folder, 'run.json'));
  if (resume) {
    if (!exists) {
      throw new OptionsError(
        `--resume: needs a run to go on with, but ${folder} holds none. Leave --resume out, or name the run with --run.`,
      );
    }
    const record = await readRun(folder);
    checkSameRun(record, options);
    await writeRun(folder, { ...record, status: 'running' });
    return record;
  }
  if (exists && !options.overwrite) {
    throw new OptionsError(
      `${folder}: holds a run already. Go on with it (--resume), replace it (--overwrite), or name another folder (--run).`,
    );
  }
  if (!exists && existsSync(folder) && (await readdir(folder)).length > 0) {
    throw new OptionsError(
      `${folder}: a run needs an empty folder, but this one holds other files. Name another with --run.`,
    );
  }
  if (exists) await rm(folder, { recursive: true });
  const record: RunRecord = {
    format: 1,
    kind: options.kind,
    name: options.name,
    started: new Date().toISOString(),
    options: options.options,
    seed: options.seed,
    versions: versions(options.engine),
    gitCommit: await gitCommit(),
    dataHash: options.dataHash,
    engine: `${options.engine.name} ${options.engine.version} (${options.engine.device})`,
    status: 'running',
  };
  await writeRun(folder, record);
  return record;
}

function checkSameRun(record: RunRecord, options: OpenRunOptions): void {
  if (record.kind !== options.kind) {
    throw new OptionsError(
      `--resume: ${options.folder} holds a ${record.kind} run. Resume it with \`janus train ${record.kind}\`.`,
    );
  }
  const asked = JSON.parse(JSON.stringify(options.options)) as Record<string, unknown>;
  for (const name of new Set([...Object.keys(asked), ...Object.keys(record.options)])) {
    const value = asked[name];
    if (!isDeepStrictEqual(value, record.options[name])) {
      throw new OptionsError(
        `--resume: ${name} must be what the run began with (${JSON.stringify(record.options[name])}), but got ${JSON.stringify(value)}. Repeat the first command and add --resume, or begin anew with --run.`,
      );
    }
  }
  if (record.dataHash !== options.dataHash) {
    throw new OptionsError(
      `--resume: the data must be what the run began with, but the manifest has changed since (${record.dataHash.slice(0, 12)}, now ${options.dataHash.slice(0, 12)}). Begin anew with --run.`,
    );
  }
}

function versions(engine: Engine): Record<string, string> {
  return {
    janus: VERSION,
    node: process.version,
    [engine.name === 'tensorflow' ? 'tensorflow' : engine.name]: engine.version,
  };
}

async function gitCommit(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD']);
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/** Drops the lines that a killed run wrote after its last checkpoint; they will be written again. */
export async function keepMetricsUpTo(folder: string, step: number): Promise<void> {
  const kept = (await readMetrics(folder)).filter((record) => record.step <= step);
  await writeFileAtomic(
    join(folder, 'metrics.jsonl'),
    kept.map((record) => `${JSON.stringify(record)}\n`).join(''),
  );
}

/** Marks a run as stopped or finished. */
export async function closeRun(
  folder: string,
  record: RunRecord,
  result: { readonly finished: boolean },
): Promise<void> {
  await writeRun(folder, {
    ...record,
    status: result.finished ? 'finished' : 'stopped',
    result: { ...result },
  });
}
