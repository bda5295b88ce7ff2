/** Sets text, tables and images as a PDF file, without a browser: the canvas library writes it, text stays text. */
import { loadImage, PDFDocument, type SKRSContext2D } from '@napi-rs/canvas';
import { drawSvg } from './draw-svg.js';
import { measuringContext } from './fonts.js';
import { openSvg } from './open-svg.js';
import {
  columnWidths,
  flowText,
  fontOf,
  piecesOf,
  widthsOf,
  type TextLine,
  type TextSpan,
} from './text-flow.js';
import { PALETTE, THEMES } from './theme.js';

/** A part of the text. */
export type PdfBlock =
  | { readonly kind: 'heading'; readonly depth: number; readonly spans: readonly TextSpan[] }
  | { readonly kind: 'paragraph'; readonly spans: readonly TextSpan[] }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      readonly items: readonly (readonly TextSpan[])[];
    }
  | { readonly kind: 'code'; readonly text: string }
  | PdfTable
  | {
      readonly kind: 'image';
      /** Bytes of a PNG, JPEG or WebP file, or an SVG document of `renderSvg`, whose lines and letters stay vectors. */
      readonly image: Uint8Array | string;
      readonly caption: readonly TextSpan[];
    };

/** A table of the text. */
export interface PdfTable {
  readonly kind: 'table';
  readonly head: readonly (readonly TextSpan[])[];
  /** Columns whose cells stand on the right. */
  readonly numeric: readonly boolean[];
  readonly rows: readonly (readonly (readonly TextSpan[])[])[];
}

/** Options of {@link textPdf}. */
export interface TextPdfOptions {
  /** In the file's properties and at the foot of each page. */
  readonly title: string;
}

/** A4 in points, and its margins. */
const PAGE = { width: 595, height: 842, margin: 62, foot: 34 } as const;
const WIDTH = PAGE.width - 2 * PAGE.margin;
const BOTTOM = PAGE.height - PAGE.margin;

const SIZES = { text: 10, small: 8.5, table: 8, code: 8.5 } as const;
const HEADINGS: readonly number[] = [20, 14, 11.5, 10.5];
const LEADING = 1.42;
const GAP = 8;
const CELL_GAP = 10;

/** No image takes more of a page's height. */
const PICTURE_SHARE = 0.62;

/** Where the next line goes. */
interface Typesetter {
  readonly measure: SKRSContext2D;
  /** Returns the canvas of the page at hand and the place on it, on a new page where less than `height` is left. */
  readonly room: (height: number) => { readonly context: SKRSContext2D; readonly y: number };
  readonly advance: (height: number) => void;
  /** Points that are left on the page. */
  readonly left: () => number;
}

/** How lines are drawn. */
interface LineLook {
  readonly size: number;
  readonly bold?: boolean;
  readonly colour?: string;
  /** Points from the left margin. */
  readonly x?: number;
}

function drawLine(
  context: SKRSContext2D,
  line: TextLine,
  look: LineLook & { readonly y: number },
): void {
  const { size, bold = false, colour = THEMES.light.text, x = 0, y } = look;
  for (const word of line.words) {
    const left = PAGE.margin + x + word.x;
    if (word.kind === 'code') {
      context.fillStyle = '#eef2f6';
      context.fillRect(left - 1.5, y - size * 0.95, word.width + 3, size * 1.3);
    }
    context.font = fontOf(word.kind, { size, bold });
    context.fillStyle = word.kind === 'link' ? PALETTE.blue : colour;
    let at = left;
    for (const piece of piecesOf(word.text)) {
      context.fillText(piece, at, y);
      at += context.measureText(piece).width;
    }
  }
}

function setLines(setter: Typesetter, lines: readonly TextLine[], look: LineLook): void {
  const height = look.size * LEADING;
  for (const line of lines) {
    const { context, y } = setter.room(height);
    drawLine(context, line, { ...look, y: y + look.size });
    setter.advance(height);
  }
}

function setHeading(setter: Typesetter, block: Extract<PdfBlock, { kind: 'heading' }>): void {
  const size = HEADINGS[Math.min(block.depth, HEADINGS.length) - 1] ?? SIZES.text;
  const lines = flowText(setter.measure, block.spans, { size, width: WIDTH, bold: true });
  // A heading does not end a page.
  setter.room(lines.length * size * LEADING + 5 * SIZES.text * LEADING);
  if (block.depth > 1) setter.advance(GAP);
  setLines(setter, lines, { size, bold: true });
  setter.advance(GAP / 2);
}

function setList(setter: Typesetter, block: Extract<PdfBlock, { kind: 'list' }>): void {
  const indent = 16;
  block.items.forEach((spans, i) => {
    const size = SIZES.text;
    const lines = flowText(setter.measure, spans, { size, width: WIDTH - indent });
    const { context, y } = setter.room(size * LEADING);
    context.font = fontOf('text', { size });
    context.fillStyle = THEMES.light.mutedText;
    context.fillText(block.ordered ? `${i + 1}.` : '•', PAGE.margin, y + size);
    setLines(setter, lines, { size, x: indent });
    setter.advance(2);
  });
  setter.advance(GAP - 2);
}

function setCode(setter: Typesetter, text: string): void {
  const look = { size: SIZES.code, colour: THEMES.light.mutedText };
  for (const line of text.split('\n')) {
    const spans = [{ kind: 'text', text: line } as const];
    setLines(setter, flowText(setter.measure, spans, { size: look.size, width: WIDTH }), look);
  }
  setter.advance(GAP);
}

/** An image that can be drawn at its own size. */
interface Drawable {
  readonly width: number;
  readonly height: number;
  readonly draw: (context: SKRSContext2D) => Promise<void>;
}

async function openImage(image: Uint8Array | string): Promise<Drawable> {
  if (typeof image === 'string') {
    const { root, width, height } = await openSvg(image);
    return { width, height, draw: (context) => drawSvg(root, context) };
  }
  const loaded = await loadImage(Buffer.from(image));
  const { width, height } = loaded;
  const draw = (context: SKRSContext2D): Promise<void> => {
    context.drawImage(loaded, 0, 0);
    return Promise.resolve();
  };
  return { width, height, draw };
}

async function setPicture(
  setter: Typesetter,
  block: Extract<PdfBlock, { kind: 'image' }>,
): Promise<void> {
  const image = await openImage(block.image);
  const most = PICTURE_SHARE * (BOTTOM - PAGE.margin);
  const scale = Math.min(WIDTH / image.width, most / image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  const size = SIZES.small;
  const caption = flowText(setter.measure, block.caption, { size, width: WIDTH });
  const { context, y } = setter.room(height + caption.length * size * LEADING + GAP);
  context.save();
  context.translate(PAGE.margin + (WIDTH - width) / 2, y);
  context.scale(scale, scale);
  await image.draw(context);
  context.restore();
  setter.advance(height + 4);
  setLines(setter, caption, { size, colour: THEMES.light.mutedText });
  setter.advance(GAP + 4);
}

function rule(context: SKRSContext2D, y: number, colour: string): void {
  context.fillStyle = colour;
  context.fillRect(PAGE.margin, y, WIDTH, 0.6);
}

function setTable(setter: Typesetter, { head, numeric, rows }: PdfTable): void {
  const size = SIZES.table;
  const room = WIDTH - CELL_GAP * Math.max(0, head.length - 1);
  const natural = head.map((title, i) => {
    const cells = [title, ...rows.map((row) => row[i] ?? [])];
    const found = cells.map((cell, at) => widthsOf(setter.measure, cell, { size, bold: at === 0 }));
    return {
      least: Math.max(...found.map(({ least }) => least)),
      most: Math.max(...found.map(({ most }) => most)) + 0.5,
    };
  });
  const widths = columnWidths(natural, room);
  const lefts = widths.map((_, i) =>
    widths.slice(0, i).reduce((sum, each) => sum + each + CELL_GAP, 0),
  );
  const setRow = (cells: PdfTable['head'], bold: boolean): void => {
    const lines = widths.map((width, i) =>
      flowText(setter.measure, cells[i] ?? [], { size, width, bold }),
    );
    const height = Math.max(...lines.map(({ length }) => length)) * size * LEADING + 4;
    const isNewPage = setter.left() < height;
    const { context, y } = setter.room(height);
    if (isNewPage && !bold) {
      setRow(head, true);
      setRow(cells, false);
      return;
    }
    lines.forEach((column, i) => {
      column.forEach((line, at) => {
        const shift = numeric[i] === true ? (widths[i] ?? 0) - line.width : 0;
        const look = {
          size,
          bold,
          x: (lefts[i] ?? 0) + shift,
          y: y + size + 2 + at * size * LEADING,
        };
        drawLine(context, line, bold ? { ...look, colour: THEMES.light.mutedText } : look);
      });
    });
    rule(context, y + height, bold ? THEMES.light.axis : THEMES.light.grid);
    setter.advance(height + 0.6);
  };
  setRow(head, true);
  for (const row of rows) setRow(row, false);
  setter.advance(GAP + 4);
}

async function setBlock(setter: Typesetter, block: PdfBlock): Promise<void> {
  const look = { size: SIZES.text };
  switch (block.kind) {
    case 'heading':
      setHeading(setter, block);
      return;
    case 'paragraph':
      setLines(setter, flowText(setter.measure, block.spans, { ...look, width: WIDTH }), look);
      setter.advance(GAP);
      return;
    case 'list':
      setList(setter, block);
      return;
    case 'code':
      setCode(setter, block.text);
      return;
    case 'table':
      setTable(setter, block);
      return;
    case 'image':
      await setPicture(setter, block);
  }
}

/**
 * Sets a text on A4 pages with its number and title at the foot of each, in Inter, which the file carries.
 *
 * @returns bytes of a PDF file
 */
export async function textPdf(
  blocks: readonly PdfBlock[],
  { title }: TextPdfOptions,
): Promise<Buffer> {
  const measure = measuringContext();
  const document = new PDFDocument({ title, creator: 'Janus' });
  let page = 0;
  let context: SKRSContext2D | undefined;
  let y: number = PAGE.margin;
  const begin = (): SKRSContext2D => {
    if (context !== undefined) document.endPage();
    page++;
    const begun = document.beginPage(PAGE.width, PAGE.height) as unknown as SKRSContext2D;
    begun.font = fontOf('text', { size: SIZES.table });
    begun.fillStyle = THEMES.light.mutedText;
    begun.fillText(title, PAGE.margin, PAGE.height - PAGE.foot);
    const number = String(page);
    begun.fillText(
      number,
      PAGE.width - PAGE.margin - begun.measureText(number).width,
      PAGE.height - PAGE.foot,
    );
    context = begun;
    y = PAGE.margin;
    return begun;
  };
  const setter: Typesetter = {
    measure,
    left: () => BOTTOM - y,
    room: (height) => {
      const isFull = y + height > BOTTOM && y > PAGE.margin;
      const at = context === undefined || isFull ? begin() : context;
      return { context: at, y };
    },
    advance: (height) => {
      y += height;
    },
  };
  setter.room(0);
  for (const block of blocks) await setBlock(setter, block);
  document.endPage();
  return document.close();
}
