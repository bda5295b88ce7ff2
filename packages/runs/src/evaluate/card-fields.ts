/** The fields of a model card for programs, and what all cards say the same way. */
import type { RunRecord } from '@janus/core';
import type { CardConsiderations } from './card-considerations.js';

/** A text in a list of the toolkit's. */
interface Described {
  readonly description: string;
}

/** A figure of a model card. Numbers are texts there, which `Number` reads back to the last bit. */
export interface CardMetric {
  readonly type: string;
  readonly value: string;
  /** Group of images; absent for all. */
  readonly slice?: string | undefined;
  readonly confidence_interval?:
    { readonly lower_bound: string; readonly upper_bound: string } | undefined;
}

/** Images of a card. */
export interface CardGraphics {
  readonly description: string;
  readonly collection: readonly {
    readonly name: string;
    /** A PNG file in base64. */
    readonly image: string;
  }[];
}

/**
 * A model card; its keys are the only ones that the toolkit's reader takes, at any depth.
 * Source: model_card.schema.json, version 0.0.2, of model-card-toolkit 1.2 to 2.0; `tools/oracles/model_card.py` checks cards against it.
 */
export interface ModelCard {
  readonly schema_version: '0.0.2';
  readonly model_details: {
    readonly name: string;
    readonly overview: string;
    readonly documentation: string;
    readonly version: { readonly name: string; readonly date: string };
    readonly licenses: readonly { readonly custom_text: string }[];
    readonly references: readonly { readonly reference: string }[];
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
  readonly quantitative_analysis: {
    readonly performance_metrics: readonly CardMetric[];
    readonly graphics?: CardGraphics | undefined;
  };
  readonly considerations: {
    readonly users: readonly Described[];
    readonly use_cases: readonly Described[];
    readonly limitations: readonly Described[];
    readonly tradeoffs: readonly Described[];
    readonly ethical_considerations: readonly {
      readonly name: string;
      readonly mitigation_strategy: string;
    }[];
  };
}

/** What a card says of a data set of which nothing is sensitive. */
export const NOTHING_SENSITIVE = 'none: the faces are generated';

/** Returns what a card says of the model itself, beside what its record tells. */
export function detailsOf(
  { versions, started }: RunRecord<object>,
  about: {
    readonly name: string;
    readonly overview: string;
    readonly documentation: string;
    readonly licence: string;
    /** Addresses of papers. */
    readonly references: readonly string[];
  },
): Pick<ModelCard, 'schema_version' | 'model_details'> {
  const { name, overview, documentation, licence, references } = about;
  return {
    schema_version: '0.0.2',
    model_details: {
      ...{ name, overview, documentation },
      // The day: the schema's format is a date.
      version: { name: `Janus ${versions['janus'] ?? ''}`.trim(), date: started.slice(0, 10) },
      licenses: [{ custom_text: licence }],
      references: references.map((reference) => ({ reference })),
    },
  };
}

/** A value, with its interval where there is one. */
export interface Measured {
  readonly value: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** Returns a figure, with its interval where it has one. */
export function metricOf(type: string, given: number | Measured, slice?: string): CardMetric {
  const measured: Measured = typeof given === 'number' ? { value: given } : given;
  const { value, low, high } = measured;
  return {
    ...{ type, value: String(value) },
    ...(low === undefined || high === undefined
      ? {}
      : { confidence_interval: { lower_bound: String(low), upper_bound: String(high) } }),
    ...(slice === undefined ? {} : { slice }),
  };
}

/** Returns figures of which some were not measured, without those. */
export function measuredMetrics(
  given: readonly (readonly [type: string, value: number | Measured | undefined])[],
  slice?: string,
): readonly CardMetric[] {
  return given.flatMap(([type, value]) =>
    value === undefined ? [] : [metricOf(type, value, slice)],
  );
}

/** Returns what a card says beside its figures. */
export function cardConsiderations(given: CardConsiderations): ModelCard['considerations'] {
  const described = (texts: readonly string[]): readonly Described[] =>
    texts.map((description) => ({ description }));
  return {
    users: described(given.users),
    use_cases: described(given.uses),
    limitations: described([...given.limits, ...given.nonUses.map((text) => `Not for: ${text}`)]),
    tradeoffs: described(given.tradeoffs),
    ethical_considerations: given.risks.map(({ name, mitigation }) => ({
      ...{ name, mitigation_strategy: mitigation },
    })),
  };
}

/** Returns how a run was made, in sentences. */
export function madeText({ engine, seed, dataHash }: RunRecord<object>): string {
  return `Engine ${engine}, seed ${seed}, data ${dataHash.slice(0, 12)}.`;
}
