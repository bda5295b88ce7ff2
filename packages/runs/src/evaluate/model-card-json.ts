/** The model card of a classifier for programs, `card.json`: the fields of Google's model card toolkit. */
import type { ClassifierEvaluation, RunRecord, SlicesRecord } from '@janus/core';
import type { DatasetRecord } from '@janus/data';
import type { BackboneName } from '@janus/models';
import type { ResolvedClassifierOptions } from '../classifier/options.js';
import { backboneText } from './backbone-text.js';
import { classifierConsiderations, sliceName } from './card-considerations.js';
import {
  cardConsiderations,
  detailsOf,
  madeText,
  measuredMetrics,
  metricOf,
  NOTHING_SENSITIVE,
  type CardGraphics,
  type CardMetric,
  type ModelCard,
} from './card-fields.js';

/** What {@link classifierCardJson} is made from. */
export interface ClassifierCardInput {
  readonly record: RunRecord<ResolvedClassifierOptions>;
  readonly evaluation: ClassifierEvaluation;
  readonly dataset: DatasetRecord;
  readonly graphics?: CardGraphics | undefined;
}

/** Papers of the backbones; of the small ones there are none. */
const PAPERS: Readonly<Partial<Record<BackboneName, string>>> = {
  vgg16: 'https://arxiv.org/abs/1409.1556',
  vgg19: 'https://arxiv.org/abs/1409.1556',
  squeezenet: 'https://arxiv.org/abs/1602.07360',
  mobilenet: 'https://arxiv.org/abs/1704.04861',
  faceres: 'https://doi.org/10.7717/peerj-cs.197',
};

/** Returns the model card of a classifier: every figure with its interval, all images first, then classes and groups. */
export function classifierCardJson(given: ClassifierCardInput): ModelCard {
  const { record, evaluation, dataset, graphics } = given;
  const { options } = record;
  const { target, classes } = evaluation;
  const { backbone, cut, pooling, normalisation, head, unfreeze, size } = options;
  const paper = PAPERS[backbone as BackboneName];
  return {
    ...detailsOf(record, {
      name: `${target}: classifier`,
      overview: `Tells ${target} (${classes.join(', ')}) of images, as labelled in: ${dataset.source}.`,
      documentation: `${backboneText(options)} Intervals: ${evaluation.intervalMethod}. ${madeText(record)} \`janus predict <run> <image...>\` and \`predictImages\` of @janus/runs answer for images.`,
      licence: `Of the data: ${dataset.licence}.`,
      references: paper === undefined ? [] : [paper],
    }),
    model_parameters: {
      model_architecture: `${backbone} up to ${cut}, pooling ${pooling}, normalisation ${normalisation}, head ${head}, unfrozen: ${unfreeze}`,
      data: [dataOf(dataset, record)],
      input_format: `RGB images of ${size} x ${size} pixels, 0 to 255`,
      output_format: `Logits of ${classes.join(', ')}; softmax gives probabilities`,
    },
    quantitative_analysis: {
      performance_metrics: metricsOf(evaluation),
      ...(graphics === undefined ? {} : { graphics }),
    },
    considerations: cardConsiderations(classifierConsiderations(evaluation, dataset, options)),
  };
}

function metricsOf(evaluation: ClassifierEvaluation): readonly CardMetric[] {
  const { split, n, accuracy, ranking, calibration, robustness, baseline } = evaluation;
  return [
    metricOf(`accuracy (${split} split, n = ${n})`, accuracy),
    metricOf('balanced accuracy', evaluation.balancedAccuracy),
    metricOf('accuracy of always naming the commonest class', evaluation.majority),
    ...measuredMetrics([
      [
        `accuracy of a model of labels alone (${baseline?.columns.join(', ') ?? ''})`,
        baseline?.accuracy,
      ],
      ['area under the ROC curve, mean over the classes', ranking?.auc],
      ['average precision, mean over the classes', ranking?.averagePrecision],
      ['expected calibration error (15 bins)', evaluation.calibrationError],
      ['Brier score', calibration?.brier],
      ['log loss', calibration?.logLoss],
      ['mean absolute error', evaluation.mae],
      ['mean absolute error of always naming the median', evaluation.medianMae],
      ['share of errors of at most 5', evaluation.withinFive],
    ]),
    ...classMetrics(evaluation),
    ...groupMetrics(evaluation.slices),
    ...(robustness?.rows ?? []).map(({ change, strength, accuracy: share }) =>
      metricOf(
        `accuracy (n = ${robustness?.n ?? 0})`,
        share,
        `changed images: ${change} ${strength}`,
      ),
    ),
  ];
}

const classMetrics = ({ perClass, target }: ClassifierEvaluation): readonly CardMetric[] =>
  Object.entries(perClass).flatMap(([name, { recall, precision, f1 }]) => [
    metricOf('recall', recall, `${target}=${name}`),
    ...measuredMetrics([['F1', f1]], `${target}=${name}`),
    ...measuredMetrics([['precision', precision]], `predicted ${name}`),
  ]);

const groupMetrics = (slices: SlicesRecord | undefined): readonly CardMetric[] =>
  (slices?.frames ?? []).flatMap(({ columns, cells }) =>
    cells.flatMap(({ values, n, accuracy }) =>
      measuredMetrics([[`accuracy (n = ${n})`, accuracy]], sliceName(columns, values)),
    ),
  );

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
          ? [NOTHING_SENSITIVE]
          : ['images of people, and what was perceived or recorded about them'],
    },
  };
}
