/** What a table has of a direction's evaluation. */
import type { DirectionEvaluation, TranslationMeasures } from '@janus/core';

/** Returns the measures of a direction that tables and curves show. */
export function measuresOf({
  n,
  judgedAsTarget,
  kid,
  twinError,
  cycleL1,
  changeL1,
}: DirectionEvaluation): TranslationMeasures {
  return {
    ...{ n, cycleL1, changeL1 },
    ...(judgedAsTarget && { judgedAsTarget }),
    ...(kid && { kid: kid.value, kidOriginals: kid.originals }),
    ...(twinError && { twinErrorPixels: twinError.pixels }),
    ...(twinError?.features !== undefined && { twinErrorFeatures: twinError.features }),
  };
}
