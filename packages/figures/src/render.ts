/** Renders figures to SVG and PNG without a browser: Plotly runs in jsdom, and a canvas measures text. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { TextDecoder, TextEncoder } from 'node:util';
import { type Canvas, createCanvas, loadImage, type SKRSContext2D } from '@napi-rs/canvas';
import { OptionsError } from '@janus/core';
import type { DOMWindow } from 'jsdom';
import sharp from 'sharp';
import type { Figure } from './figure.js';
import { measuringContext } from './fonts.js';
import { boxOf, fontSizeOf } from './text-box.js';
import type { ThemeName } from './theme.js';
import { themed } from './themed.js';

/** Options of {@link renderSvg}. */
export interface RenderOptions {
  /** Pixels, 40 to 8,000; default 760. */
  readonly width?: number;
  /** Pixels, 40 to 8,000; default the figure's own height, else 420. */
  readonly height?: number;
  /** Colours of text, lines and background; default `light`. `print` has black text. */
  readonly theme?: ThemeName;
}

/** Options of {@link renderPng}. */
export interface RenderPngOptions extends RenderOptions {
  /** Pixels of the bitmap per pixel of the figure, above 0 to 4; default 2, sharp in print at half a page. */
  readonly scale?: number;
}

/** Defaults of {@link renderSvg} and {@link renderPng}. */
export const RENDER_DEFAULTS: {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
} = {
  width: 760,
  height: 420,
  scale: 2,
};

const MAX_SIDE_PX = 8000;

interface PlotlyWindow {
  readonly window: DOMWindow;
  toImage(figure: object, options: object): Promise<string>;
}

let opened: Promise<PlotlyWindow> | undefined;

/** Returns the path of the Plotly bundle, which the report also embeds in its page. */
export function plotlyBundlePath(): string {
  return createRequire(import.meta.url).resolve('plotly.js-cartesian-dist-min');
}

/** Adds to a jsdom window the layout functions that Plotly needs and jsdom lacks. */
function giveLayout(window: DOMWindow, context: SKRSContext2D): void {
  const box = (element: Element): DOMRect => {
    const { left = 0, top = 0, right = 0, bottom = 0 } = boxOf(element, context) ?? {};
    const [x, y, width, height] = [left, top, right - left, bottom - top];
    return { x, y, width, height, left, top, right, bottom, toJSON: () => ({}) };
  };
  const element = window.SVGElement.prototype as unknown as Record<string, unknown>;
  element['getBBox'] = function (this: Element) {
    return box(this);
  };
  element['getBoundingClientRect'] = function (this: Element) {
    return box(this);
  };
  element['getComputedTextLength'] = function (this: Element) {
    return box(this).width;
  };
  const canvas = window.HTMLCanvasElement.prototype as unknown as Record<string, unknown>;
  const canvases = new WeakMap<object, Canvas>();
  const canvasOf = (each: HTMLCanvasElement): Canvas => {
    const known = canvases.get(each);
    if (known?.width === each.width && known.height === each.height) return known;
    const made = createCanvas(Math.max(1, each.width), Math.max(1, each.height));
    canvases.set(each, made);
    return made;
  };
  canvas['getContext'] = function (this: HTMLCanvasElement) {
    return canvasOf(this).getContext('2d');
  };
  canvas['toDataURL'] = function (this: HTMLCanvasElement) {
    return canvasOf(this).toDataURL('image/png');
  };
}

async function openWindow(): Promise<PlotlyWindow> {
  const { JSDOM, VirtualConsole } = await import('jsdom');
  const { window } = new JSDOM('<!doctype html><body></body>', {
    runScripts: 'outside-only',
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole(),
  });
  Object.assign(window, {
    TextDecoder,
    TextEncoder,
    ResizeObserver: class {
      observe = (): undefined => undefined;
      unobserve = (): undefined => undefined;
      disconnect = (): undefined => undefined;
    },
  });
  window.URL.createObjectURL = () => '';
  window.URL.revokeObjectURL = () => undefined;
  giveLayout(window, measuringContext());
  window.eval(await readFile(plotlyBundlePath(), 'utf8'));
  const plotly = (window as unknown as Record<string, unknown>)['Plotly'] as PlotlyWindow;
  return { window, toImage: (figure, options) => plotly.toImage(figure, options) };
}

/** Plotly keeps state in its window, so figures are rendered one after another. */
let queue: Promise<unknown> = Promise.resolve();

async function draw(figure: Figure, options: RenderOptions): Promise<string> {
  opened ??= openWindow();
  const plotly = await opened;
  const width = options.width ?? RENDER_DEFAULTS.width;
  const height = options.height ?? figure.layout.height ?? RENDER_DEFAULTS.height;
  for (const [name, side] of [
    ['width', width],
    ['height', height],
  ] as const) {
    if (!Number.isInteger(side) || side < 40 || side > MAX_SIDE_PX) {
      throw new OptionsError(
        `renderSvg: ${name} must be whole pixels from 40 to ${MAX_SIDE_PX}, but got ${side}. Leave it out for the figure's own.`,
      );
    }
  }
  // Ids inside the drawing come from the window's random numbers: seeded, the same figure gives the same
  // file.
  plotly.window.eval(
    '{ let s = 1; Math.random = () => (s = (s * 16807) % 2147483647) / 2147483647; }',
  );
  const { data, layout } = themed(figure, options.theme ?? 'light');
  const copy = structuredClone({ data, layout: { ...layout, width, height } });
  const image = await plotly.toImage(plotly.window.JSON.parse(JSON.stringify(copy)) as object, {
    format: 'svg',
    width,
    height,
    imageDataOnly: true,
  });
  return withPixelOffsets(plotly.window, image);
}

/** Plotly has one at each end of a power; some renderers draw a box for it. */
const ZERO_WIDTH_SPACE = '\u200b';

/**
 * Replaces line offsets in `em` with `y` in pixels, so that renderers with partial support for SVG text
 * (Skia among them) place every line where a browser does.
 */
function withPixelOffsets(window: DOMWindow, svg: string): string {
  const document = new window.DOMParser().parseFromString(svg, 'image/svg+xml');
  for (const element of document.querySelectorAll('text, tspan')) {
    // Leads back from a power to the line.
    if (element.textContent === ZERO_WIDTH_SPACE) {
      element.remove();
      continue;
    }
    const dy = element.getAttribute('dy');
    if (dy?.endsWith('em') !== true) continue;
    const text = element.closest('text');
    const y = Number.parseFloat(element.getAttribute('y') ?? text?.getAttribute('y') ?? '0');
    const offset = Number.parseFloat(dy) * fontSizeOf(element);
    element.setAttribute('y', String(Math.round((y + offset) * 100) / 100));
    element.removeAttribute('dy');
  }
  return new window.XMLSerializer().serializeToString(document).replaceAll(ZERO_WIDTH_SPACE, '');
}

/**
 * Renders a figure to an SVG document. The same figure gives the same document.
 *
 * @throws OptionsError when a side is not whole pixels from 40 to 8,000
 */
export async function renderSvg(figure: Figure, options: RenderOptions = {}): Promise<string> {
  const mine = queue.then(() => draw(figure, options));
  queue = mine.catch(() => undefined);
  return mine;
}

/**
 * Renders an SVG document of {@link renderSvg} to the bytes of a PNG file.
 *
 * @param scale pixels of the bitmap per pixel of the figure, above 0 to 4
 * @throws OptionsError when `scale` is out of range
 */
export async function pngOfSvg(
  svg: string,
  scale: number = RENDER_DEFAULTS.scale,
): Promise<Buffer> {
  if (!(scale > 0 && scale <= 4)) {
    throw new OptionsError(
      `renderPng: scale must be above 0 and at most 4, but got ${scale}. Use 2 for print.`,
    );
  }
  const image = await loadImage(Buffer.from(svg));
  const [width, height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
  const canvas = createCanvas(width, height);
  canvas.getContext('2d').drawImage(image, 0, 0, width, height);
  return sharp(canvas.toBuffer('image/png'))
    .png({ compressionLevel: 9 })
    .withMetadata({ density: 72 * scale })
    .toBuffer();
}

/**
 * Renders a figure to the bytes of a PNG file.
 *
 * @throws OptionsError when a side or the scale is out of range
 */
export async function renderPng(figure: Figure, options: RenderPngOptions = {}): Promise<Buffer> {
  return pngOfSvg(await renderSvg(figure, options), options.scale);
}
