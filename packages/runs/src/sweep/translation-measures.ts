/** What a table has of a direction's evaluation. */
import {
  isBootstrapped,
  wilsonInterval,
  type DirectionEvaluation,
  type Interval,
  type SweepAccuracy,
  type TranslationMeasures,
} from '@janus/core';

/** Returns the measures of a direction that tables and curves show. */
export function measuresOf({
  n,
  judgedAsTarget,
  intervalMethod,
  kid,
  twinError,
  cycleL1,
  changeL1,
}: DirectionEvaluation): TranslationMeasures {
  return {
    ...{ n, cycleL1, changeL1 },
    ...(judgedAsTarget && { judgedAsTarget }),
    ...(intervalMethod && { intervalMethod }),
    ...(kid && { kid: kid.value, kidOriginals: kid.originals }),
    ...(twinError && { twinErrorPixels: twinError.pixels }),
    ...(twinError?.features !== undefined && { twinErrorFeatures: twinError.features }),
  };
}

/**
 * Returns the share of the fakes of all directions that are judged as their target, with its 95 % interval; null where they
 * were not judged. Where people have several images, the directions' intervals are put together as those of independent
 * shares.
 *
 * Source: Zou and Donner 2008, Statistics in Medicine 27(10): the method of variance estimates recovery.
 */
export function judgedOf(directions: readonly DirectionEvaluation[]): SweepAccuracy | null {
  const all = directions.reduce((sum, { n }) => sum + n, 0);
  const shares = directions.flatMap(({ n, judgedAsTarget: share }) =>
    share === undefined ? [] : [{ ...share, n, judged: Math.round(share.value * n) }],
  );
  if (shares.length < directions.length) return null;
  const judged = shares.reduce((sum, each) => sum + each.judged, 0);
  if (!directions.some(isBootstrapped)) return { ...wilsonInterval(judged, all), n: all };
  const value = judged / all;
  const reach = (of: (share: Interval) => number): number =>
    Math.hypot(...shares.map((share) => (share.n / all) * of(share)));
  return {
    value,
    low: value - reach((share) => share.value - share.low),
    high: value + reach((share) => share.high - share.value),
    n: all,
  };
}
