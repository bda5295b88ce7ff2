/** A run folder as a zip file, as `janus predict` opens it. */
import {
  countText,
  estimateText,
  percentText,
  type ClassifierEvaluation,
  type RunRecord,
} from '@janus/core';
import { modelArtifacts } from '@janus/models/web';
import { version_core as tfjsVersion } from '@tensorflow/tfjs';
import { strToU8, zipSync, type Zippable } from 'fflate';
import type { PageData } from '../page-data.js';
import type { OwnRun } from './own-classes.js';

/** The folder in the zip file. */
const FOLDER = 'own-classes';

/** Returns the zip file of what was learned; no image is in it. */
export async function runZip(run: OwnRun, data: PageData, engine: string): Promise<Uint8Array> {
  const { file, weights } = await modelArtifacts(run.classifier.model);
  const { evaluation, records, description, seconds } = run;
  const texts: Readonly<Record<string, string>> = {
    'run.json': json(recordOf(run, data, engine)),
    'metrics.jsonl': records.map((each) => `${JSON.stringify({ ...each, seconds })}\n`).join(''),
    'evaluation.json': json(evaluation),
    'card.md': cardOf(evaluation, data, run.folds),
    'model/janus.json': json(description),
    'model/model.json': JSON.stringify(file),
  };
  const files: Zippable = { [`${FOLDER}/model/weights.bin`]: [weights, { level: 0 }] };
  for (const [name, text] of Object.entries(texts)) files[`${FOLDER}/${name}`] = strToU8(text);
  return zipSync(files);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function recordOf(
  { dataHash, started, seconds, penalty, folds, evaluation }: OwnRun,
  { name, version, classifier }: PageData,
  engine: string,
): RunRecord {
  return {
    ...{ format: 2, kind: 'classifier', name: `own classes, on ${name}`, started },
    options: {
      ...classifier.options,
      ...{ data: 'images of a page', target: evaluation.target, head: 'linear', unfreeze: 'none' },
      ...{ seed: 1, precision: 'float32' },
    },
    ...{ seed: 1, versions: { janus: version, tfjs: tfjsVersion }, dataHash, engine },
    status: 'finished',
    result: { finished: true, steps: 0, seconds, penalty, folds, images: evaluation.n, from: name },
  };
}

/** Returns the model card. */
function cardOf(evaluation: ClassifierEvaluation, { name }: PageData, folds: number): string {
  const { accuracy, balancedAccuracy, n, majority, perClass, calibrationError } = evaluation;
  const rows = Object.entries(perClass).map(
    ([each, { n: count, recall }]) =>
      `| ${each.replaceAll('|', '/')} | ${estimateText(recall, count)} |`,
  );
  return `# Own classes

A linear classifier on the frozen network of ${name}, fitted in a web page on ${countText(n)} images of a person's own.

## Figures

Each image was predicted by a classifier that had not seen it: ${folds} parts, of which one was measured, one chose the penalty, and the others were learned from. The classifier in this run learned from all images.

- Accuracy ${estimateText(accuracy, n)}; always naming the commonest class: ${percentText(majority)}
- Balanced accuracy ${estimateText(balancedAccuracy, n)}
- Calibration error ${percentText(calibrationError)}

| class | recall |
| --- | --- |
${rows.join('\n')}

Intervals: ${evaluation.intervalMethod}.

## Limits

- The figures hold for images like these: same people, same camera, same place. Others may do far worse.
- Labels are what the person who added the images says they show.

## Not for

- Deciding anything about a person, or telling who somebody is.
`;
}
