/** Measures a generator that sets attributes: each of them, from each class to each other. */
import { join } from 'node:path';
import {
  DataError,
  readParts,
  type AttributeChange,
  type AttributeCode,
  type AttributesEvaluation,
  type CodedClass,
  type EvaluatedImages,
  type RunRecord,
} from '@janus/core';
import { keptRows } from '@janus/data';
import { registerLayers } from '@janus/models';
import { codesOf } from '../attributes/attribute-codes.js';
import { openCodedModel } from '../attributes/coded-model.js';
import {
  CODED_IMAGES,
  codedImages,
  codedParts,
  type CodedDataset,
} from '../attributes/coded-data.js';
import { readCodedRun, type CodedRunOptions } from '../attributes/options.js';
import type { Domain } from '../cyclegan/domains.js';
import { writeFakes } from '../cyclegan/samples.js';
import { countAmong, storedImage, trainedHashes, type StoredImage } from '../parts.js';
import { precisionOfRun } from '../precision.js';
import { chooseImages } from './choose-images.js';
import type { MeasuredDomain } from './cyclegan-domains.js';
import { openRunData } from './measured-items.js';
import {
  imagesOf,
  judgedFacts,
  withTwins,
  writeEvaluation,
  type TranslationContext,
} from './translation-measuring.js';
import { openTellers } from './drift.js';
import { judgeOf, loadJudge } from './judge.js';
import { measureDirection, type DomainImages, type Translate } from './measure-direction.js';
import { measureDistances, type MeasuredWay } from './measure-distances.js';
import { measureReconstructions } from './reconstructions.js';

/** One attribute from one class to another. */
interface Change {
  /** Place of its code. */
  readonly code: number;
  readonly column: string;
  readonly from: CodedClass;
  readonly to: CodedClass;
  /** Place of the class to become. */
  readonly chosen: number;
}

/** A change that was measured, and what is known of its originals. */
interface MeasuredChange extends MeasuredWay {
  readonly facts: ReturnType<typeof judgedFacts>;
}

/** What an evaluation of attributes needs beside its folder. */
export interface AttributesContext extends Omit<TranslationContext, 'x' | 'y'> {
  /** The data folder, where it has moved. */
  readonly data?: string;
}

/**
 * Measures every change of an attribute on the run's own images of a split: those of the commonest value of one class,
 * which are to become the commonest of another. Writes `evaluation.json`, the card, and a sheet a change into `samples/`.
 *
 * @param context `judge`: a classifier run of all attributes
 * @throws DataError when the part has no images, none of them is there as it was, or no attribute has images of two classes
 */
export async function evaluateAttributesRun(
  folder: string,
  context: AttributesContext,
): Promise<AttributesEvaluation> {
  const { split, reporter, signal, judge, drift = [], features = 'vgg16', weights } = context;
  const record = await readCodedRun(folder);
  const { imageSize: size } = record.options;
  const data = context.data ?? record.options.data;
  const { domainOf, all } = await ownDomains(folder, record, { data, split, reporter });
  registerLayers();
  const precision = precisionOfRun(record.options, reporter);
  const model = await openCodedModel(folder, { record, precision, signal });
  const tellers = await openTellers(drift, context.engine);
  const classifier = judge === undefined ? undefined : await loadJudge(judge, reporter);
  // Each class is in several changes, as what is translated and as what it is to become.
  const decoded = new Map<string, DomainImages>();
  const realOf = async (domain: Domain): Promise<DomainImages> => {
    const images = decoded.get(domain.source) ?? (await imagesOf(domain, { size }, reporter));
    decoded.set(domain.source, images);
    return images;
  };
  const left = new Set<string>();
  const measure = async (change: Change): Promise<MeasuredChange | undefined> => {
    const { column, code, chosen } = change;
    const [x, y] = [domainOf(column, change.from), domainOf(column, change.to)];
    const without = [x, y].find(({ items }) => items.length === 0);
    if (without !== undefined) {
      left.add(`${without.source} has no image of the split ${split}`);
      return undefined;
    }
    const judging = classifier === undefined ? {} : { judge: judgeOf(classifier, [x, y]) };
    const from = await withTwins(await realOf(x), x, { to: y, reporter, signal });
    const to = await realOf(y);
    const translator = model.translator([{ code, chosen }]);
    const forward: Translate = async (images) =>
      (await translator.translate({ images, height: size, width: size })).images;
    try {
      const measured = await measureDirection({
        ...{ from, to, size, reporter, signal, tellers, changed: [column], forward },
        ...judging,
      });
      return { from, to, measured, facts: judgedFacts(x, classifier) };
    } finally {
      translator.dispose();
    }
  };
  try {
    const measured: { readonly change: Change; readonly way: MeasuredChange }[] = [];
    for (const change of changesOf(model.codes)) {
      const way = await measure(change);
      if (way !== undefined) measured.push({ change, way });
    }
    if (measured.length === 0) {
      throw new DataError(
        `${folder}: no change can be measured: ${[...left].join('; ')}. Evaluate another split (\`--split\`), or data that has them.`,
      );
    }
    for (const why of left) reporter.log(`${why}: its changes are left out.`);
    const distances = await measureDistances(
      {
        ...{ size, split, reporter, signal, features },
        ...(weights === undefined ? {} : { weights }),
      },
      measured.map(({ way }) => way),
    );
    // What it measures comes before the first file that is written.
    const reconstructions =
      record.kind === 'icgan'
        ? await measureReconstructions(model, { domain: all, size, reporter, signal })
        : undefined;
    signal?.throwIfAborted();
    const sheets: string[] = [];
    for (const { change, way } of measured) {
      const { column, from, to } = change;
      const name = [column, from.values[0] ?? '', to.values[0] ?? ''].join('-');
      sheets.push(name);
      await writeFakes(join(folder, 'samples', `${name}.png`), way.measured.figure);
    }
    const evaluation: AttributesEvaluation = {
      ...{ kind: kindOf(record), split, features, judge: judge ?? 'none' },
      changes: measured.map(({ change, way }, i): AttributeChange => ({
        ...{ attribute: change.column, from: titleOf(way.from), to: titleOf(way.to) },
        ...{ ...way.measured.result, ...distances[i], ...way.facts },
      })),
      ...(reconstructions === undefined ? {} : { reconstructions }),
    };
    await writeEvaluation(folder, { record, evaluation, sheets });
    return evaluation;
  } finally {
    for (const each of [model, classifier, ...tellers]) each?.dispose();
  }
}

const kindOf = ({ kind }: RunRecord<unknown>): AttributesEvaluation['kind'] =>
  kind === 'icgan' ? kind : 'stargan';

const titleOf = ({ title }: DomainImages): string => title;

/** Returns every class of every attribute with each other one. */
function changesOf(codes: readonly AttributeCode[]): readonly Change[] {
  return codes.flatMap(({ column, classes }, code) =>
    classes.flatMap((from) =>
      classes.flatMap((to, chosen) => (from === to ? [] : [{ code, column, from, to, chosen }])),
    ),
  );
}

/** The run's own images of a split, by the labels that they have now. */
interface OwnDomains {
  /** Returns those of the commonest value of a class. */
  readonly domainOf: (column: string, coded: CodedClass) => MeasuredDomain;
  readonly all: Domain;
}

/** Returns the images that a run is measured on; see {@link chooseImages}. */
async function ownDomains(
  run: string,
  record: RunRecord<CodedRunOptions>,
  {
    data,
    split,
    reporter,
  }: Pick<AttributesContext, 'split' | 'reporter'> & { readonly data: string },
): Promise<OwnDomains> {
  const { imageSize: size, attributes } = record.options;
  const dataset = await openRunData(data);
  const sameData = dataset.hash === record.dataHash;
  const coded = (): CodedDataset => ({ dataset, codes: codesOf(dataset, attributes) });
  const parts = (await readParts(run)) ?? (sameData ? await codedParts(coded()) : undefined);
  const trained = parts === undefined ? undefined : trainedHashes(parts);
  const { stored, facts } = await chooseImages({
    ...{ place: data, folder: data, size, split, sameData, trained, reporter },
    part: parts?.domains[CODED_IMAGES]?.parts[split],
    now: () => Promise.resolve(keptRows(dataset).map((row) => storedImage(data, row))),
    current: () => Promise.resolve(codedImages(coded(), split)),
  });
  const labels = new Map(dataset.rows.map((row) => [row.id, row.labels]));
  // What is gone or changed counts for the whole part: which value such an image had is not known any more.
  const factsOf = (items: readonly StoredImage[]): EvaluatedImages =>
    trained === undefined
      ? facts
      : {
          ...facts,
          trainedOn: countAmong(
            items.map(({ sha256 }) => sha256),
            trained,
          ),
        };
  const domain = (
    title: string,
    source: string,
    items: readonly StoredImage[],
  ): MeasuredDomain => ({
    ...{ source, title, hash: dataset.hash, folder: data, items, facts: factsOf(items) },
  });
  return {
    domainOf: (column, { values: [value = ''] }) => {
      const some = stored.filter(({ id }) => labels.get(id)?.[column] === value);
      return domain(value, `${data}:${column}=${value}`, some);
    },
    all: domain('images', data, stored),
  };
}
