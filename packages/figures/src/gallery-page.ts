/** A page of images in sections, each with what is said about it. */
import { html, type Html } from '@janus/core';
import { PAGE_IMAGE_PX, pageOf } from './page-shell.js';
import type { SheetFrame } from './sheets.js';
import { imageAddress, type SheetImage } from './tiles.js';

/** An image of a gallery. */
export interface GalleryTile {
  readonly image: SheetImage;
  /** A second image beside it, such as a map over the first. */
  readonly beside?: SheetImage;
  readonly heading: string;
  /** Lines under the heading. */
  readonly lines: readonly string[];
  /** A coloured edge; what it says must be in the text too. Default `none`. */
  readonly frame?: SheetFrame;
}

/** A part of a gallery; one without tiles says its text alone. */
export interface GallerySection {
  readonly title: string;
  readonly text: string;
  readonly tiles: readonly GalleryTile[];
}

/** Options of {@link galleryPage}. */
export interface GalleryPageOptions {
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly GallerySection[];
}

const STYLE = `
.grid.wide { grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); }
`;

/** Returns a page that needs no network and no other file: the images are part of it. */
export async function galleryPage({ title, lead, sections }: GalleryPageOptions): Promise<string> {
  const parts: Html[] = [];
  for (const section of sections) {
    const tiles: Html[] = [];
    for (const tile of section.tiles) tiles.push(await tileOf(tile));
    const wide = section.tiles.some(({ beside }) => beside !== undefined) ? ' wide' : '';
    parts.push(html`<section><h2>${section.title}</h2><p class="muted">${section.text}</p>
<div class="grid${wide}">${tiles}</div></section>
`);
  }
  return pageOf({ title, style: STYLE, body: html`<h1>${title}</h1><p>${lead}</p>${parts}` });
}

async function tileOf({
  image,
  beside,
  heading,
  lines,
  frame = 'none',
}: GalleryTile): Promise<Html> {
  const picture = async (source: SheetImage): Promise<Html> =>
    html`<img alt="${heading}" src="${await imageAddress(source, PAGE_IMAGE_PX)}">`;
  const first = await picture(image);
  const both =
    beside === undefined ? first : html`<div class="pair">${first}${await picture(beside)}</div>`;
  return html`<div class="card ${frame}">${both}<strong>${heading}</strong>${lines.map((line) => html`<div>${line}</div>`)}</div>
`;
}
