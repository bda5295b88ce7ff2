/** The page's markup; its script fills it in. */
import { html, type Html } from '@janus/core';
import type { PageCard, PageData } from './page-data.js';

/**
 * What the page may do: run its own files and the WebAssembly among them, show what it made itself. No connection is
 * allowed, to its own server either; `file:` stands beside `'self'` for pages that are opened from a folder.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' file: 'wasm-unsafe-eval'",
  "style-src 'self' file:",
  'img-src data: blob:',
  'connect-src blob:',
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Returns the page. */
export function pageHtml(data: PageData): string {
  const { name, translation, classifier } = data;
  const targets = classifier.description.targets.map(({ target }) => target).join(', ');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}: playground</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<a class="skip" href="#try">Skip to the image</a>
<header>
<h1>${name}</h1>
<p>Tells <b>${targets}</b>, as the labels of its training images perceived it${translation === undefined ? '' : html`, and translates <b>${translation.name}</b>`}. Everything runs in this page: images stay on this machine, and the page is not allowed to send any.</p>
<p class="engine"><span id="engine" role="status">Starting …</span>
<label>Engine <select id="engines"></select></label></p>
</header>
<main>
${trySection(data)}
${learnSection()}
${limitsSection(data.cards)}
</main>
<footer><p class="muted">Made by Janus ${data.version}. <a href="#limits">Limits</a></p></footer>
<script src="page-data.js"></script>
<script src="page.js"></script>
</body>
</html>
`.markup;
}

function trySection({ translation, classifier, name }: PageData): Html {
  const { imageSize } = classifier.description;
  return html`<section id="try" aria-labelledby="try-title">
<h2 id="try-title">Try it</h2>
<div id="drop" class="drop">
<p>Drop an image here, paste one, or</p>
<p class="buttons"><label class="button">choose an image<input id="file" type="file" accept="image/*" disabled></label>
<button id="camera" type="button" disabled>use the camera</button></p>
</div>
<div id="camera-panel" class="camera" hidden>
<video id="video" muted playsinline></video>
<p class="buttons"><button id="shoot" type="button">Take the image</button> <button id="camera-stop" type="button">Stop the camera</button></p>
</div>
<p id="status" role="status">The weights are being loaded.</p>
<div id="results" class="results" hidden>
<figure><canvas id="photo" role="img" aria-label="Your image"></canvas><figcaption id="photo-note"></figcaption></figure>
<div class="answer"><h3>Answer</h3>
<p id="classifiers" hidden><label>of <select id="classifier"><option value="0">${name}</option></select></label></p>
<div id="answer"></div>
<p><button id="save-answer" type="button">Save the answer as JSON</button></p></div>
<figure><canvas id="heat" role="img" aria-label="Where the answer comes from"></canvas>
<figcaption><label>What speaks for <select id="explained"></select></label> Grad-CAM: bright places raise this answer's score. The image is what the network sees, ${imageSize} pixels wide.</figcaption></figure>
${
  translation === undefined
    ? ''
    : html`<figure id="translation"><div class="marked"><canvas id="translated" role="img" aria-label="Translated image, synthetic"></canvas><span class="mark" aria-hidden="true">synthetic</span></div>
<figcaption><label>Translation <select id="direction">${translation.directions.map(({ title }, i) => html`<option value="${i}">${title}</option>`)}</select></label>
<label>Strength <input id="strength" type="range" min="0" max="1.5" step="0.05" value="1"> <output id="strength-value" for="strength">1.00</output></label>
<span id="translation-note"></span>
<button id="save-translation" type="button">Save the image</button></figcaption></figure>`
}
</div>
</section>`;
}

/** The part that learns; the script adds the classes. */
function learnSection(): Html {
  return html`<section id="learn" aria-labelledby="learn-title">
<h2 id="learn-title">Teach it classes of your own</h2>
<p>Name two classes or more, and add images to each, at least three, better thirty. The network above stays as it is; a linear classifier on what it sees of your images is fitted in this page, and measured on each image by one that has not seen it. Add images of people who have agreed only.</p>
<div id="classes" class="classes"></div>
<div id="learn-camera-panel" class="camera" hidden>
<video id="learn-video" muted playsinline></video>
<p class="buttons"><button id="learn-shoot" type="button">Take an image for the class</button> <button id="learn-camera-stop" type="button">Stop this camera</button></p>
</div>
<p class="buttons"><button id="add-class" type="button">Add a class</button> <button id="train" class="main" type="button">Learn</button></p>
<p id="learn-status" role="status"></p>
<div id="learned" hidden>
<div id="learned-facts"></div>
<div class="curves"><figure id="curve-images"></figure><figure id="curve-penalty"></figure></div>
<p><button id="save-run" type="button">Save the run as a zip</button> <span class="muted">“janus predict own-classes.zip image.jpg” answers by it; it holds no image.</span></p>
</div>
</section>`;
}

function limitsSection(cards: readonly PageCard[]): Html {
  return html`<section id="limits" aria-labelledby="limits-title">
<h2 id="limits-title">What it is, and its limits</h2>
${cards.map(
  ({ name, figures, limits, card }) => html`<h3>${name}</h3>
${figures.map((each) => html`<p>${each}</p>`)}
<ul>${limits.map((each) => html`<li>${each}</li>`)}</ul>
${card === undefined ? '' : html`<details><summary>Model card</summary><pre tabindex="0">${card}</pre></details>`}`,
)}
</section>`;
}
