/** Text broken into lines of a width: what a typesetter needs of a canvas. */
import type { SKRSContext2D } from '@napi-rs/canvas';
import { INTER } from './fonts.js';

/** A piece of text in one style. */
export interface TextSpan {
  readonly kind: 'text' | 'bold' | 'italic' | 'code' | 'link';
  readonly text: string;
}

/** A piece of a line, placed from the line's left end. */
export interface PlacedWord {
  readonly kind: TextSpan['kind'];
  readonly text: string;
  /** Points from the left end of the line. */
  readonly x: number;
  readonly width: number;
}

/** A line of text. */
export interface TextLine {
  readonly words: readonly PlacedWord[];
  readonly width: number;
}

/** How text is set. */
export interface FlowOptions {
  /** Points. */
  readonly size: number;
  /** Points. */
  readonly width: number;
  /** Whether all of it is bold; default false. */
  readonly bold?: boolean;
}

/** Returns the canvas font of a style. */
export function fontOf(
  kind: TextSpan['kind'],
  { size, bold = false }: Omit<FlowOptions, 'width'>,
): string {
  return `${kind === 'bold' || bold ? 600 : 400} ${size}px ${INTER}, "DejaVu Sans", sans-serif`;
}

/**
 * Returns a word in pieces that are set one after another. Inter replaces signs beside digits and capitals by forms that a PDF
 * reader cannot name, so that copied text would be wrong: `(9` must be two pieces.
 */
export function piecesOf(word: string): readonly string[] {
  return word.match(/\d+|\p{L}+|[^\d\p{L}]+/gu) ?? [];
}

/** Returns the width of a word in the context's font, in points. */
export function widthOf(context: SKRSContext2D, word: string): number {
  return piecesOf(word).reduce((sum, piece) => sum + context.measureText(piece).width, 0);
}

/** A number keeps its unit, and n its value, on one line. */
const unbroken = (text: string): string =>
  text.replace(/(\d) (?=%)|(\bn|=) (?==|\d)/g, (each) => each.replace(' ', '\u00a0'));

/** A word with the space before it, which is dropped where a line begins. */
interface Token {
  readonly kind: TextSpan['kind'];
  readonly text: string;
  readonly isSpace: boolean;
  readonly width: number;
}

function tokensOf(
  context: SKRSContext2D,
  spans: readonly TextSpan[],
  options: FlowOptions,
): readonly Token[] {
  return spans.flatMap(({ kind, text }) => {
    context.font = fontOf(kind, options);
    return (unbroken(text).match(/[^\S\u00a0]+|(?:\S|\u00a0)+/g) ?? []).flatMap(
      (each): readonly Token[] => {
        const isSpace = /^[^\S\u00a0]/.test(each);
        const shown = isSpace ? ' ' : each;
        const width = widthOf(context, shown);
        if (width <= options.width) return [{ kind, text: shown, isSpace, width }];
        return brokenWord(context, { kind, text: shown }, options.width);
      },
    );
  });
}

/** Returns a word that is wider than a line, such as a path, in pieces that fit. */
function brokenWord(
  context: SKRSContext2D,
  { kind, text }: TextSpan,
  width: number,
): readonly Token[] {
  const pieces: Token[] = [];
  let piece = '';
  const add = (): void => {
    if (piece === '') return;
    pieces.push({ kind, text: piece, isSpace: false, width: widthOf(context, piece) });
  };
  for (const letter of text) {
    if (widthOf(context, piece + letter) > width) {
      add();
      piece = '';
    }
    piece += letter;
  }
  add();
  return pieces;
}

/** Returns text as lines no wider than the options say; a single word that is wider is broken. */
export function flowText(
  context: SKRSContext2D,
  spans: readonly TextSpan[],
  options: FlowOptions,
): readonly TextLine[] {
  const lines: TextLine[] = [];
  let words: PlacedWord[] = [];
  let x = 0;
  const end = (): void => {
    const last = words.at(-1);
    lines.push({ words, width: last === undefined ? 0 : last.x + last.width });
    words = [];
    x = 0;
  };
  const tokens = tokensOf(context, spans, options);
  tokens.forEach(({ kind, text, isSpace, width }, i) => {
    if (isSpace) {
      if (words.length > 0) x += width;
      return;
    }
    // Words without a space between them, such as bold and its full stop, stay together.
    const glued = tokens[i + 1]?.isSpace === false ? (tokens[i + 1]?.width ?? 0) : 0;
    if (words.length > 0 && x + width + glued > options.width) end();
    words.push({ kind, text, x, width });
    x += width;
  });
  if (words.length > 0 || lines.length === 0) end();
  return lines;
}

/** Returns the widest word and the width of all words in one line, in points. */
export function widthsOf(
  context: SKRSContext2D,
  spans: readonly TextSpan[],
  options: Omit<FlowOptions, 'width'>,
): { readonly least: number; readonly most: number } {
  const tokens = tokensOf(context, spans, { ...options, width: Infinity });
  return {
    least: Math.max(0, ...tokens.map(({ width }) => width)),
    most: tokens.reduce((sum, { width }) => sum + width, 0),
  };
}

/** Returns the widths of a table's columns: what their cells need, shrunk in proportion where there is too little. */
export function columnWidths(
  columns: readonly { readonly least: number; readonly most: number }[],
  width: number,
): readonly number[] {
  const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);
  const most = columns.map((each) => each.most);
  if (sum(most) <= width) return most;
  // No column takes less than its widest word, unless these alone are too wide.
  const cap = 0.6 * width;
  const least = columns.map((each) => Math.min(each.least, cap));
  const left = width - sum(least);
  if (left <= 0) return least.map((each) => (each * width) / sum(least));
  const wish = most.map((each, i) => Math.max(0, each - (least[i] ?? 0)));
  const wished = sum(wish);
  return least.map((each, i) => each + (wished === 0 ? 0 : (left * (wish[i] ?? 0)) / wished));
}
