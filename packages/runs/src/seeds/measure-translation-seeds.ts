/** Measures of translations that differ in their seed alone. */
import {
  meanInterval,
  type DirectionEvaluation,
  type SeedsDirection,
  type SeedsMean,
} from '@janus/core';

/**
 * Returns what an evaluation measured of a direction's fakes, by place. What seeds do not vary, that of the originals and
 * the twins, is left out.
 */
export function fakesMeasures(direction: DirectionEvaluation): Readonly<Record<string, number>> {
  const { judgedAsTarget, kid, frechet, neighbourhoods, inceptionScore } = direction;
  const { twinError, face, drift, changeL1, identityL1, cycleL1, cycle } = direction;
  const all: Readonly<Record<string, number | undefined>> = {
    judgedAsTarget: judgedAsTarget?.value,
    kid: kid?.value,
    frechet: frechet?.value,
    ...below('neighbourhoods', neighbourhoods?.fakes),
    inceptionScore: inceptionScore?.value,
    'twinError.features': twinError?.features,
    'twinError.pixels': twinError?.pixels,
    face: face?.fakes.value,
    ...below('drift', drift),
    ...{ changeL1, identityL1, cycleL1 },
    ...below('cycle', cycle),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

const below = (
  name: string,
  values: object | undefined,
): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [`${name}.${key}`, value]));

/**
 * Returns the measures of a direction over runs: those that all of them have.
 *
 * @param runs in the order of the seeds; at least one
 */
export function measureDirectionSeeds(runs: readonly DirectionEvaluation[]): SeedsDirection {
  const found = runs.map(fakesMeasures);
  const names = Object.keys(found[0] ?? {}).filter((name) => found.every((run) => name in run));
  return {
    n: runs[0]?.n ?? 0,
    measures: Object.fromEntries(
      names.map((name): [string, SeedsMean] => {
        const values = found.map((run) => run[name] ?? NaN);
        return [name, { values, seeds: values.length < 2 ? null : meanInterval(values) }];
      }),
    ),
  };
}
