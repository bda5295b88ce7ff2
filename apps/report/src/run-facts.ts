/** What a run is and how it fared, in the words of tables and of the comparison of two runs. */
import { join } from 'node:path';
import {
  estimateText,
  measureRows,
  percentText,
  shellWord,
  trainCommand,
  type CycleGanEvaluation,
  type DirectionEvaluation,
  type Interval,
} from '@janus/core';
import { runWords } from './classifier-section.js';
import type { PageMeasure, PageRun } from './page-data.js';
import type { ClassifierRun, CycleGanRun, ReportRun } from './read-runs.js';
import { valueText } from './run-text.js';

/** The measure that the table of runs shows. */
export interface MainMeasure {
  /** What it is: `accuracy, gender`. */
  readonly name: string;
  readonly interval: Interval;
  /** Images that it stands on. */
  readonly n: number;
}

/** Returns the main measures of a run: of a classifier its accuracy, of a CycleGAN how often its fakes convince. */
export function mainMeasures(run: ReportRun): readonly MainMeasure[] {
  if (run.kind === 'classifier') return accuraciesOf(run);
  const { evaluation } = run;
  return directionsOf(evaluation).flatMap(([words, { judgedAsTarget, n }]) =>
    judgedAsTarget === undefined
      ? []
      : [{ name: `judged as target, ${words}`, interval: judgedAsTarget, n }],
  );
}

function accuraciesOf({ evaluation, targets }: ClassifierRun): readonly MainMeasure[] {
  const all = evaluation === undefined ? Object.values(targets?.targets ?? {}) : [evaluation];
  return all.map(({ target, accuracy, n }) => ({
    ...{ name: `accuracy, ${target}`, interval: accuracy, n },
  }));
}

function directionsOf(
  evaluation: CycleGanEvaluation | undefined,
): readonly (readonly [words: string, direction: DirectionEvaluation, to: string])[] {
  if (evaluation === undefined) return [];
  const { domains, xToY, yToX } = evaluation;
  return [
    [`${domains.x} → ${domains.y}`, xToY, domains.y],
    [`${domains.y} → ${domains.x}`, yToX, domains.x],
  ];
}

function classifierMeasures(run: ClassifierRun): readonly PageMeasure[] {
  const { evaluation, targets } = run;
  const all = evaluation === undefined ? Object.values(targets?.targets ?? {}) : [evaluation];
  return all.flatMap((each) => {
    const { target, n, accuracy, balancedAccuracy, majority, calibrationError, perClass } = each;
    return [
      { name: `Accuracy, ${target}`, text: estimateText(accuracy, n) },
      { name: `Balanced accuracy, ${target}`, text: estimateText(balancedAccuracy, n) },
      { name: `Commonest class alone, ${target}`, text: percentText(majority) },
      { name: `Calibration error, ${target}`, text: percentText(calibrationError) },
      ...Object.entries(perClass).map(([name, { recall, n: of }]) => ({
        name: `Recall of ${name}`,
        text: estimateText(recall, of),
      })),
    ];
  });
}

function cycleGanMeasures({ evaluation }: CycleGanRun): readonly PageMeasure[] {
  const features = evaluation?.features;
  return directionsOf(evaluation).flatMap(([words, direction, to]) =>
    measureRows(direction, { to, features }).flatMap(({ measure, fakes }) =>
      fakes === undefined ? [] : [{ name: `${measure}, ${words}`, text: fakes }],
    ),
  );
}

/** Returns a run as the page's script compares it. */
export function pageRun(run: ReportRun): PageRun {
  const { id, name, kind, record, metrics } = run;
  const options = Object.entries({ seed: record.seed, ...record.options });
  return {
    ...{ id, name, kind, command: trainCommand(record) },
    options: Object.fromEntries(options.map(([key, value]) => [key, valueText(value)])),
    measures: run.kind === 'classifier' ? classifierMeasures(run) : cycleGanMeasures(run),
    curves: metrics.length === 0 ? null : `${id}-${kind === 'classifier' ? 'learning' : 'losses'}`,
  };
}

/** Returns the commands that made a run and its numbers, in their order. */
export function runCommands(run: ReportRun, runs: string): readonly string[] {
  const place = shellWord(run.folder === runs ? runs : join(runs, run.name));
  const split = evaluatedSplit(run);
  return [
    `${trainCommand(run.record)} --run ${place}`,
    ...(split === undefined
      ? []
      : [`janus evaluate ${place}${split === 'test' ? '' : ` --split ${split}`}`]),
  ];
}

function evaluatedSplit(run: ReportRun): string | undefined {
  if (run.kind === 'cyclegan') return run.evaluation?.split;
  return run.evaluation?.split ?? run.targets?.split;
}

/** Returns what a run is in a few words: a classifier's model, a CycleGAN's domains. */
export function aboutText(run: ReportRun): string {
  if (run.kind === 'classifier') return runWords(run);
  const { domains } = run.evaluation ?? {};
  if (domains !== undefined) return `${domains.x} ↔ ${domains.y}`;
  return run.record.name;
}
