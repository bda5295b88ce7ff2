/** What the evaluations of all translations between two sets share: what measures, and what is written. */
import { join } from 'node:path';
import {
  writeFileAtomic,
  writeJson,
  type DirectionEvaluation,
  type Reporter,
  type RunRecord,
  type TranslationEvaluation,
} from '@janus/core';
import type { EngineName, Precision } from '@janus/engine';
import type { Sides } from '@janus/images';
import { registerLayers, translate } from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import type { Domain } from '../cyclegan/domains.js';
import type { CycleGanRunOptions } from '../cyclegan/options.js';
import { decodeItems } from '../item-images.js';
import { countAmong } from '../parts.js';
import { precisionOfRun } from '../precision.js';
import { translationGraphics } from './card-graphics.js';
import { domainsToMeasure, type DomainsContext, type MeasuredDomain } from './cyclegan-domains.js';
import type { DistanceChoice } from './distance-networks.js';
import { openTellers } from './drift.js';
import { openJudge, type Judge, type LoadedJudge } from './judge.js';
import type { Direction, DomainImages, Translate } from './measure-direction.js';
import { identitiesOf, measureFaces, type FaceDirection } from './measure-faces.js';
import { translationCard } from './model-card.js';
import { translationCardJson } from './translation-card-json.js';
import { changedBetween, twinsOf, type TwinsOptions } from './twins.js';

/** What an evaluation of a translation needs beside its folder. */
export interface TranslationContext extends DomainsContext, DistanceChoice {
  readonly judge?: string;
  /** Folders of classifier runs that tell what else changed. */
  readonly drift?: readonly string[];
  /** The engine that is in use. */
  readonly engine?: EngineName | 'auto';
  /** Ends the evaluation between batches: its reason is thrown, and nothing is written. */
  readonly signal?: AbortSignal | undefined;
}

/** What measures a run, and the images that it is measured on. */
export interface Measuring {
  readonly x: MeasuredDomain;
  readonly y: MeasuredDomain;
  readonly realX: DomainImages;
  readonly realY: DomainImages;
  readonly judge: Judge | undefined;
  readonly precision: Precision;
  /** What is the same of all directions. */
  readonly common: Pick<
    Direction,
    'size' | 'width' | 'reporter' | 'tellers' | 'changed' | 'judge' | 'signal'
  >;
  dispose(): void;
}

/**
 * Opens what measures a run; the caller disposes it. Start the engine first.
 *
 * @param context `ways`: 1 for a run that translates X to Y alone; default 2
 */
export async function openMeasuring(
  folder: string,
  record: RunRecord<
    Pick<CycleGanRunOptions, 'x' | 'y' | 'imageSize' | 'imageWidth'> & {
      readonly precision: Precision;
    }
  >,
  context: TranslationContext & { readonly ways?: 1 | 2 },
): Promise<Measuring> {
  const { reporter, drift = [], signal, ways = 2 } = context;
  const { imageSize: size, imageWidth: width = size } = record.options;
  const sides = { size, width };
  registerLayers();
  const { x, y } = await domainsToMeasure(folder, record, context);
  const judge =
    context.judge === undefined ? undefined : await openJudge(context.judge, [x, y], reporter);
  const tellers = await openTellers(drift, context.engine);
  const [imagesX, imagesY] = [
    await imagesOf(x, sides, reporter),
    await imagesOf(y, sides, reporter),
  ];
  return {
    ...{ x, y, judge },
    precision: precisionOfRun(record.options, reporter),
    realX: await withTwins(imagesX, x, { to: y, reporter, signal }),
    realY: ways === 1 ? imagesY : await withTwins(imagesY, y, { to: x, reporter, signal }),
    common: {
      ...{ ...sides, reporter, signal, tellers, changed: changedBetween(x, y) },
      ...(judge === undefined ? {} : { judge }),
    },
    dispose: () => {
      for (const opened of [judge, ...tellers]) opened?.dispose();
    },
  };
}

/** Writes what was measured into the run, with its cards. */
export async function writeEvaluation(
  folder: string,
  measured: {
    readonly record: RunRecord<object>;
    readonly evaluation: TranslationEvaluation;
    /** Names of the sheets in `samples/` that it drew. */
    readonly sheets: readonly string[];
  },
): Promise<void> {
  const { record, evaluation, sheets } = measured;
  await writeJson(join(folder, 'evaluation.json'), evaluation);
  await writeFileAtomic(join(folder, 'card.md'), translationCard(measured));
  const graphics = await translationGraphics(folder, evaluation, sheets);
  await writeJson(join(folder, 'card.json'), translationCardJson({ record, evaluation, graphics }));
}

/** How {@link through} translates. */
export interface ThroughOptions extends Sides {
  readonly precision: Precision;
  /** Ends a translation between batches. */
  readonly signal: AbortSignal | undefined;
}

/** Returns what takes images through a generator. */
export const through =
  (model: tf.LayersModel, { size, width = size, precision, signal }: ThroughOptions): Translate =>
  (images) =>
    translate(model, { images, height: size, width }, { precision, signal });

/** Returns what is known of a domain's images, and how many of them the judge was trained on. */
export function judgedFacts(
  { items, facts }: MeasuredDomain,
  judge: Pick<LoadedJudge, 'trained'> | undefined,
): Pick<DirectionEvaluation, 'images' | 'judgeTrainedOn'> {
  const hashes = items.map(({ sha256 }) => sha256);
  return {
    images: facts,
    ...(judge?.trained === undefined ? {} : { judgeTrainedOn: countAmong(hashes, judge.trained) }),
  };
}

/** Decodes a domain's images. */
export async function imagesOf(
  domain: Domain,
  { size, width }: Sides,
  reporter: Reporter,
): Promise<DomainImages> {
  const { items, folder, title } = domain;
  const identities = await identitiesOf(domain);
  return {
    ...(await decodeItems(items, { size, width, folder, reporter })),
    title,
    people: items.map(({ id }, i) => identities[i] ?? id),
  };
}

/** Returns a domain's images with their twins, where they are generated faces. */
export async function withTwins(
  images: DomainImages,
  domain: Domain,
  options: Omit<TwinsOptions, 'images'>,
): Promise<DomainImages> {
  return { ...images, twins: await twinsOf(domain, { ...options, images }) };
}

/** Returns how much of the faces a direction keeps, where the images are of faces. */
export async function facesIn(
  direction: FaceDirection,
): Promise<Pick<DirectionEvaluation, 'face'>> {
  const face = await measureFaces(direction);
  return face === undefined ? {} : { face };
}
