/** The images that say most about a classifier, and what it looks at in them. */
import { join } from 'node:path';
import { confusionMatrix, OptionsError, SILENT, writeFileAtomic, writeJson } from '@janus/core';
import { imagePathOf, openDataset } from '@janus/data';
import { loadTarget, mostConfused, topLosses } from '@janus/models';
import { readClassifierRun } from '../classifier/options.js';
import { startEngine, type ReadContext } from '../context.js';
import { folderName } from '../run-folder.js';
import { explainImages, type Explanations } from './explain-images.js';
import { lookMaps, lookPage, lookSheet } from './look-pages.js';
import type { LookedAt, LookResult } from './look-result.js';
import { predictionPrefix, readPredictions, type Predicted } from './read-predictions.js';

/** Options of {@link lookAtRun}. */
export interface LookAtRunOptions {
  /** Images of a section, 1 to 200; default 24. */
  readonly count?: number;
  /** Of a run of several targets: which one; of a run of one it may be left out. */
  readonly target?: string;
  /** Folder of the page; default `<run>/look`, of several targets `<run>/look-<target>`. */
  readonly out?: string;
  /** The data folder, where it has moved since the training; default: where it was. */
  readonly data?: string;
  /** Whether maps of what the network looks at are computed, which takes the engine; default true. */
  readonly gradCam?: boolean;
}

/** Defaults of {@link LookAtRunOptions}. */
export const LOOK_DEFAULTS: Required<Omit<LookAtRunOptions, 'target' | 'out' | 'data'>> = {
  count: 24,
  gradCam: true,
};

/**
 * Writes a page of the images that say most about a classifier: the largest losses, the most confused classes, and the
 * least sure and the surest of the right ones, each with label, prediction and probability, and with what the
 * network looks at for its prediction (Grad-CAM). Reads the predictions of the run's evaluation.
 *
 * @throws DataError when the folder holds no finished classifier run, it was not evaluated, or its data is not there;
 * OptionsError when `count` is out of range, or the run tells several targets and none of them is named
 */
export async function lookAtRun(
  run: string,
  options: LookAtRunOptions = {},
  context: ReadContext = {},
): Promise<LookResult> {
  const { count, gradCam, data } = { ...LOOK_DEFAULTS, ...options };
  if (!Number.isInteger(count) || count < 1 || count > 200) {
    throw new OptionsError(
      `look: count must be a whole number from 1 to 200, but got ${count}. Try ${LOOK_DEFAULTS.count}.`,
    );
  }
  const { reporter = SILENT } = context;
  const record = await readClassifierRun(run);
  const dataset = await openDataset(data ?? record.options.data);
  const paths = new Map(
    dataset.rows.map(({ id, path }) => [id, imagePathOf(dataset.folder, path)]),
  );
  await startEngine(context);
  const { model, description, dispose } = await loadTarget(join(run, 'model'), options.target);
  try {
    const { classes, target } = description;
    const prefix = await predictionPrefix(run, target);
    const predictions = await readPredictions(run, classes, prefix);
    const chosen = choose(predictions, count);
    const shown = [...chosen.top, ...chosen.unsure, ...chosen.sure].filter(({ id }) =>
      paths.has(id),
    );
    const explained = gradCam
      ? await explainImages(
          { model, description },
          shown.map(({ id, predicted }) => ({ id, predicted, path: paths.get(id) ?? '' })),
          reporter,
        )
      : null;
    const of = (list: readonly Predicted[]): readonly LookedAt[] =>
      list.map((each) => lookedAt(each, classes));
    const { out = join(run, prefix === '' ? 'look' : `look-${folderName(target)}`) } = options;
    const page = join(out, 'index.html');
    const sheet = join(out, 'top-losses.png');
    const result: LookResult = {
      ...{ run, target, classes, n: predictions.length, page, sheet },
      maps: explained === null || explained.overlays.size === 0 ? null : join(out, 'maps.png'),
      ...{ topLosses: of(chosen.top), leastSure: of(chosen.unsure), surest: of(chosen.sure) },
      mostConfused: confusedPairs(predictions, classes),
      sanity: explained?.sanity ?? null,
    };
    await writeLook(result, { out, paths, explained });
    return result;
  } finally {
    dispose();
  }
}

/** Where a look goes, and what its images are. */
interface LookFiles {
  readonly out: string;
  readonly paths: ReadonlyMap<string, string>;
  readonly explained: Explanations | null;
}

async function writeLook(result: LookResult, { out, paths, explained }: LookFiles): Promise<void> {
  const overlays = explained?.overlays ?? new Map<string, never>();
  await writeFileAtomic(result.page, await lookPage(result, { paths, overlays }));
  await writeFileAtomic(result.sheet, await lookSheet(result, paths));
  const maps = await lookMaps(result, { paths, overlays });
  if (result.maps !== null && maps !== undefined) await writeFileAtomic(result.maps, maps);
  await writeJson(join(out, 'look.json'), result);
}

/** Images of each section. */
interface Chosen {
  readonly top: readonly Predicted[];
  readonly unsure: readonly Predicted[];
  readonly sure: readonly Predicted[];
}

function choose(predictions: readonly Predicted[], count: number): Chosen {
  const losses = topLosses(
    {
      labels: predictions.map(({ label }) => label),
      probabilities: predictions.map(({ probabilities }) => probabilities),
    },
    count,
  );
  const right = predictions
    .filter(({ label, predicted }) => label === predicted)
    .sort((a, b) => probabilityOf(a) - probabilityOf(b));
  const few = Math.ceil(count / 3);
  return {
    top: losses.flatMap(({ image }) => predictions[image] ?? []),
    unsure: right.slice(0, few),
    sure: right.slice(-few).reverse(),
  };
}

const probabilityOf = ({ probabilities, predicted }: Predicted): number =>
  probabilities[predicted] ?? 0;

function lookedAt(each: Predicted, classes: readonly string[]): LookedAt {
  const { id, label, predicted, probabilities } = each;
  const [top] = topLosses({ labels: [label], probabilities: [probabilities] });
  return {
    ...{ id, label: classes[label] ?? '', predicted: classes[predicted] ?? '' },
    ...{ probability: probabilityOf(each), loss: top?.loss ?? 0 },
  };
}

function confusedPairs(
  predictions: readonly Predicted[],
  classes: readonly string[],
): LookResult['mostConfused'] {
  const confusion = confusionMatrix(
    predictions.map(({ label }) => label),
    predictions.map(({ predicted }) => predicted),
    classes.length,
  );
  return mostConfused(confusion).map(({ label, predicted, count }) => ({
    ...{ label: classes[label] ?? '', predicted: classes[predicted] ?? '', count },
  }));
}
