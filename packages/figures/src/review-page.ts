/** A page on which a person accepts or rejects what was found about labels. */
import { countText, hashOfText, html, percentText, raw, type Html } from '@janus/core';
import { PAGE_IMAGE_PX, pageOf } from './page-shell.js';
import { REVIEW_SCRIPT, REVIEW_STYLE } from './review-script.js';
import { imageAddress, type SheetImage } from './tiles.js';

/** A label that a person is asked about. */
export interface ReviewItem {
  /** Manifest id. */
  readonly id: string;
  readonly image: SheetImage;
  readonly given: string;
  readonly suggested: string;
  /** Probability of the suggested class, 0 to 1. */
  readonly confidence: number;
  /** Of the given one. */
  readonly quality: number;
}

/** Options of {@link reviewPage}. */
export interface ReviewPageOptions {
  /** Label column. */
  readonly target: string;
  /** The data set's name. */
  readonly name: string;
  /** All classes, of which another than the suggested one can be chosen. */
  readonly classes: readonly string[];
  readonly items: readonly ReviewItem[];
  /** What was asked and how, in a sentence or two. */
  readonly lead: string;
  /** The command that applies the decisions, printed on the page. */
  readonly command: string;
}

/** Images that are encoded at a time. */
const CONCURRENT_IMAGES = 16;

/**
 * Returns a page with an image and buttons for each label: keep it, change it, or remove the image. It keeps the decisions
 * in the browser while it is open, and downloads them as `decisions.json`, which `readLabelDecisions` of `data` reads. Images
 * are part of the page, which needs no network.
 */
export async function reviewPage(options: ReviewPageOptions): Promise<string> {
  const { target, name, classes, items, lead, command } = options;
  const cards: Html[] = [];
  for (let i = 0; i < items.length; i += CONCURRENT_IMAGES) {
    const some = items.slice(i, i + CONCURRENT_IMAGES);
    cards.push(...(await Promise.all(some.map((item) => cardOf(item, classes)))));
  }
  const key = `janus-review-${hashOfText(JSON.stringify([target, items.map(({ id }) => id)]))}`;
  const title = `${name}: ${countText(items.length)} labels of ${target} to check`;
  // `<` would end the element early inside a label such as `</script>`.
  const facts = JSON.stringify({ target, key }).replaceAll('<', '\\u003c');
  return pageOf({
    title,
    style: REVIEW_STYLE,
    script: REVIEW_SCRIPT,
    body: html`<h1>${title}</h1>
<p>${lead}</p>
<p class="muted">Keys: <kbd>→</kbd> <kbd>←</kbd> next and previous, <kbd>k</kbd> keep the label, <kbd>c</kbd> change it, <kbd>r</kbd> remove the image, <kbd>u</kbd> undecided, <kbd>s</kbd> save. The labels say what the data set’s makers perceived; decide only what can be seen.</p>
<div class="bar"><span id="counts"></span> <label><input type="checkbox" id="open"> undecided only</label> <button id="save">Save decisions.json</button></div>
<p class="muted">Then: <code>${command}</code></p>
<script type="application/json" id="facts">${raw(facts)}</script>
<div class="grid" id="cards">${cards}</div>`,
  });
}

async function cardOf(item: ReviewItem, classes: readonly string[]): Promise<Html> {
  const { id, image, given, suggested, confidence, quality } = item;
  const others = [suggested, ...classes.filter((each) => each !== suggested && each !== given)];
  return html`<div class="card" tabindex="0" data-id="${id}" data-given="${given}">
<img alt="${id}" src="${await imageAddress(image, PAGE_IMAGE_PX)}">
<div>label <b>${given}</b> (${percentText(quality)})</div>
<div>looks like <b>${suggested}</b> (${percentText(confidence)})</div>
<div class="id">${id}</div>
<div class="choices"><button data-decision="keep">Keep</button> <button data-decision="relabel">${others.length === 1 ? `Change to ${suggested}` : 'Change'}</button> <select aria-label="new label"${raw(others.length === 1 ? ' hidden' : '')}>${others.map((each) => html`<option>${each}</option>`)}</select> <button data-decision="remove">Remove</button></div>
</div>
`;
}
