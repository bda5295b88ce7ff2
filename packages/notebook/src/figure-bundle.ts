import { renderPng, type Figure } from '@janus/figures';
import type { Bundle } from './screen.js';

/** Pixels across: a notebook's column. */
const WIDTH = 680;
/** Pixels of the bitmap per pixel of the figure: sharp enough on a page, and a third of the default's bytes. */
const SCALE = 1.25;

/** Returns whether a value is a Plotly figure. */
export const isFigure = (value: object): value is Figure =>
  'data' in value &&
  Array.isArray(value.data) &&
  'layout' in value &&
  typeof value.layout === 'object';

/**
 * Returns a figure in both forms: Plotly's, which can be zoomed and hovered where a reader draws it, and an image for the
 * others.
 *
 * @param rich false leaves out all but the text
 */
export async function figureBundle(figure: Figure, rich: boolean): Promise<Bundle> {
  const count = figure.data.length;
  const text = `Figure: ${titleOf(figure)} (${count} trace${count === 1 ? '' : 's'})`;
  if (!rich) return { 'text/plain': text };
  const png = await renderPng(figure, { width: WIDTH, scale: SCALE });
  return {
    'text/plain': text,
    'image/png': Buffer.from(png).toString('base64'),
    'application/vnd.plotly.v1+json': { data: figure.data, layout: figure.layout },
  };
}

function titleOf({ layout }: Figure): string {
  const title = layout['title'] as { readonly text?: string } | string | undefined;
  const text = typeof title === 'string' ? title : title?.text;
  // The subtitle follows in smaller letters.
  return (text ?? 'untitled').replace(/<br\s*\/?>.*$/s, '').replace(/<[^>]*>/g, '');
}
