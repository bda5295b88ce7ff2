/** Checkpoints on disk: a folder `step-000123` with `state.json` and `tensors.safetensors`. */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  CheckpointError,
  commitRename,
  decodeSafetensors,
  encodeSafetensors,
  EnvironmentError,
  jsonText,
  syncFolder,
  temporaryNameFor,
  type NamedArray,
} from '@janus/core';

/** Any JSON value. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Everything a run needs to resume as if it had not been stopped. */
export interface Checkpoint {
  /** Updates so far. */
  readonly step: number;
  /** Weights, optimizer slots and image pools. */
  readonly arrays: readonly NamedArray[];
  /** Everything else: data cursor, random streams, options. */
  readonly state: JsonValue;
  /** Describes the networks that the arrays fit; {@link loadCheckpoint} requires the same text. */
  readonly architecture: string;
}

/** Options of {@link saveCheckpoint}. */
export interface SaveCheckpointOptions {
  /** The newest checkpoints that stay in the folder, at least 1; default {@link CHECKPOINTS_KEPT}. */
  readonly keep?: number;
}

/** The newest, and one to fall back on if the newest is damaged. */
export const CHECKPOINTS_KEPT = 2;

const FORMAT = 1;
const NAME = /^step-(\d{6,})(?:\.(\d+))?$/;

interface StateFile {
  readonly format: number;
  readonly architecture: string;
  readonly step: number;
  readonly tensors: { readonly bytes: number; readonly sha256: string };
  readonly state: JsonValue;
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Returns the names of the finished checkpoints of a folder, oldest first. */
async function checkpointNames(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    return [];
  }
  return names
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match === null
        ? []
        : [{ name, step: Number(match[1]), revision: Number(match[2] ?? 0) }];
    })
    .sort((a, b) => a.step - b.step || a.revision - b.revision)
    .map(({ name }) => name);
}

async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a checkpoint to `<folder>/step-000123/` and removes older ones. The checkpoint appears complete or
 * not at all: a process that is killed at any moment leaves the previous one intact.
 *
 * @param folder created when it is absent
 * @returns the path of the checkpoint
 * @throws EnvironmentError when the disk is full
 */
export async function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  options: SaveCheckpointOptions = {},
): Promise<string> {
  const { keep = CHECKPOINTS_KEPT } = options;
  const { step, arrays, state, architecture } = checkpoint;
  const tensors = encodeSafetensors(arrays);
  const file: StateFile = {
    format: FORMAT,
    architecture,
    step,
    tensors: { bytes: tensors.byteLength, sha256: sha256Of(tensors) },
    state,
  };
  await mkdir(folder, { recursive: true });
  const path = join(folder, await freeName(folder, step));
  const temporary = temporaryNameFor(path);
  try {
    await mkdir(temporary);
    await writeDurably(join(temporary, 'tensors.safetensors'), tensors);
    await writeDurably(join(temporary, 'state.json'), `${jsonText(path, file)}\n`);
    await commitRename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
      throw new EnvironmentError(
        `saveCheckpoint: ${folder} must have room for ${Math.ceil(tensors.byteLength / 1e6)} MB, but the disk is full. Free some space and resume: the previous checkpoint is intact.`,
        { cause: error },
      );
    }
    throw error;
  }
  await removeOld(folder, keep);
  return path;
}

/** Returns the name for a checkpoint; a second one of the same step is `step-000123.1`, and keeps the first. */
async function freeName(folder: string, step: number): Promise<string> {
  const name = `step-${String(step).padStart(6, '0')}`;
  const taken = (await checkpointNames(folder)).filter(
    (each) => each === name || each.startsWith(`${name}.`),
  );
  const last = taken.at(-1);
  return last === undefined ? name : `${name}.${Number(NAME.exec(last)?.[2] ?? 0) + 1}`;
}

async function removeOld(folder: string, keep: number): Promise<void> {
  const names = await checkpointNames(folder);
  for (const name of names.slice(0, Math.max(0, names.length - Math.max(1, keep)))) {
    // Renamed first, so that a folder of which only a part is removed does not look like a checkpoint.
    const doomed = temporaryNameFor(join(folder, name));
    await rename(join(folder, name), doomed);
  }
  // This includes what a killed process left behind.
  for (const name of await readdir(folder)) {
    if (/^\.step-.*\.tmp$/.test(name)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
  await syncFolder(folder);
}

/** Returns the path of the newest checkpoint in a folder, or `undefined` when there is none. */
export async function latestCheckpoint(folder: string): Promise<string | undefined> {
  const name = (await checkpointNames(folder)).at(-1);
  return name === undefined ? undefined : join(folder, name);
}

/** Options of {@link loadCheckpoint}. */
export interface LoadCheckpointOptions {
  /** The text that must have been saved with the checkpoint: see {@link Checkpoint.architecture}. */
  readonly architecture: string;
}

/**
 * Reads a checkpoint and checks it.
 *
 * @param path of the checkpoint, from {@link saveCheckpoint} or {@link latestCheckpoint}
 * @throws CheckpointError when it is missing, truncated, damaged, or of another architecture or format
 */
export async function loadCheckpoint(
  path: string,
  options: LoadCheckpointOptions,
): Promise<Checkpoint> {
  const fallBack = `Remove ${basename(path)} to resume from the previous checkpoint`;
  const file = parseState(await readPart(path, 'state.json'), { path, fallBack });
  if (file.format !== FORMAT) {
    throw new CheckpointError(
      `${path}: format must be ${FORMAT}, but got ${file.format}. Resume with the version of Janus that wrote it.`,
    );
  }
  if (file.architecture !== options.architecture) {
    throw new CheckpointError(
      `${path}: must be of ${options.architecture}, but got ${file.architecture}. Resume with the options of its run, or start a new one.`,
    );
  }
  const tensors = await readPart(path, 'tensors.safetensors');
  if (tensors.byteLength !== file.tensors.bytes) {
    throw new CheckpointError(
      `${path}: tensors.safetensors must have ${file.tensors.bytes} bytes, but got ${tensors.byteLength}. ${fallBack}.`,
    );
  }
  if (sha256Of(tensors) !== file.tensors.sha256) {
    throw new CheckpointError(
      `${path}: tensors.safetensors must have the sha256 in state.json, but has another. ${fallBack}.`,
    );
  }
  try {
    const { arrays } = decodeSafetensors(tensors, join(path, 'tensors.safetensors'));
    return { step: file.step, arrays, state: file.state, architecture: file.architecture };
  } catch (error) {
    throw new CheckpointError(
      `${path}: tensors.safetensors must be a safetensors file, but it cannot be read. ${fallBack}.`,
      { cause: error },
    );
  }
}

async function readPart(path: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(path, name));
  } catch (error) {
    throw new CheckpointError(
      `${path}: a checkpoint must hold ${name}, but it cannot be read. Name a step-... folder that a training wrote.`,
      { cause: error },
    );
  }
}

function parseState(bytes: Uint8Array, where: { path: string; fallBack: string }): StateFile {
  const damaged = (cause?: unknown): CheckpointError =>
    new CheckpointError(
      `${where.path}: state.json must describe a checkpoint, but it is cut off or damaged. ${where.fallBack}.`,
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw damaged(error);
  }
  if (!isStateFile(value)) throw damaged();
  return value;
}

function isStateFile(value: unknown): value is StateFile {
  if (typeof value !== 'object' || value === null) return false;
  const { format, architecture, step, tensors, state } = value as Record<string, unknown>;
  if (typeof tensors !== 'object' || tensors === null) return false;
  const { bytes, sha256 } = tensors as Record<string, unknown>;
  return (
    typeof format === 'number' &&
    typeof architecture === 'string' &&
    Number.isInteger(step) &&
    Number.isInteger(bytes) &&
    typeof sha256 === 'string' &&
    state !== undefined
  );
}
