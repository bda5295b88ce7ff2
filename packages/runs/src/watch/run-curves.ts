/** A run's curves, drawn from its records. */
import { OptionsError, type RunKind, type StepRecord } from '@janus/core';
import {
  ganLosses,
  learningCurves,
  learningRates,
  themed,
  type Figure,
  type ThemeName,
} from '@janus/figures';
import type { CurvesView } from './run-view.js';

/** What is drawn. */
export interface DrawnRun {
  readonly id: string;
  readonly kind: RunKind;
  readonly records: readonly StepRecord[];
}

/** Returns the curves of a run in the colours of a theme; none before its first record. */
export function runCurves({ id, kind, records }: DrawnRun, theme: ThemeName): CurvesView {
  if (records.length === 0) return { figures: [] };
  const losses = kind === 'classifier' ? learningCurves(records) : translationLosses(records);
  const named: readonly (readonly [string, Figure | undefined])[] = [
    ['Losses', losses],
    ['Learning rate', learningRates(records)],
  ];
  return {
    figures: named.flatMap(([title, figure]) => {
      if (figure === undefined) return [];
      const { data, layout } = themed(figure, theme);
      // What a reader has zoomed into stays while the curves grow.
      return [{ title, data, layout: { ...layout, uirevision: id } }];
    }),
  };
}

/** Returns the losses of a translation; undefined while the records have none that are drawn. */
function translationLosses(records: readonly StepRecord[]): Figure | undefined {
  try {
    return ganLosses(records, { title: 'Losses' });
  } catch (error) {
    if (error instanceof OptionsError) return undefined;
    throw error;
  }
}
