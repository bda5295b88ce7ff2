/** A classifier that judges fakes. */
import { join } from 'node:path';
import { OptionsError, type Reporter } from '@janus/core';
import type { Precision } from '@janus/engine';
import { resizeImages } from '@janus/images';
import {
  argMax,
  computeFeatures,
  computeLogits,
  loadHeads,
  logitsByTarget,
  splitClassifier,
  type ClassifierHalves,
  type Features,
  type LoadedHeads,
  type SizedImages,
  type TargetDescription,
} from '@janus/models';
import { readClassifierRun } from '../classifier/options.js';
import { knownClassifierParts } from '../classifier/parts.js';
import type { Domain } from '../cyclegan/domains.js';
import { trainedHashes } from '../parts.js';
import { precisionOfRun } from '../precision.js';
import { changedBetween } from './twins.js';

/** A classifier run that can judge, and what it computes in. */
export interface LoadedJudge extends Pick<LoadedHeads, 'description' | 'dispose'> {
  readonly folder: string;
  readonly halves: ClassifierHalves;
  readonly precision: Precision;
  /** Content hashes of the images that it was trained on; undefined where its run does not say. */
  readonly trained: ReadonlySet<string> | undefined;
  /** What it saw in images, by their pixels: the originals of several directions are looked at once. */
  readonly seen: WeakMap<Uint8Array, Seen>;
}

/** A classifier that judges the fakes of some domains. */
export interface Judge extends LoadedJudge {
  /** Which of its targets has the domains' values. */
  readonly target: TargetDescription;
}

/** What a judge saw in some images. */
interface Seen {
  readonly features: Features;
  /** The class of each image, by target. */
  readonly told: readonly (readonly string[])[];
}

/** The value of each image, by attribute. */
export type Told = Readonly<Record<string, readonly string[]>>;

/** What a judge makes of some images. */
export interface Judgement {
  /** The class of each. */
  readonly classes: readonly string[];
  /** What it pools of each, before its dense layers. */
  readonly features: Features;
  /** What its other targets tell; none of a judge of one target. */
  readonly others: Told;
}

/**
 * Opens the classifier run that judges, of one target or more; the caller disposes it.
 *
 * @throws OptionsError when it does not know the values of the domains, or several of its targets do
 */
export async function openJudge(
  folder: string,
  domains: readonly [Domain, Domain],
  reporter: Reporter,
): Promise<Judge> {
  const loaded = await loadJudge(folder, reporter);
  try {
    return judgeOf(loaded, domains);
  } catch (error) {
    loaded.dispose();
    throw error;
  }
}

/**
 * Returns a loaded judge as that of two domains.
 *
 * @throws OptionsError when it does not know their values, or several of its targets do
 */
export const judgeOf = (loaded: LoadedJudge, domains: readonly [Domain, Domain]): Judge => ({
  ...loaded,
  target: targetOf(loaded.folder, loaded.description.targets, domains),
});

/** Loads a classifier run that judges whatever domains it knows; the caller disposes it. */
export async function loadJudge(folder: string, reporter: Reporter): Promise<LoadedJudge> {
  const record = await readClassifierRun(folder);
  const { model, description, dispose } = await loadHeads(join(folder, 'model'));
  try {
    const parts = await knownClassifierParts(folder, record);
    if (parts === undefined) {
      reporter.log(
        `${folder}: does not say on which images it was trained, and its data is not there as it was: whether it judges some of them is not known.`,
      );
    }
    const halves = splitClassifier(model);
    return {
      ...{ folder, description, halves, seen: new WeakMap() },
      dispose: () => {
        halves.dispose();
        dispose();
      },
      precision: precisionOfRun(record.options, reporter),
      trained: parts === undefined ? undefined : trainedHashes(parts),
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Returns the target that knows both domains' values: the one of the column that they differ in, where that does. */
function targetOf(
  folder: string,
  targets: readonly TargetDescription[],
  domains: readonly [Domain, Domain],
): TargetDescription {
  const knowing = targets.filter(({ classes }) =>
    domains.every(({ title }) => classes.includes(title)),
  );
  const changed = changedBetween(...domains);
  const chosen = knowing.find(({ target }) => changed.includes(target)) ?? knowing[0];
  if (chosen === undefined) {
    const known = targets.flatMap(({ classes }) => classes);
    const unknown = domains.find(({ title }) => !known.includes(title)) ?? domains[0];
    throw new OptionsError(
      `--judge: must know the domains' values, but ${folder} knows ${known.join(', ')} and not ${unknown.title}. Train one with --target on that column.`,
    );
  }
  if (knowing.length > 1 && !changed.includes(chosen.target)) {
    throw new OptionsError(
      `--judge: must know the domains' values as those of one target, but ${folder} has ${knowing.map(({ target }) => target).join(' and ')}. Name a run of one target.`,
    );
  }
  return chosen;
}

/** Who watches a judgement, and what ends it. */
export interface JudgingContext {
  readonly reporter: Reporter;
  /** Of the progress line. */
  readonly label: string;
  /** Ends it between batches. */
  readonly signal?: AbortSignal | undefined;
}

/** Returns what the judge makes of each image, or of its middle square, scaled to the size it was trained on. */
export async function judgementOf(
  judge: Judge,
  images: SizedImages,
  context: JudgingContext,
): Promise<Judgement> {
  const { description, target, seen } = judge;
  const { targets } = description;
  const { features, told } = seen.get(images.pixels) ?? (await look(judge, images, context));
  seen.set(images.pixels, { features, told });
  const place = targets.indexOf(target);
  const others = targets.flatMap(({ target: name }, t) =>
    t === place ? [] : [[name, told[t] ?? []] as const],
  );
  return { features, classes: told[place] ?? [], others: Object.fromEntries(others) };
}

async function look(
  { halves, precision, description }: LoadedJudge,
  images: SizedImages,
  { reporter, label, signal }: JudgingContext,
): Promise<Seen> {
  const { imageSize, targets, preprocessing } = description;
  const pixels = await resizeImages(images, imageSize);
  const features = await computeFeatures(
    halves.features,
    { pixels, count: images.count, size: imageSize },
    { preprocessing, precision, report: reporter.progress, label, signal },
  );
  const logits = await computeLogits(halves.dense, features, { precision });
  const told = logitsByTarget(logits, targets).map((rows, t) =>
    rows.map((row) => targets[t]?.classes[argMax(row)] ?? ''),
  );
  return { features, told };
}
