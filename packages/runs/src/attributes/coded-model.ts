/** The networks of a finished run that sets attributes. */
import { join } from 'node:path';
import { readAttributeCodes, writeJson, type AttributeCode, type RunRecord } from '@janus/core';
import type { Precision } from '@janus/engine';
import {
  invertingGenerator,
  loadModel,
  openLabelTranslator,
  openSearchTranslator,
  type ImageFeatures,
  type LabelsOf,
  type Translator,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { wantedOf, type WantedClass } from './attribute-codes.js';
import { labelReader } from './label-reader.js';

/** Below a run's folder. */
const DESCRIPTION = join('model', 'janus.json');

/** Writes what the numbers of a run's generator mean. */
export async function describeModel(
  folder: string,
  attributes: readonly AttributeCode[],
  { imageSize }: { readonly imageSize: number },
): Promise<void> {
  await writeJson(join(folder, DESCRIPTION), {
    ...{ format: 1, attributes, imageSize, preprocessing: 'signed' },
  });
}

/** A generator that sets attributes, ready. */
export interface CodedModel {
  readonly codes: readonly AttributeCode[];
  /** Compiles what gives images some classes, and leaves what else they have; the caller disposes it. */
  readonly translator: (wanted: readonly WantedClass[]) => Translator;
  /**
   * The same of an IcGAN, behind a search for the latent numbers of which most like an image is made, by pixels where
   * `features` is undefined; the caller disposes it.
   */
  readonly searching: (
    wanted: readonly WantedClass[],
    features: ImageFeatures | undefined,
  ) => Translator;
  /** Returns the classes that `{ glasses: '1' }` asks for; see {@link wantedOf} for errors. */
  readonly wantedOf: (set: Readonly<Record<string, string>>) => readonly WantedClass[];
  dispose(): void;
}

/**
 * Opens the generator of a run; the caller disposes it. Register the layers first.
 *
 * @throws DataError when the run is not finished
 */
export async function openCodedModel(
  folder: string,
  {
    record,
    precision,
    signal,
  }: {
    readonly record: RunRecord<{ readonly imageSize: number }>;
    readonly precision: Precision;
    /** Ends a translation between batches. */
    readonly signal?: AbortSignal | undefined;
  },
): Promise<CodedModel> {
  const codes = await readAttributeCodes(join(folder, DESCRIPTION));
  const opened: tf.LayersModel[] = [];
  const load = async (name: string): Promise<tf.LayersModel> => {
    const model = await loadModel(join(folder, 'model', name));
    opened.push(model);
    return model;
  };
  const isInverted = record.kind === 'icgan';
  const G = await load('G');
  const Ez = isInverted ? await load('Ez') : undefined;
  const teller = await load(isInverted ? 'Ey' : 'D');
  const generator = Ez === undefined ? G : invertingGenerator(G, Ez);
  const reading = { codes, size: record.options.imageSize, signed: isInverted };
  const labelsOf = (wanted: readonly WantedClass[]): LabelsOf =>
    labelReader(teller, { ...reading, wanted });
  return {
    codes,
    wantedOf: (set) => wantedOf(codes, set),
    translator: (wanted) => openLabelTranslator(generator, labelsOf(wanted), { precision, signal }),
    searching: (wanted, features) => {
      if (Ez === undefined) throw new Error(`a ${record.kind} run has no latent numbers`);
      const labels = { own: labelsOf([]), wanted: labelsOf(wanted) };
      return openSearchTranslator({ G, Ez }, labels, { features });
    },
    dispose: () => {
      for (const model of opened) model.dispose();
    },
  };
}
