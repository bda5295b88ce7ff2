/** What a model card says beside its figures: what for, what not for, and where the model's limits are. */
import {
  countText,
  intervalText,
  percentText,
  type ClassifierEvaluation,
  type SlicesRecord,
} from '@janus/core';
import type { DatasetRecord } from '@janus/data';
import type { ClassifierRunOptions } from '../classifier/options.js';

/** A risk of using a model, and what is done about it. */
export interface CardRisk {
  readonly name: string;
  readonly mitigation: string;
}

/** What a model is for, and where its limits are. */
export interface CardConsiderations {
  readonly users: readonly string[];
  readonly uses: readonly string[];
  readonly nonUses: readonly string[];
  readonly limits: readonly string[];
  /** What was gained at what price. */
  readonly tradeoffs: readonly string[];
  readonly risks: readonly CardRisk[];
}

const NON_USES: readonly string[] = [
  'Deciding anything about a person: access, hiring, policing, prices.',
  "Telling who somebody is, or what they feel or believe. A label such as *gender* is what the data set's makers perceived or recorded, not what somebody is.",
  'Images unlike those it was trained on.',
];

/** How the labels came about, as a limit. */
const LABELLED: Readonly<Record<NonNullable<DatasetRecord['labelling']>['kind'], string>> = {
  perceived:
    'Labels are perceived: somebody judged the image. The model repeats such judgements, with their mistakes and conventions.',
  recorded:
    'Labels come from records about the people, not from the images: what an image shows may not tell them.',
  drawn:
    'Images and labels are drawn by a program: figures say nothing about photographs of people.',
  unknown: 'Who labelled the images, and how, is not known.',
};

/** Returns what a classifier is for, and where its limits are. */
export function classifierConsiderations(
  evaluation: ClassifierEvaluation,
  { labelling }: DatasetRecord,
  options: TradeoffOptions,
): CardConsiderations {
  const { target, n, split, majority, accuracy, perClass, slices } = evaluation;
  const [rarest] = Object.entries(perClass).sort(([, a], [, b]) => a.n - b.n);
  return {
    users: ['People who study image data sets, and students of image classification.'],
    uses: [
      `Sorting images of a study by how they look, as labelled in ${target}; every count with its error.`,
      'Judging translations of images between the classes.',
    ],
    nonUses: NON_USES,
    limits: [
      LABELLED[labelling?.kind ?? 'unknown'],
      `Measured on ${countText(n)} images of the ${split} split of the data that it was trained on; other images have other figures.`,
      `Always naming the commonest class would have ${percentText(majority)}, where the model has ${intervalText(accuracy)}.`,
      ...(rarest === undefined
        ? []
        : [
            `Of ${rarest[0]} there are ${countText(rarest[1].n)} images: its recall is ${intervalText(rarest[1].recall)}.`,
          ]),
      ...sliceLimits(slices),
    ],
    tradeoffs: classifierTradeoffs(options),
    risks: [
      {
        name: 'Groups of people may be told less well than others.',
        mitigation:
          slices === undefined
            ? 'Not measured here: evaluate by groups before use.'
            : 'Accuracy by group is in this card; groups of too few images are marked.',
      },
      {
        name: 'A prediction may be taken for a fact about a person.',
        mitigation: 'Predictions come with probabilities, and this card says what labels mean.',
      },
    ],
  };
}

/** The options that decide on trade-offs. */
type TradeoffOptions = Pick<
  ClassifierRunOptions,
  'classWeights' | 'size' | 'unfreeze' | 'backbone'
>;

/** Returns what a classifier's options gain, and at what price. */
function classifierTradeoffs(options: TradeoffOptions): readonly string[] {
  const { classWeights, size, unfreeze, backbone } = options;
  return [
    classWeights === 'balanced'
      ? 'In training, each class counted as much as the others, however rare: rare classes are found more often, and common ones are taken for them more often.'
      : 'In training, each image counted as much as the others: the commonest classes are told best, and rare ones are missed more often.',
    `Images are seen at ${size} x ${size} pixels: fewer are faster, and finer detail is lost.`,
    ...(unfreeze === 'none' && backbone !== 'small-vgg'
      ? [
          'The backbone is as it was pretrained: few images suffice, and what its features lack cannot be learnt.',
        ]
      : []),
    'Answering only where the probability is high makes fewer mistakes, and leaves images without an answer.',
  ];
}

/** Returns the lowest accuracy of a group. */
function sliceLimits(slices: SlicesRecord | undefined): readonly string[] {
  const cells = (slices?.frames ?? []).flatMap(({ columns, cells: own }) =>
    own.flatMap(({ values, n, accuracy }) =>
      accuracy === undefined ? [] : [{ name: sliceName(columns, values), n, accuracy }],
    ),
  );
  const [lowest] = cells.sort((a, b) => a.accuracy.value - b.accuracy.value);
  if (lowest === undefined) return ['Accuracy by groups of people was not measured.'];
  return [
    `Lowest accuracy of a group: ${lowest.name}, ${intervalText(lowest.accuracy)}, n = ${countText(lowest.n)}.`,
  ];
}

/** Returns a group's name: `gender=female, age=3-9`. */
export const sliceName = (columns: readonly string[], values: readonly string[]): string =>
  columns.map((column, i) => `${column}=${values[i] ?? ''}`).join(', ');

/** What a translation is for, and where its limits are. */
export const TRANSLATION_CONSIDERATIONS: CardConsiderations = {
  users: ['People who study image translation, and students of it.'],
  uses: [
    'Showing what differs between two sets of images. A translation is a fake and must be called one.',
  ],
  nonUses: [...NON_USES, 'Images of a person that are to pass for real ones.'],
  limits: [
    'Differences between the two sets that nobody meant are translated too: background, light, pose.',
    'Kernel distances of a few hundred images vary; compare them on the same protocol alone.',
  ],
  tradeoffs: [
    'Changing an image and keeping the rest of it pull against each other: the terms that hold a fake to its original also hold back the change.',
    'Larger images take more memory and time a step, and at the same number of steps come out less finished.',
  ],
  risks: [
    {
      name: 'A fake may be taken for a photograph of a person.',
      mitigation: 'Files and pages call translations fakes, and show them beside the original.',
    },
  ],
};
