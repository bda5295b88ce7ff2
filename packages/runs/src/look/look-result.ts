/** What a look at a classifier found. */
import type { SanityCheck } from '@janus/models';

/** An image of a section. */
export interface LookedAt {
  /** Manifest id. */
  readonly id: string;
  readonly label: string;
  readonly predicted: string;
  /** Of the predicted class, 0 to 1. */
  readonly probability: number;
  /** Minus the logarithm of the label's probability, nats. */
  readonly loss: number;
}

/** What `lookAtRun` found and wrote. */
export interface LookResult {
  readonly run: string;
  readonly target: string;
  readonly classes: readonly string[];
  /** Images that were predicted. */
  readonly n: number;
  /** The largest losses first. */
  readonly topLosses: readonly LookedAt[];
  /** Right, with the least probability. */
  readonly leastSure: readonly LookedAt[];
  /** Right, with the largest probability. */
  readonly surest: readonly LookedAt[];
  /** Which classes were taken for which, the commonest first. */
  readonly mostConfused: readonly {
    readonly label: string;
    readonly predicted: string;
    readonly count: number;
  }[];
  /** How like the maps are to those of shuffled weights; null without maps. */
  readonly sanity: SanityCheck | null;
  /** The page: `index.html`. */
  readonly page: string;
  /** The sheet of the top losses: `top-losses.png`. */
  readonly sheet: string;
  /** The first of them with what the network looks at below each, `maps.png`; null without maps. */
  readonly maps: string | null;
}
