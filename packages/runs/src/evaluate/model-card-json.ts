/** The model card for programs, `card.json`: the fields of Google's model card toolkit. */
import {
  directionsOf,
  translationTitle,
  type ClassifierEvaluation,
  type Interval,
  type RunRecord,
  type TranslationEvaluation,
} from '@janus/core';
import type { DatasetRecord } from '@janus/data';
import type { ResolvedClassifierOptions } from '../classifier/options.js';
import {
  classifierConsiderations,
  sliceName,
  TRANSLATION_CONSIDERATIONS,
  type CardConsiderations,
} from './card-considerations.js';

/** A text in a list of the toolkit's. */
interface Described {
  readonly description: string;
}

/** A figure of a model card. */
export interface CardMetric {
  readonly type: string;
  readonly value: number;
  /** Group of images; absent for all. */
  readonly slice?: string;
  readonly confidence_interval?: { readonly lower_bound: number; readonly upper_bound: number };
}

/**
 * A model card.
 * Source: model_card.schema.json, version 0.0.2, of tensorflow/model-card-toolkit; intervals as in its `ConfidenceInterval`.
 */
export interface ModelCard {
  readonly schema_version: '0.0.2';
  readonly model_details: {
    readonly name: string;
    readonly overview: string;
    readonly version: { readonly name: string; readonly date: string };
    readonly licenses: readonly { readonly custom_text: string }[];
  };
  readonly model_parameters: {
    readonly model_architecture: string;
    readonly data: readonly {
      readonly name: string;
      readonly description: string;
      readonly sensitive: { readonly sensitive_data: readonly string[] };
    }[];
    readonly input_format: string;
    readonly output_format: string;
  };
  readonly quantitative_analysis: { readonly performance_metrics: readonly CardMetric[] };
  readonly considerations: {
    readonly users: readonly Described[];
    readonly use_cases: readonly Described[];
    readonly limitations: readonly Described[];
    readonly ethical_considerations: readonly {
      readonly name: string;
      readonly mitigation_strategy: string;
    }[];
  };
}

/** What {@link classifierCardJson} is made from. */
export interface ClassifierCardInput {
  readonly record: RunRecord<ResolvedClassifierOptions>;
  readonly evaluation: ClassifierEvaluation;
  readonly dataset: DatasetRecord;
}

/** Returns the model card of a classifier: every figure with its interval, all images first, then classes and groups. */
export function classifierCardJson({
  record,
  evaluation,
  dataset,
}: ClassifierCardInput): ModelCard {
  const { options } = record;
  const { target, classes, split, n, perClass, slices } = evaluation;
  const { backbone, cut, pooling, normalisation, head, unfreeze, size } = options;
  return {
    ...headOf(record, {
      name: `${target}: classifier`,
      overview: `Tells ${target} (${classes.join(', ')}) of images, as labelled in: ${dataset.source}.`,
      licence: `Of the data: ${dataset.licence}.`,
    }),
    model_parameters: {
      model_architecture: `${backbone} up to ${cut}, pooling ${pooling}, normalisation ${normalisation}, head ${head}, unfrozen: ${unfreeze}`,
      data: [dataOf(dataset, record)],
      input_format: `RGB images of ${size} x ${size} pixels, 0 to 255`,
      output_format: `Logits of ${classes.join(', ')}; softmax gives probabilities`,
    },
    quantitative_analysis: {
      performance_metrics: [
        metric(`accuracy (${split} split, n = ${n})`, evaluation.accuracy),
        metric('balanced accuracy', evaluation.balancedAccuracy),
        { type: 'accuracy of always naming the commonest class', value: evaluation.majority },
        { type: 'expected calibration error (15 bins)', value: evaluation.calibrationError },
        ...Object.entries(perClass).flatMap(([name, { recall, precision }]): CardMetric[] => [
          metric('recall', recall, `${target}=${name}`),
          ...(precision === undefined
            ? []
            : [{ type: 'precision', value: precision, slice: `predicted ${name}` }]),
        ]),
        ...(slices?.frames ?? []).flatMap(({ columns, cells }) =>
          cells.flatMap(({ values, n: count, accuracy }) =>
            accuracy === undefined
              ? []
              : [metric(`accuracy (n = ${count})`, accuracy, sliceName(columns, values))],
          ),
        ),
      ],
    },
    considerations: cardConsiderations(classifierConsiderations(evaluation, dataset)),
  };
}

/** What cards call the kinds of translation, and what these are made of. */
const TRANSLATION_MODELS: Readonly<
  Record<
    TranslationEvaluation['kind'],
    { readonly title: string; readonly made: string; readonly what: string }
  >
> = {
  cyclegan: {
    title: 'CycleGAN',
    what: 'Translates images between',
    made: 'CycleGAN: two generators and two discriminators (arXiv 1703.10593)',
  },
  cut: {
    title: 'CUT',
    what: 'Translates images from',
    made: 'CUT: a generator and a discriminator, held together by PatchNCE (arXiv 2007.15651)',
  },
  stargan: {
    title: 'StarGAN',
    what: 'Sets attributes of images:',
    made: 'StarGAN: a generator that takes labels, and a discriminator that tells them (arXiv 1711.09020)',
  },
  icgan: {
    title: 'IcGAN',
    what: 'Makes images again with attributes set:',
    made: 'IcGAN: a generator of labels and latent numbers, and encoders that tell both of an image (arXiv 1611.06355)',
  },
};

/** Returns the model card of a translation. */
export function translationCardJson({
  record,
  evaluation,
}: {
  readonly record: RunRecord<object>;
  readonly evaluation: TranslationEvaluation;
}): ModelCard {
  const { split, kind } = evaluation;
  const { title, made, what } = TRANSLATION_MODELS[kind];
  const sources = [...new Set(directionsOf(evaluation).flatMap(({ from, to }) => [from, to]))];
  const between = translationTitle(evaluation);
  return {
    ...headOf(record, {
      name: `${between}: ${title}`,
      overview: `${what} ${between}. A translation is a fake.`,
      licence: 'That of the images that it was trained on.',
    }),
    model_parameters: {
      model_architecture: made,
      data: sources.map((name) => ({
        name,
        description: `Domain of the training; measured on the ${split} split.`,
        sensitive: { sensitive_data: ['images of people, where the domain shows people'] },
      })),
      input_format: 'RGB images, 0 to 255',
      output_format: 'RGB images of the same size',
    },
    quantitative_analysis: {
      performance_metrics: directionsOf(evaluation).flatMap(({ from, to, result }) => {
        const { n, judgedAsTarget, cycleL1, kid } = result;
        const slice = `${from} to ${to}`;
        return [
          ...(judgedAsTarget === undefined
            ? []
            : [metric(`fakes judged as target (n = ${n})`, judgedAsTarget, slice)]),
          ...(cycleL1 === undefined ? [] : [{ type: 'cycle L1 (0 to 2)', value: cycleL1, slice }]),
          ...(kid === undefined ? [] : [{ type: 'kernel distance', value: kid.value, slice }]),
        ];
      }),
    },
    considerations: cardConsiderations(TRANSLATION_CONSIDERATIONS),
  };
}

function headOf(
  { versions, started }: RunRecord<object>,
  about: { readonly name: string; readonly overview: string; readonly licence: string },
): Pick<ModelCard, 'schema_version' | 'model_details'> {
  const { name, overview, licence } = about;
  return {
    schema_version: '0.0.2',
    model_details: {
      ...{ name, overview, licenses: [{ custom_text: licence }] },
      // The day: the schema's format is a date.
      version: { name: `Janus ${versions['janus'] ?? ''}`.trim(), date: started.slice(0, 10) },
    },
  };
}

function dataOf(
  { name, labelling }: DatasetRecord,
  { dataHash }: RunRecord<object>,
): ModelCard['model_parameters']['data'][number] {
  const how = labelling === undefined ? 'not known' : `${labelling.kind}. ${labelling.how}`;
  return {
    name,
    description: `Trained, validated and measured on parts of it; manifest ${dataHash.slice(0, 12)}. Labels: ${how}`,
    sensitive: {
      sensitive_data:
        labelling?.kind === 'drawn'
          ? ['none: the faces are generated']
          : ['images of people, and what was perceived or recorded about them'],
    },
  };
}

function metric(type: string, { value, low, high }: Interval, slice?: string): CardMetric {
  return {
    ...{ type, value, confidence_interval: { lower_bound: low, upper_bound: high } },
    ...(slice === undefined ? {} : { slice }),
  };
}

export function cardConsiderations(given: CardConsiderations): ModelCard['considerations'] {
  const described = (texts: readonly string[]): readonly Described[] =>
    texts.map((description) => ({ description }));
  return {
    users: described(given.users),
    use_cases: described(given.uses),
    limitations: described([...given.limits, ...given.nonUses.map((text) => `Not for: ${text}`)]),
    ethical_considerations: given.risks.map(({ name, mitigation }) => ({
      ...{ name, mitigation_strategy: mitigation },
    })),
  };
}
