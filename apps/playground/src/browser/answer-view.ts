/** The answer: a bar a class. */
import type { TargetPrediction } from '@janus/models/web';
import { element } from './elements.js';

/** Shows what is said of each target; the likeliest class of each comes first. */
export function showAnswer(
  place: HTMLElement,
  answer: Readonly<Record<string, TargetPrediction>>,
  calibrated: (target: string) => boolean,
): void {
  place.replaceChildren(
    ...Object.entries(answer).flatMap(([target, { probabilities, value, prediction }]) => {
      const note = calibrated(target)
        ? 'calibrated probability'
        : 'probability of the network, not calibrated';
      const told = value === undefined ? prediction : value.toFixed(1);
      const title = element('h4', [`Predicted ${target}: `, element('strong', [told])]);
      return [title, ...barsOf(probabilities), element('p', [note], 'muted')];
    }),
  );
}

function barsOf(probabilities: Readonly<Record<string, number>>): readonly HTMLElement[] {
  return Object.entries(probabilities)
    .sort(([, a], [, b]) => b - a)
    .map(([name, share], i) => {
      const percent = `${(100 * share).toFixed(1)} %`;
      const fill = element('span', []);
      fill.style.width = `${100 * share}%`;
      const track = element('span', [fill], 'track');
      track.setAttribute('aria-hidden', 'true');
      const parts = [element('b', [name]), element('span', [percent]), track];
      return element('div', parts, i === 0 ? 'bar first' : 'bar');
    });
}
