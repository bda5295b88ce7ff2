/** The measures of a translation as the rows of one table: what the command prints and the report shows. */
import { intervalText } from './number-text.js';
import { wilsonInterval, type Interval } from './statistics.js';
import type {
  DirectionEvaluation,
  DistanceFeatures,
  NeighbourhoodMeasures,
  PairsEvaluation,
} from './translation-record.js';

/** One measure of a direction, in words. */
export interface MeasureRow {
  readonly measure: string;
  /** Of the fakes, with its 95 % interval in brackets where it has one. */
  readonly fakes?: string | undefined;
  /** Of the images as they are: what no translation would get. */
  readonly originals?: string | undefined;
  /** Of the twins: what a perfect translation would get, on generated faces. */
  readonly twins?: string | undefined;
}

/** What {@link measureRows} must know beside a direction. */
export interface MeasureRowsOptions {
  /** Title of the domain that is translated to. */
  readonly to: string;
  /** As {@link CycleGanEvaluation.features}; default `vgg16`. */
  readonly features?: DistanceFeatures | undefined;
}

/** Returns all measures of a direction that were taken, in the order of the question: changed, real, as the twin, all else kept. */
export function measureRows(
  direction: DirectionEvaluation,
  options: MeasureRowsOptions,
): readonly MeasureRow[] {
  return [
    ...judgedRows(direction, options),
    ...distanceRows(direction, options),
    ...twinErrorRows(direction),
    ...faceRows(direction),
    ...driftRows(direction),
    ...pixelRows(direction),
  ];
}

/** Returns the protocols of a direction's measures: what their values may be compared with. */
export function measureNotes(direction: DirectionEvaluation): readonly string[] {
  const { kid, frechet, neighbourhoods, inceptionScore, face, judgeTrainedOn, n } = direction;
  return [
    ...(isBootstrapped(direction) ? ['Intervals of shares: bootstrap over people.'] : []),
    ...(judgeTrainedOn === undefined
      ? []
      : [`The judge was trained on ${judgeTrainedOn} of these ${n} originals.`]),
    ...[kid, frechet, neighbourhoods, inceptionScore, face].flatMap((measure) =>
      measure === undefined ? [] : [`${capital(measure.protocol)}.`],
    ),
  ];
}

/** Whether the intervals of a direction's judged shares are a bootstrap over people: Wilson's else. */
export const isBootstrapped = ({
  intervalMethod,
}: Pick<DirectionEvaluation, 'intervalMethod'>): boolean =>
  intervalMethod === 'bootstrap over people';

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

const three = (value: number): string => value.toPrecision(3);

function judgedRows(
  { judgedAsTarget, originalsJudgedAsTarget, twins }: DirectionEvaluation,
  { to }: MeasureRowsOptions,
): readonly MeasureRow[] {
  if (judgedAsTarget === undefined) return [];
  const text = (share: Interval | undefined): string | undefined =>
    share === undefined ? undefined : intervalText(share);
  return [
    {
      measure: `judged as ${to}`,
      fakes: text(judgedAsTarget),
      originals: text(originalsJudgedAsTarget),
      twins: text(twins?.judgedAsTarget),
    },
  ];
}

function distanceRows(
  { kid, frechet, neighbourhoods, inceptionScore }: DirectionEvaluation,
  { features = 'vgg16' }: MeasureRowsOptions,
): readonly MeasureRow[] {
  const standard = features === 'inception-v3';
  const optional = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : three(value);
  const around =
    kid?.low === undefined || kid.high === undefined
      ? ''
      : ` [${three(kid.low)}, ${three(kid.high)}]`;
  return [
    ...(kid === undefined
      ? []
      : [
          {
            measure: `kernel distance (${standard ? 'KID' : 'VGG-16'})`,
            fakes: `${three(kid.value)}${around}`,
            originals: three(kid.originals),
            twins: optional(kid.twins),
          },
        ]),
    ...(frechet === undefined
      ? []
      : [
          {
            measure: `Fréchet distance (${standard ? 'FID' : 'VGG-16'})`,
            fakes: three(frechet.value),
            originals: three(frechet.originals),
            twins: optional(frechet.twins),
          },
        ]),
    ...(neighbourhoods === undefined
      ? []
      : (['precision', 'recall', 'density', 'coverage'] as const).map((measure) => {
          const of = (set: NeighbourhoodMeasures | undefined): string | undefined =>
            set?.[measure].toFixed(2);
          const { fakes, originals, twins } = neighbourhoods;
          return { measure, fakes: of(fakes), originals: of(originals), twins: of(twins) };
        })),
    ...(inceptionScore === undefined
      ? []
      : [
          {
            measure: 'Inception Score',
            fakes: `${inceptionScore.value.toFixed(2)} ± ${inceptionScore.deviation.toFixed(2)}`,
            originals: inceptionScore.originals.toFixed(2),
            twins: inceptionScore.twins?.toFixed(2),
          },
        ]),
  ];
}

/** An image left as it is has an error of 1, its twin of 0, by definition. */
const TWIN_ENDS = { originals: '1', twins: '0' } as const;

function twinErrorRows({ twinError }: DirectionEvaluation): readonly MeasureRow[] {
  if (twinError === undefined) return [];
  const { features, pixels, ranges } = twinError;
  const row = (of: string, value: number | undefined, range: Ends | undefined): MeasureRow[] =>
    value === undefined || range === undefined
      ? []
      : [{ measure: `twin error, ${of}`, fakes: twoDigits({ value, ...range }), ...TWIN_ENDS }];
  return [...row('features', features, ranges.features), ...row('pixels', pixels, ranges.pixels)];
}

type Ends = Pick<Interval, 'low' | 'high'>;

const twoDigits = ({ value, low, high }: Interval): string =>
  `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;

function faceRows({ face }: DirectionEvaluation): readonly MeasureRow[] {
  if (face === undefined) return [];
  const text = (pairs: PairsEvaluation | undefined): string | undefined =>
    pairs === undefined ? undefined : twoDigits(pairs);
  const among = (words: string, pairs: PairsEvaluation | undefined): readonly MeasureRow[] =>
    pairs === undefined
      ? []
      : [{ measure: `  ${words}, ${pairs.pairs} pairs`, originals: twoDigits(pairs) }];
  return [
    { measure: 'face, cosine to the original', fakes: text(face.fakes), twins: text(face.twins) },
    ...among('two images of one person', face.onePerson),
    ...among('images of two people', face.twoPeople),
  ];
}

/** Which other attributes changed, each with what the classifiers' own noise gives. */
function driftRows(direction: DirectionEvaluation): readonly MeasureRow[] {
  const { drift = {}, twins } = direction;
  return Object.keys(drift).map((attribute) => ({
    measure: `${attribute} changes`,
    fakes: driftText(direction, attribute),
    twins: twins === undefined ? undefined : driftText(twins, attribute),
  }));
}

function driftText(direction: DriftedImages, attribute: string): string | undefined {
  const share = driftOf(direction, attribute);
  return share === undefined ? undefined : intervalText(share);
}

/** Which attributes of images changed: a direction of a translation, or its twins. */
export type DriftedImages = Pick<DirectionEvaluation, 'n' | 'drift' | 'driftRanges'>;

/**
 * Returns the share of images whose value of an attribute changed, 0 to 1, with its 95 % interval: that of `driftRanges`,
 * or Wilson's in older files, which have none, as if each image showed another person. Undefined where nothing told it.
 */
export function driftOf(
  { drift, driftRanges, n }: DriftedImages,
  attribute: string,
): Interval | undefined {
  const value = drift?.[attribute];
  if (value === undefined) return undefined;
  const { low, high } = driftRanges?.[attribute] ?? wilsonInterval(Math.round(value * n), n);
  return { value, low, high };
}

function pixelRows({
  changeL1,
  identityL1,
  cycleL1,
  cycle,
}: DirectionEvaluation): readonly MeasureRow[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['change, mean |G(x) - x|', changeL1.toFixed(3)],
    ['identity error, mean |G(y) - y|', identityL1?.toFixed(3)],
    ['cycle error, mean |F(G(x)) - x|', cycleL1?.toFixed(3)],
    ['cycle, PSNR', cycle?.psnr === undefined ? undefined : `${cycle.psnr.toFixed(1)} dB`],
    ['cycle, SSIM', cycle?.ssim?.toFixed(3)],
    ['cycle, perceptual distance', cycle?.perceptual?.toFixed(3)],
  ];
  return rows.flatMap(([measure, fakes]) => (fakes === undefined ? [] : [{ measure, fakes }]));
}
