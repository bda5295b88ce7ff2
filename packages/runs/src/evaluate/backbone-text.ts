import { BACKBONE_FACTS, type BackboneName } from '@janus/models';
import type { ClassifierRunOptions } from '../classifier/options.js';

/** Returns what a model card says of the backbone: what it was trained on, as far as known, and what that means. */
export function backboneText({
  backbone,
  weights,
}: Pick<ClassifierRunOptions, 'backbone' | 'weights'>): string {
  if (!(backbone in BACKBONE_FACTS)) {
    return `Backbone ${backbone.replace(/^own:/, '')}: of the author's own; what it was trained on is not recorded.`;
  }
  const { trainedOn, caution = '' } = BACKBONE_FACTS[backbone as BackboneName];
  const own = (weights ?? null) === null ? '' : ' Its weights came from a file of the user.';
  return `Backbone ${backbone}, trained on ${trainedOn}.${own}${caution === '' ? '' : ` ${caution}`}`;
}
