/** What a run is and how it fared, in the words of tables and of the comparison of two runs. */
import { join } from 'node:path';
import {
  directionsOf,
  estimateText,
  measureRows,
  percentText,
  shellWord,
  trainCommand,
  translationTitle,
  type Interval,
} from '@janus/core';
import { runWords } from './classifier-section.js';
import type { PageMeasure, PageRun } from './page-data.js';
import type { ClassifierRun, ReportRun, TranslationRun } from './read-runs.js';
import { valueText } from './run-text.js';

/** The measure that the table of runs shows. */
export interface MainMeasure {
  /** What it is: `accuracy, gender`. */
  readonly name: string;
  readonly interval: Interval;
  /** Images that it stands on. */
  readonly n: number;
}

/** Returns the main measures of a run: of a classifier its accuracy, of a translation how often its fakes convince. */
export function mainMeasures(run: ReportRun): readonly MainMeasure[] {
  if (run.kind === 'classifier') return accuraciesOf(run);
  if (run.evaluation === undefined) return [];
  return directionsOf(run.evaluation).flatMap(({ from, to, result: { judgedAsTarget, n } }) =>
    judgedAsTarget === undefined
      ? []
      : [{ name: `judged as target, ${from} → ${to}`, interval: judgedAsTarget, n }],
  );
}

function accuraciesOf({ evaluation, targets }: ClassifierRun): readonly MainMeasure[] {
  const all = evaluation === undefined ? Object.values(targets?.targets ?? {}) : [evaluation];
  return all.map(({ target, accuracy, n }) => ({
    ...{ name: `accuracy, ${target}`, interval: accuracy, n },
  }));
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

function translationMeasures({ evaluation }: TranslationRun): readonly PageMeasure[] {
  if (evaluation === undefined) return [];
  const { features } = evaluation;
  return directionsOf(evaluation).flatMap(({ from, to, result }) =>
    measureRows(result, { to, features }).flatMap(({ measure, fakes }) =>
      fakes === undefined ? [] : [{ name: `${measure}, ${from} → ${to}`, text: fakes }],
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
    measures: run.kind === 'classifier' ? classifierMeasures(run) : translationMeasures(run),
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
  if (run.kind !== 'classifier') return run.evaluation?.split;
  return run.evaluation?.split ?? run.targets?.split;
}

/** Returns what a run is in a few words: a classifier's model, a translation's domains or attributes. */
export function aboutText(run: ReportRun): string {
  if (run.kind === 'classifier') return runWords(run);
  return run.evaluation === undefined ? run.record.name : translationTitle(run.evaluation);
}
