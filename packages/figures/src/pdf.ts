/** Renders figures to PDF without a browser: lines and letters stay vectors, and text can be selected. */
import { PDFDocument, type SKRSContext2D } from '@napi-rs/canvas';
import { drawSvg } from './draw-svg.js';
import { openSvg } from './open-svg.js';
import type { Figure } from './figure.js';
import { renderSvg, type RenderOptions } from './render.js';

/** Points per pixel: a figure of 760 px is 570 pt wide, 20 cm. */
const POINTS = 0.75;

/** Returns the figure's title without markup. */
function titleOf({ layout }: Figure): string {
  const title = layout['title'] as { readonly text?: string } | undefined;
  const [first = ''] = (title?.text ?? '').split('<br>');
  return first
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/**
 * Renders an SVG document of `renderSvg` to the bytes of a PDF file of one page, 0.75 points to the pixel. Fonts are embedded.
 *
 * @param title the document's, shown by readers; default none
 */
export async function pdfOfSvg(svg: string, title = ''): Promise<Buffer> {
  const { root, width, height } = await openSvg(svg);
  const pdf = new PDFDocument({ title, creator: 'Janus', compressionLevel: 9 });
  const page = pdf.beginPage(width * POINTS, height * POINTS);
  // The library declares the canvas of the browser, and returns its own.
  const context = page as unknown as SKRSContext2D;
  context.scale(POINTS, POINTS);
  await drawSvg(root, context);
  pdf.endPage();
  return pdf.close();
}

/**
 * Renders a figure to the bytes of a PDF file of one page. The same figure gives the same file.
 *
 * @throws OptionsError when a side is not whole pixels from 40 to 8,000
 */
export async function renderPdf(figure: Figure, options: RenderOptions = {}): Promise<Buffer> {
  return pdfOfSvg(await renderSvg(figure, options), titleOf(figure));
}
