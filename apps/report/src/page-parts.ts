/** What sections put on the page, and where images and figures of the page are collected. */
import { html, type Html, type HtmlPart, raw } from '@janus/core';
import type { Figure } from '@janus/figures';
import { pictureTag } from './page-images.js';

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
  /** Whether the page's script shows it later; default false. */
  readonly hidden?: boolean;
  /** The run that it is about. */
  readonly run?: { readonly id: string; readonly name: string };
}

/** A figure with its caption. */
export interface CaptionedFigure extends PageFigure {
  readonly caption: HtmlPart;
}

/** Returns a value as JSON inside a script element: `<` would end it early in a label such as `</script>`. */
export function jsonInPage(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** Returns the place where the page's script draws a figure; without scripts its file shows. */
export function figureBlock({ id, figure, caption, width }: CaptionedFigure): Html {
  const height = figure.layout.height ?? 420;
  const json = jsonInPage(figure);
  const limit = width === undefined ? '' : `max-width:${width}px`;
  return html`<figure id="figure-${id}">
<div class="plot" data-figure="${id}" style="height:${height}px;${limit}"><noscript><img src="figures/${id}.svg" alt="${id}"></noscript></div>
<script type="application/json" id="data-${id}">${raw(json)}</script>
<figcaption>${caption} <span class="files"><a href="figures/${id}.svg">SVG</a> · <a href="figures/${id}.png">PNG</a></span></figcaption>
</figure>`;
}

/**
 * Returns a PNG file inside the page.
 *
 * @throws DataError when the file is not a readable PNG
 */
export async function imageBlock(
  path: string,
  text: { readonly alt: string; readonly caption: HtmlPart },
): Promise<Html> {
  const image = await pictureTag(path, { alt: text.alt });
  return html`<figure class="image"><div class="scroll" tabindex="0" role="group" aria-label="${text.alt}">${image}</div><figcaption>${text.caption}</figcaption></figure>`;
}

/** A headline figure. */
export interface Tile {
  readonly label: string;
  readonly value: string;
  /** n and interval. */
  readonly detail: string;
  /** Id of the place that says where the figure comes from. */
  readonly source?: string;
}

const valueOf = ({ value, source }: Tile): HtmlPart =>
  source === undefined ? value : html`<a href="#${source}">${value}</a>`;

/** Returns headline figures side by side. */
export function tilesBlock(tiles: readonly Tile[]): Html {
  return html`<div class="tiles">${tiles.map(
    (tile) =>
      html`<div class="tile"><span class="label">${tile.label}</span><span class="value">${valueOf(tile)}</span><span class="detail">${tile.detail}</span></div>`,
  )}</div>`;
}
