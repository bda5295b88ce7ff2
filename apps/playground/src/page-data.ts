/** What the page is given of its runs: written by `writePlayground`, read by the page's script. */
import type { GraphFile, HeadsDescription, ModelFile } from '@janus/models/web';

/** Bytes in script files beside the page: a page that is opened from a folder may load scripts, and nothing else. */
export interface PageBytes {
  /** Begins the names of its files in `parts/`: `classifier-0.js`. */
  readonly name: string;
  /** How many files. */
  readonly parts: number;
  /** Of all parts together. */
  readonly bytes: number;
}

/** A network in tfjs's layers format. */
export interface PageNetwork {
  readonly file: ModelFile;
  readonly weights: PageBytes;
}

/** How a face becomes a square. */
export interface PageFaceCrop {
  /** Around a detected face, as a fraction of its longer side. */
  readonly margin: number;
  /** Longer side in pixels below which a face does not count. */
  readonly minSide: number;
}

/** The classifier of the page. */
export interface PageClassifier {
  readonly network: PageNetwork;
  readonly description: HeadsDescription;
  readonly crop: PageFaceCrop;
  /** Options of its run, of which a run that the page trains keeps what it shares. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** One way of the translation. */
export interface PageDirection {
  /** `X to Y`. */
  readonly title: string;
  /** What it translates, X: the page takes it for an image that the classifier takes for X. */
  readonly from: string;
  readonly network: PageNetwork;
}

/** The translation of the page. */
export interface PageTranslation {
  readonly directions: readonly PageDirection[];
  /** Side in pixels that it was trained at. */
  readonly size: number;
  /** What the sides of its images are a multiple of. */
  readonly multiple: number;
  readonly crop: PageFaceCrop;
  readonly name: string;
}

/** What the page says of a run, from its model card and evaluation. */
export interface PageCard {
  readonly name: string;
  /** One line a figure, each with its interval and n. */
  readonly figures: readonly string[];
  readonly limits: readonly string[];
  /** `card.md`; absent where the run was not evaluated. */
  readonly card?: string;
}

/** Everything that the page's script is given. */
export interface PageData {
  readonly name: string;
  /** Version of Janus. */
  readonly version: string;
  readonly classifier: PageClassifier;
  readonly detector: { readonly file: GraphFile; readonly weights: PageBytes };
  readonly translation?: PageTranslation;
  /** tfjs's WebAssembly engine. */
  readonly wasm: PageBytes;
  readonly cards: readonly PageCard[];
}
