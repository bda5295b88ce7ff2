/** The model card for programs of a classifier of several targets. */
import type { RunRecord, TargetsEvaluation } from '@janus/core';
import type { DatasetRecord } from '@janus/data';
import type { ResolvedClassifierOptions } from '../classifier/options.js';
import { cardConsiderations, type CardGraphics, type ModelCard } from './card-fields.js';
import { classifierCardJson } from './model-card-json.js';
import { targetsConsiderations } from './targets-card.js';

/**
 * Returns the model card of a classifier of several targets: the figures of each as `classifierCardJson` has them, their
 * types after the target's name.
 */
export function targetsCardJson(given: {
  readonly record: RunRecord<ResolvedClassifierOptions>;
  readonly evaluation: TargetsEvaluation;
  readonly dataset: DatasetRecord;
  readonly graphics?: CardGraphics | undefined;
}): ModelCard {
  const { record, evaluation, dataset, graphics } = given;
  const targets = Object.values(evaluation.targets);
  const cards = targets.map((each) => classifierCardJson({ record, dataset, evaluation: each }));
  const [first] = cards;
  if (first === undefined) throw new Error('an evaluation without a target');
  const names = targets.map(({ target }) => target).join(', ');
  return {
    ...first,
    model_details: {
      ...first.model_details,
      name: `${names}: classifier`,
      overview: `Tells ${names} from one image, as labelled in: ${dataset.source}.`,
    },
    model_parameters: {
      ...first.model_parameters,
      output_format: `An output a target: ${targets.map(({ target, classes }) => `logits of ${target} (${classes.join(', ')})`).join('; ')}`,
    },
    quantitative_analysis: {
      performance_metrics: targets.flatMap(({ target }, i) =>
        (cards[i]?.quantitative_analysis.performance_metrics ?? []).map((each) => ({
          ...each,
          type: `${target}: ${each.type}`,
        })),
      ),
      ...(graphics === undefined ? {} : { graphics }),
    },
    considerations: cardConsiderations(targetsConsiderations(targets, dataset, record.options)),
  };
}
