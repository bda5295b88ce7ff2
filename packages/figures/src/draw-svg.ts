/**
 * Draws an SVG document of a figure with the commands of a canvas, so that a canvas that writes vectors keeps lines and letters. It knows
 * what Plotly's drawings are made of, which is a small part of SVG.
 */
import { loadImage, Path2D, type Image, type SKRSContext2D } from '@napi-rs/canvas';
import { INTER, registerFonts } from './fonts.js';
import { fontSizeOf, matrixOf, styleOf } from './text-box.js';

/** What the drawing of an element needs. */
interface Pen {
  readonly context: SKRSContext2D;
  readonly images: ReadonlyMap<Element, Image>;
  /** Opacity of the groups around the element, 0 to 1. */
  readonly opacity: number;
}

const numberOf = (element: Element, name: string): number =>
  Number.parseFloat(element.getAttribute(name) ?? '') || 0;

/** A property of the element alone; '' where it sets none. */
function ownStyle(element: Element, property: string): string {
  const own = (element as SVGElement).style.getPropertyValue(property);
  return own === '' ? (element.getAttribute(property) ?? '') : own;
}

/** An opacity; 1 where none is set. */
const opacityFrom = (text: string): number => (text === '' ? 1 : Number.parseFloat(text));

/** Returns the outline of a path or rectangle; undefined of other elements. */
function outlineOf(element: Element): Path2D | undefined {
  if (element.localName === 'path') return new Path2D(element.getAttribute('d') ?? '');
  if (element.localName !== 'rect') return undefined;
  const outline = new Path2D();
  const at = (name: string): number => numberOf(element, name);
  outline.rect(at('x'), at('y'), at('width'), at('height'));
  return outline;
}

/** Restricts what is drawn to the outlines of the element's clip path, where it has one. */
function clip(element: Element, context: SKRSContext2D): void {
  const [, id] = /#([^'")]+)/.exec(element.getAttribute('clip-path') ?? '') ?? [];
  const found = id === undefined ? null : element.ownerDocument.getElementById(id);
  for (const child of found?.children ?? []) {
    const outline = outlineOf(child);
    if (outline !== undefined) context.clip(outline);
  }
}

function drawOutline(element: Element, outline: Path2D, { context, opacity }: Pen): void {
  const fill = styleOf(element, 'fill') || '#000000';
  if (fill !== 'none') {
    context.globalAlpha = opacity * opacityFrom(styleOf(element, 'fill-opacity'));
    context.fillStyle = fill;
    context.fill(outline);
  }
  const stroke = styleOf(element, 'stroke') || 'none';
  const width = Number.parseFloat(styleOf(element, 'stroke-width') || '1');
  if (stroke === 'none' || width === 0) return;
  context.globalAlpha = opacity * opacityFrom(styleOf(element, 'stroke-opacity'));
  context.strokeStyle = stroke;
  context.lineWidth = width;
  context.setLineDash((styleOf(element, 'stroke-dasharray').match(/[\d.]+/g) ?? []).map(Number));
  context.stroke(outline);
  context.setLineDash([]);
}

/** Text of one look. */
interface Run {
  readonly text: string;
  readonly font: string;
  readonly fill: string;
  readonly opacity: number;
  /** Above the line, in pixels: of powers. */
  readonly rise: number;
}

/** A line of text with the place where it begins, ends, or has its middle. */
interface Line {
  readonly x: number;
  readonly y: number;
  readonly runs: Run[];
}

function runOf(text: string, parent: Element, baseline: number): Run {
  const weight = styleOf(parent, 'font-weight');
  const isHeavy = weight === 'bold' || Number(weight) >= 600;
  return {
    text,
    font: `${isHeavy ? 600 : 400} ${fontSizeOf(parent)}px ${INTER}`,
    fill: styleOf(parent, 'fill') || '#000000',
    opacity: opacityFrom(styleOf(parent, 'fill-opacity')),
    rise: baseline,
  };
}

/** Returns the lines of a text: a `tspan` of class `line` begins one. */
function linesOf(text: Element): readonly Line[] {
  const first: Line = { x: numberOf(text, 'x'), y: numberOf(text, 'y'), runs: [] };
  const lines = [first];
  const gather = (element: Element, line: Line): void => {
    for (const node of element.childNodes) {
      if (node.nodeType === 3) {
        const letters = node.textContent ?? '';
        const y = element.getAttribute('y');
        const rise = y === null ? 0 : line.y - Number.parseFloat(y);
        if (letters !== '') line.runs.push(runOf(letters, element, rise));
      } else if (node.nodeType === 1) {
        const child = node as Element;
        if (child.classList.contains('line')) {
          const next: Line = { x: first.x, y: numberOf(child, 'y') || first.y, runs: [] };
          lines.push(next);
          gather(child, next);
        } else gather(child, line);
      }
    }
  };
  gather(text, first);
  return lines.filter(({ runs }) => runs.length > 0);
}

function drawText(text: Element, { context, opacity }: Pen): void {
  const anchor = styleOf(text, 'text-anchor');
  const shift = anchor === 'end' ? 1 : anchor === 'middle' ? 0.5 : 0;
  for (const { x, y, runs } of linesOf(text)) {
    const widths = runs.map((run) => {
      context.font = run.font;
      return context.measureText(run.text).width;
    });
    let at = x - shift * widths.reduce((sum, width) => sum + width, 0);
    for (const [i, run] of runs.entries()) {
      context.font = run.font;
      context.fillStyle = run.fill;
      context.globalAlpha = opacity * run.opacity;
      context.fillText(run.text, at, y - run.rise);
      at += widths[i] ?? 0;
    }
  }
}

function drawImage(element: Element, { context, images, opacity }: Pen): void {
  const image = images.get(element);
  if (image === undefined) return;
  const at = (name: string): number => numberOf(element, name);
  context.globalAlpha = opacity;
  // Cells of a heat map are one pixel each.
  context.imageSmoothingEnabled = !/pixelated|crisp/.test(element.getAttribute('style') ?? '');
  context.drawImage(image, at('x'), at('y'), at('width'), at('height'));
}

const NOT_DRAWN = ['defs', 'clipPath', 'title', 'metadata', 'style'];

function draw(element: Element, pen: Pen): void {
  if (NOT_DRAWN.includes(element.localName)) return;
  if (ownStyle(element, 'display') === 'none') return;
  if (styleOf(element, 'visibility') === 'hidden') return;
  const { context } = pen;
  const opacity = pen.opacity * opacityFrom(ownStyle(element, 'opacity'));
  const mine = { ...pen, opacity };
  context.save();
  const transform = element.getAttribute('transform');
  if (transform !== null) context.transform(...matrixOf(transform));
  clip(element, context);
  const outline = outlineOf(element);
  if (outline !== undefined) drawOutline(element, outline, mine);
  else if (element.localName === 'text') drawText(element, mine);
  else if (element.localName === 'image') drawImage(element, mine);
  else for (const child of element.children) draw(child, mine);
  context.restore();
}

/** The namespace of links in SVG. */
const XLINK = 'http://www.w3.org/1999/xlink';

/**
 * Draws an SVG document of a figure on a canvas, one unit a pixel, from the upper left corner.
 *
 * @param root the document's `svg`
 */
export async function drawSvg(root: Element, context: SKRSContext2D): Promise<void> {
  registerFonts();
  // Without alternate forms of brackets and dashes, which readers would copy as other letters.
  context.textRendering = 'optimizeSpeed';
  const images = new Map<Element, Image>();
  for (const element of root.querySelectorAll('image')) {
    const link = element.getAttributeNS(XLINK, 'href') ?? element.getAttribute('href');
    if (link !== null && link !== '') images.set(element, await loadImage(link));
  }
  draw(root, { context, images, opacity: 1 });
}
