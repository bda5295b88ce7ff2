/** What sections put on the page, and where images and figures of the page are collected. */
import { readFile } from 'node:fs/promises';
import { DataError, html, type Html, type HtmlPart, raw } from '@janus/core';
import type { Figure } from '@janus/figures';

/** A figure on the page, which is also written as a file. */
export interface PageFigure {
  /** Name of the files and of the element. */
  readonly id: string;
  readonly figure: Figure;
  /** Pixels of the files; default the renderer's. */
  readonly width?: number;
}

/** A part of the page with a heading, and the figures in it. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
  readonly figures: readonly PageFigure[];
}

/** A figure with its caption. */
export interface CaptionedFigure extends PageFigure {
  readonly caption: HtmlPart;
}

/** Returns the place where the page's script draws a figure; without scripts its file shows. */
export function figureBlock({ id, figure, caption, width }: CaptionedFigure): Html {
  const height = figure.layout.height ?? 420;
  // `<` would end the element early inside a label such as `</script>`.
  const json = JSON.stringify(figure).replaceAll('<', '\\u003c');
  const limit = width === undefined ? '' : `max-width:${width}px`;
  return html`<figure id="figure-${id}">
<div class="plot" data-figure="${id}" style="height:${height}px;${limit}"><noscript><img src="figures/${id}.svg" alt="${id}"></noscript></div>
<script type="application/json" id="data-${id}">${raw(json)}</script>
<figcaption>${caption} <span class="files"><a href="figures/${id}.svg">SVG</a> · <a href="figures/${id}.png">PNG</a></span></figcaption>
</figure>`;
}

/** Returns a PNG file inside the page. */
export async function imageBlock(
  path: string,
  text: { readonly alt: string; readonly caption: HtmlPart },
): Promise<Html> {
  const source = await dataUri(path);
  return html`<figure class="image"><div class="scroll"><img src="${raw(source)}" alt="${text.alt}"></div><figcaption>${text.caption}</figcaption></figure>`;
}

const PNG_SIGNATURE = '89504e470d0a1a0a';

/** Returns a PNG file as an address that needs no file. */
export async function dataUri(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new DataError(
      `report: an image must be a readable PNG file, but ${path} is not. Make it again, or take it out of the summary.`,
      { path, cause: error },
    );
  }
  if (bytes.subarray(0, 8).toString('hex') !== PNG_SIGNATURE) {
    throw new DataError(
      `report: an image must be a PNG file, but ${path} is not one. Make it again, or remove it.`,
      { path },
    );
  }
  return `data:image/png;base64,${bytes.toString('base64')}`;
}

/** A headline figure. */
export interface Tile {
  readonly label: string;
  readonly value: string;
  /** n and interval. */
  readonly detail: string;
}

/** Returns headline figures side by side. */
export function tilesBlock(tiles: readonly Tile[]): Html {
  return html`<div class="tiles">${tiles.map(
    (tile) =>
      html`<div class="tile"><span class="label">${tile.label}</span><span class="value">${tile.value}</span><span class="detail">${tile.detail}</span></div>`,
  )}</div>`;
}
