/** The model card of a translation for programs, `card.json`: the fields of Google's model card toolkit. */
import {
  directionsOf,
  isBootstrapped,
  translationTitle,
  type DirectionEvaluation,
  type RunRecord,
  type TranslationEvaluation,
} from '@janus/core';
import { TRANSLATION_CONSIDERATIONS } from './card-considerations.js';
import {
  cardConsiderations,
  detailsOf,
  madeText,
  measuredMetrics,
  NOTHING_SENSITIVE,
  type CardGraphics,
  type CardMetric,
  type ModelCard,
} from './card-fields.js';
import { isOfGeneratedFaces } from './card-graphics.js';

/** What cards call the kinds of translation, and what these are made of. */
const TRANSLATION_MODELS: Readonly<
  Record<
    TranslationEvaluation['kind'],
    {
      readonly title: string;
      readonly made: string;
      readonly what: string;
      /** Number of the paper on arXiv. */
      readonly paper: string;
    }
  >
> = {
  cyclegan: {
    ...{ title: 'CycleGAN', what: 'Translates images between', paper: '1703.10593' },
    made: 'CycleGAN: two generators and two discriminators',
  },
  cut: {
    ...{ title: 'CUT', what: 'Translates images from', paper: '2007.15651' },
    made: 'CUT: a generator and a discriminator, held together by PatchNCE',
  },
  stargan: {
    ...{ title: 'StarGAN', what: 'Sets attributes of images:', paper: '1711.09020' },
    made: 'StarGAN: a generator that takes labels, and a discriminator that tells them',
  },
  icgan: {
    ...{ title: 'IcGAN', what: 'Makes images again with attributes set:', paper: '1611.06355' },
    made: 'IcGAN: a generator of labels and latent numbers, and encoders that tell both of an image',
  },
};

/** Returns the model card of a translation: all that was measured, of each direction. */
export function translationCardJson(given: {
  readonly record: RunRecord<object>;
  readonly evaluation: TranslationEvaluation;
  readonly graphics?: CardGraphics | undefined;
}): ModelCard {
  const { record, evaluation, graphics } = given;
  const { split, kind, judge } = evaluation;
  const { title, made, what, paper } = TRANSLATION_MODELS[kind];
  const directions = directionsOf(evaluation);
  const sources = [...new Set(directions.flatMap(({ from, to }) => [from, to]))];
  const between = translationTitle(evaluation);
  return {
    ...detailsOf(record, {
      name: `${between}: ${title}`,
      overview: `${what} ${between}. A translation is a fake.`,
      documentation: `Measured on the ${split} split. Judge: ${judge === 'none' ? 'none' : 'an independent classifier'}; its shares have ${directions.some(({ result }) => isBootstrapped(result)) ? "intervals from a bootstrap over people where one has several images, else Wilson's" : "Wilson's intervals"}, 95 %. ${madeText(record)} \`janus translate <run> <image...> --out <dir>\` and \`translateImages\` of @janus/runs translate images.`,
      licence: 'That of the images that it was trained on.',
      references: [`https://arxiv.org/abs/${paper}`],
    }),
    model_parameters: {
      model_architecture: `${made} (arXiv ${paper})`,
      data: sources.map((name) => ({
        name,
        description: `Domain of the training; measured on the ${split} split.`,
        sensitive: {
          sensitive_data: [
            isOfGeneratedFaces(evaluation)
              ? NOTHING_SENSITIVE
              : 'images of people, where the domain shows people',
          ],
        },
      })),
      input_format: 'RGB images, 0 to 255',
      output_format: 'RGB images of the same size',
    },
    quantitative_analysis: {
      performance_metrics: directions.flatMap(({ from, to, result }) =>
        metricsOf(result, `${from} to ${to}`),
      ),
      ...(graphics === undefined ? {} : { graphics }),
    },
    considerations: cardConsiderations(TRANSLATION_CONSIDERATIONS),
  };
}

/** Returns what was measured of a direction: of fakes, of originals (no translation) and of twins (a perfect one). */
function metricsOf(result: DirectionEvaluation, slice: string): readonly CardMetric[] {
  const { n, kid, frechet, neighbourhoods, inceptionScore, twinError, twins, face, cycle } = result;
  const near = (['precision', 'recall', 'density', 'coverage'] as const).flatMap(
    (name) =>
      [
        [name, neighbourhoods?.fakes[name]],
        [`${name} of the originals`, neighbourhoods?.originals[name]],
      ] as const,
  );
  const ranged = (value: number | undefined, range: { low: number; high: number } | undefined) =>
    value === undefined ? undefined : { value, ...range };
  return measuredMetrics(
    [
      [`fakes judged as target (n = ${n})`, result.judgedAsTarget],
      ['originals judged as target', result.originalsJudgedAsTarget],
      ['twins judged as target', twins?.judgedAsTarget],
      ['kernel distance', kid],
      ['kernel distance of the originals', kid?.originals],
      ['Fréchet distance', frechet?.value],
      ['Fréchet distance of the originals', frechet?.originals],
      ...near,
      ['Inception Score', inceptionScore?.value],
      ['Inception Score of the originals', inceptionScore?.originals],
      ['twin error, features', ranged(twinError?.features, twinError?.ranges.features)],
      ['twin error, pixels', ranged(twinError?.pixels, twinError?.ranges.pixels)],
      ['face, cosine to the original', face?.fakes],
      ['face, cosine of two people', face?.twoPeople],
      ...Object.entries(result.drift ?? {}).map(
        ([attribute, share]) => [`share whose ${attribute} changes`, share] as const,
      ),
      ['change L1 (0 to 2)', result.changeL1],
      ['identity L1 (0 to 2)', result.identityL1],
      ['cycle L1 (0 to 2)', result.cycleL1],
      ['cycle, PSNR (dB)', cycle?.psnr],
      ['cycle, SSIM', cycle?.ssim],
      ['cycle, perceptual distance', cycle?.perceptual],
    ],
    slice,
  );
}
