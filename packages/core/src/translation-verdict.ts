/** What the measures of a translation mean, in a sentence. */
import type { Interval } from './statistics.js';
import type { DirectionEvaluation } from './translation-record.js';

/** Where the sentence of {@link translationVerdict} turns from good to bad. */
export interface VerdictThresholds {
  /**
   * Share of images, above that of the twins, from which an attribute that was to stay counts as changed. Default 0.05: of 150
   * images, a share of a tenth is known to within 5 points, so that less cannot be told from chance.
   */
  readonly drift: number;
  /** Twin error below which fakes come closer to their twins than no change does. Default 1, that of unchanged images. */
  readonly twinError: number;
}

/** See {@link VerdictThresholds}. */
export const VERDICT_THRESHOLDS: VerdictThresholds = { drift: 0.05, twinError: 1 };

/** What {@link translationVerdict} must know beside a direction. */
export interface VerdictOptions extends Partial<VerdictThresholds> {
  /** Title of the domain that is translated to. */
  readonly to: string;
}

/** One thing that a translation does, or fails to do. */
interface Finding {
  readonly good: boolean;
  /** Goes on from `It`. */
  readonly text: string;
}

/**
 * Returns in a sentence what a direction's measures mean: what is achieved, then what is not. The rules, each of which is left out
 * where its measure is missing:
 *
 * - the image is changed where the lower end of the fakes' judged share lies above the upper end of the originals';
 * - it comes closer to the real images where the kernel distance's upper end lies below the originals' distance, and goes away
 *   from them where its lower end lies above it. A share counts only with the former: a judge is fooled by speckle that no
 *   person takes for a change, and such fakes lie further from the real images than the originals do;
 * - it comes closer to the twins where the upper end of the twin error, in features where there is a judge, lies below
 *   {@link VerdictThresholds.twinError};
 * - the face stays where it is as like the original as two images of one person are to each other, or as the twin is; intervals
 *   that touch count as alike;
 * - all else stays where no attribute changes in more than {@link VerdictThresholds.drift} more images than in the twins (where
 *   there are none: than in 0).
 */
export function translationVerdict(direction: DirectionEvaluation, given: VerdictOptions): string {
  const options = { ...VERDICT_THRESHOLDS, ...given };
  const findings = [
    ...judgedFinding(direction, options),
    ...distanceFinding(direction, options),
    ...twinFinding(direction, options),
    ...faceFinding(direction),
    ...driftFinding(direction, options),
  ];
  if (findings.length === 0) return 'Nothing was measured that tells whether it is a translation.';
  const [good, bad] = [true, false].map((wanted) =>
    enumerated(findings.flatMap(({ good: is, text }) => (is === wanted ? [text] : []))),
  );
  if (good === '') return `It ${bad ?? ''}.`;
  return bad === '' ? `It ${good ?? ''}.` : `It ${good ?? ''}, but ${bad ?? ''}.`;
}

type Needed = Required<VerdictOptions>;

/** `a`, `a and b`, `a, b and c`. */
function enumerated(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function judgedFinding(
  { judgedAsTarget: fakes, originalsJudgedAsTarget: before, twins }: DirectionEvaluation,
  { to }: Needed,
): readonly Finding[] {
  if (fakes === undefined || before === undefined) return [];
  const ideal = twins?.judgedAsTarget;
  const ofTwins = ideal === undefined ? '' : `, of the twins ${percent(ideal.value)}`;
  const shares = `${percent(fakes.value)} judged as ${to}, of the originals ${percent(before.value)}${ofTwins}`;
  const good = fakes.low > before.high;
  return [
    { good, text: `${good ? 'changes' : 'does not change'} what the judge sees (${shares})` },
  ];
}

function distanceFinding(direction: DirectionEvaluation, { to }: Needed): readonly Finding[] {
  const { kid, judgedAsTarget: fakes, originalsJudgedAsTarget: before } = direction;
  if (kid === undefined) return [];
  const { value, low = value, high = value, originals } = kid;
  const numbers = `(kernel distance ${value.toPrecision(2)}, of the originals ${originals.toPrecision(2)})`;
  if (high < originals) {
    return [{ good: true, text: `comes closer to real images of ${to} ${numbers}` }];
  }
  const away = low > originals;
  const isJudged = fakes !== undefined && before !== undefined && fakes.low > before.high;
  const warning = isJudged ? ', so that the judged share is not to be trusted' : '';
  return [
    {
      good: false,
      text: `${away ? 'goes away from' : 'comes no closer to'} real images of ${to} ${numbers}${warning}`,
    },
  ];
}

function twinFinding({ twinError }: DirectionEvaluation, { twinError: limit }: Needed): Finding[] {
  if (twinError === undefined) return [];
  const { features, pixels, ranges } = twinError;
  const [value, { high }, of] =
    features === undefined || ranges.features === undefined
      ? ([pixels, ranges.pixels, 'pixels'] as const)
      : ([features, ranges.features, 'features'] as const);
  const good = high < limit;
  return [
    {
      good,
      text: `comes ${good ? 'closer' : 'no closer'} to the twins than no change would (error ${value.toFixed(2)} in ${of})`,
    },
  ];
}

function faceFinding({ face }: DirectionEvaluation): readonly Finding[] {
  if (face === undefined) return [];
  const { fakes, twins, onePerson, twoPeople } = face;
  const [like, words] =
    onePerson === undefined
      ? ([twins, 'the twin'] as const)
      : ([onePerson, 'two images of one person'] as const);
  const numbers = (other: Interval, of: string): string =>
    `(cosine ${fakes.value.toFixed(2)}, of ${of} ${other.value.toFixed(2)})`;
  if (twoPeople !== undefined && fakes.low <= twoPeople.high) {
    return [
      { good: false, text: `makes another person of a face ${numbers(twoPeople, 'two people')}` },
    ];
  }
  if (like === undefined) return [];
  const good = fakes.high >= like.low;
  return [
    {
      good,
      text: good
        ? `keeps the face ${numbers(like, words)}`
        : `changes the face more than ${words} ${onePerson === undefined ? 'does' : 'differ'} ${numbers(like, words)}`,
    },
  ];
}

/** Of shares in floating point: 0.17 - 0.15 is 2 points, not 3. */
const ROUNDING = 1e-9;

function driftFinding({ drift, twins }: DirectionEvaluation, { drift: limit }: Needed): Finding[] {
  const excess = Object.entries(drift ?? {})
    .map(([attribute, share]) => {
      const noise = twins?.drift?.[attribute];
      return { attribute, share, noise, above: share - (noise ?? 0) };
    })
    .sort((a, b) => b.above - a.above);
  const [worst] = excess;
  if (worst === undefined) return [];
  const moved = excess.filter(({ above }) => above > limit);
  if (moved.length === 0) {
    const points = Math.max(0, Math.ceil(100 * worst.above - ROUNDING));
    const than = worst.noise === undefined ? 'as it was' : 'as in the twins';
    return [{ good: true, text: `keeps everything else ${than}, within ${points} points` }];
  }
  const each = moved.map(({ attribute, share, noise }) => {
    const ofTwins = noise === undefined ? '' : `, of the twins in ${percent(noise)}`;
    return `${attribute} (in ${percent(share)} of the images${ofTwins})`;
  });
  return [{ good: false, text: `changes ${enumerated(each)} too` }];
}
