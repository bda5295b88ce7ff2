/** Measures the boxes of SVG elements: the part of a browser's layout that Plotly needs. */
import type { SKRSContext2D } from '@napi-rs/canvas';
import { INTER } from './fonts.js';

/** A rectangle in the coordinates of the element's parent, pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Matrix of an SVG transform: x' = a x + c y + e, y' = b x + d y + f. */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

/** Extent above and below the baseline as a share of the font size. Source: Inter's metrics. */
const ASCENT = 0.97;
const DESCENT = 0.24;

const multiply = (p: Matrix, q: Matrix): Matrix => [
  p[0] * q[0] + p[2] * q[1],
  p[1] * q[0] + p[3] * q[1],
  p[0] * q[2] + p[2] * q[3],
  p[1] * q[2] + p[3] * q[3],
  p[0] * q[4] + p[2] * q[5] + p[4],
  p[1] * q[4] + p[3] * q[5] + p[5],
];

/** Returns the matrix of a `transform` attribute: translate, rotate, scale, matrix. */
export function matrixOf(transform: string | null): Matrix {
  let result = IDENTITY;
  for (const [, name, list] of (transform ?? '').matchAll(/(\w+)\s*\(([^)]*)\)/g)) {
    const n = (list ?? '')
      .split(/[\s,]+/)
      .filter((each) => each !== '')
      .map(Number);
    const [first = 0, second = 0] = n;
    if (name === 'translate') result = multiply(result, [1, 0, 0, 1, first, second]);
    else if (name === 'scale') result = multiply(result, [first, 0, 0, n[1] ?? first, 0, 0]);
    else if (name === 'matrix' && n.length === 6) {
      result = multiply(result, [first, second, n[2] ?? 0, n[3] ?? 1, n[4] ?? 0, n[5] ?? 0]);
    } else if (name === 'rotate') {
      const angle = (first * Math.PI) / 180;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const [cx, cy] = [second, n[2] ?? 0];
      result = multiply(result, [1, 0, 0, 1, cx, cy]);
      result = multiply(result, [cos, sin, -sin, cos, 0, 0]);
      result = multiply(result, [1, 0, 0, 1, -cx, -cy]);
    }
  }
  return result;
}

function through(box: Box, matrix: Matrix): Box {
  const corners = [
    [box.left, box.top],
    [box.right, box.top],
    [box.left, box.bottom],
    [box.right, box.bottom],
  ].map(([x = 0, y = 0]) => [
    matrix[0] * x + matrix[2] * y + matrix[4],
    matrix[1] * x + matrix[3] * y + matrix[5],
  ]);
  const xs = corners.map((corner) => corner[0] ?? 0);
  const ys = corners.map((corner) => corner[1] ?? 0);
  return {
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  };
}

const union = (boxes: readonly Box[]): Box | undefined =>
  boxes.length === 0
    ? undefined
    : {
        left: Math.min(...boxes.map((box) => box.left)),
        top: Math.min(...boxes.map((box) => box.top)),
        right: Math.max(...boxes.map((box) => box.right)),
        bottom: Math.max(...boxes.map((box) => box.bottom)),
      };

/** Returns a style property of the element or of the nearest ancestor that sets it; '' when none does. */
export function styleOf(element: Element, property: string): string {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const own = (at as SVGElement | HTMLElement).style.getPropertyValue(property);
    if (own !== '') return own;
    const attribute = at.getAttribute(property);
    if (attribute !== null) return attribute;
  }
  return '';
}

/**
 * Returns the font size of an element in pixels, its own or inherited; 12 when none is set. Percent are of the size around it: those of
 * powers.
 */
export function fontSizeOf(element: Element): number {
  const own = (element as SVGElement).style.getPropertyValue('font-size');
  if (own.endsWith('%') && element.parentElement !== null) {
    return (Number.parseFloat(own) / 100) * fontSizeOf(element.parentElement);
  }
  if (own === '' && element.localName === 'tspan' && element.parentElement !== null) {
    return fontSizeOf(element.parentElement);
  }
  return Number.parseFloat(styleOf(element, 'font-size')) || 12;
}

const pixels = (length: string | null, fontSize: number): number => {
  const value = Number.parseFloat(length ?? '');
  if (!Number.isFinite(value)) return 0;
  return (length ?? '').endsWith('em') ? value * fontSize : value;
};

function lineWidth(element: Element, context: SKRSContext2D): number {
  const size = fontSizeOf(element);
  const weight = styleOf(element, 'font-weight') || '400';
  const heavy = weight === 'bold' || Number(weight) >= 600;
  context.font = `${heavy ? 600 : 400} ${size}px ${INTER}`;
  return context.measureText(element.textContent).width;
}

function textBox(element: Element, context: SKRSContext2D): Box | undefined {
  if (element.textContent === '') return undefined;
  const size = fontSizeOf(element);
  const lines = [...element.children].filter((child) => child.classList.contains('line'));
  const parts = lines.length > 0 ? lines : [element];
  const anchor = styleOf(element, 'text-anchor');
  const x = pixels(element.getAttribute('x'), size);
  let y = pixels(element.getAttribute('y'), size);
  return union(
    parts.map((part) => {
      const width = lineWidth(part, context);
      const baseline = y + pixels(part.getAttribute('dy'), size);
      if (lines.length === 0) y = baseline;
      const left = anchor === 'end' ? x - width : anchor === 'middle' ? x - width / 2 : x;
      return {
        left,
        right: left + width,
        top: baseline - ASCENT * size,
        bottom: baseline + DESCENT * size,
      };
    }),
  );
}

function pathBox(element: Element): Box | undefined {
  const numbers = (element.getAttribute('d') ?? '').match(/-?\d+(\.\d+)?(e-?\d+)?/g);
  // Only absolute polygons are measured; Plotly does not need the boxes of curves or relative paths.
  if (numbers === null || /[a-gi-km-uw-z]/.test(element.getAttribute('d') ?? '')) return undefined;
  if (/[HVCSQTA]/.test(element.getAttribute('d') ?? '')) return undefined;
  const xs = numbers.filter((_, i) => i % 2 === 0).map(Number);
  const ys = numbers.filter((_, i) => i % 2 === 1).map(Number);
  return {
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
}

/** Returns the box of an element in its own coordinates, without its own transform. */
export function boxOf(element: Element, context: SKRSContext2D): Box | undefined {
  switch (element.tagName.toLowerCase()) {
    case 'text':
      return textBox(element, context);
    case 'tspan':
      return textBox(element, context);
    case 'rect':
    case 'image': {
      const at = (name: string): number => pixels(element.getAttribute(name), 12);
      return {
        left: at('x'),
        top: at('y'),
        right: at('x') + at('width'),
        bottom: at('y') + at('height'),
      };
    }
    case 'path':
      return pathBox(element);
    case 'g':
    case 'svg':
    case 'a':
      return union(
        [...element.children].flatMap((child) => {
          const box = boxOf(child, context);
          return box === undefined ? [] : [through(box, matrixOf(child.getAttribute('transform')))];
        }),
      );
    default:
      return undefined;
  }
}
