/** Renders figures to PDF without a browser: lines and letters stay vectors, and text can be selected. */
import { PDFDocument } from '@napi-rs/canvas';
import { drawSvg } from './draw-svg.js';
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
  const { JSDOM } = await import('jsdom');
  const { document } = new JSDOM(svg, { contentType: 'image/svg+xml' }).window;
  const root = document.documentElement;
  const [width, height] = ['width', 'height'].map((name) => Number(root.getAttribute(name)));
  const pdf = new PDFDocument({ title, creator: 'Janus', compressionLevel: 9 });
  const context = pdf.beginPage((width ?? 0) * POINTS, (height ?? 0) * POINTS);
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
