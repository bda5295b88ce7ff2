/** Predictions as lines for a person. */
import { percentText } from '@janus/core';
import type { ImagePredictions, ImageTargetPredictions, TargetPrediction } from '@janus/runs';

/** Returns a line a file: `photo.jpg: gender female (female 98.0 %, male 2.0 %)`. */
export function predictionLines({ target, rows }: ImagePredictions): readonly string[] {
  return rows.map(({ file, ...own }) => `${file}: ${target} ${toldText(own)}`);
}

/** Returns a line a file with all targets: `photo.jpg: gender female (98.0 %), age 31.2 (30-34 22.0 %)`. */
export function targetLines({ rows }: ImageTargetPredictions): readonly string[] {
  return rows.map(({ file, predictions }) => {
    const told = Object.entries(predictions).map(
      ([target, { prediction, probabilities, value }]) => {
        const share = percentText(probabilities[prediction] ?? 0);
        return value === undefined
          ? `${target} ${prediction} (${share})`
          : `${target} ${value.toFixed(1)} (${prediction} ${share})`;
      },
    );
    return `${file}: ${told.join(', ')}`;
  });
}

function toldText({ prediction, probabilities, value }: TargetPrediction): string {
  const shares = Object.entries(probabilities)
    .map(([name, share]) => `${name} ${percentText(share)}`)
    .join(', ');
  return `${value === undefined ? prediction : value.toFixed(1)} (${shares})`;
}
