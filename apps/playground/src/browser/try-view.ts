/** The part of the page that tells an image, shows why, and translates it. */
import { heatOverlay } from '@janus/figures';
import type { RgbImage } from '@janus/images';
import type {
  ClassMaps,
  FaceDetector,
  TargetDescription,
  TargetPrediction,
} from '@janus/models/web';
import type { PageData } from '../page-data.js';
import { showAnswer } from './answer-view.js';
import { elementOf, guarded, optionOf, painted } from './elements.js';
import {
  findFace,
  type FoundFace,
  type OpenClassifier,
  type OpenTranslation,
  type TranslatedPieces,
} from './networks.js';
import { decodePhoto, drawFrame, drawImage, save, squareOf } from './photos.js';

/** What the page works with, once its weights are there. */
export interface OpenPage {
  readonly data: PageData;
  /** That of the run, and after it, once there is one, that of the person's own classes. */
  readonly classifiers: OpenClassifier[];
  readonly detector: FaceDetector;
  readonly translation: OpenTranslation | undefined;
  /** Line about the engine, for what is saved. */
  readonly engine: string;
}

/** An image with all that was found out about it. */
interface Looked {
  readonly photo: RgbImage;
  readonly face: FoundFace | undefined;
  /** uint8 [size, size, 3]: what the classifier sees. */
  readonly square: Uint8Array;
  answer: Readonly<Record<string, TargetPrediction>>;
  map?: ClassMaps;
  translated?: TranslatedPieces;
}

/** Makes the results listen, and returns what takes an image. */
export function openTryView(page: OpenPage): (image: Blob) => Promise<void> {
  const status = elementOf('status', HTMLElement);
  let looked: Looked | undefined;
  const again = (work: (looked: Looked) => Promise<void> | void): (() => void) =>
    guarded(status, async () => {
      if (looked !== undefined) await work(looked);
    });
  const explained = elementOf('explained', HTMLSelectElement);
  explained.addEventListener(
    'change',
    again((found) => explain(page, found)),
  );
  elementOf('save-answer', HTMLButtonElement).addEventListener(
    'click',
    again((found) => {
      saveAnswer(page, found);
    }),
  );
  if (page.translation !== undefined) openTranslationControls(page, again);
  elementOf('classifier', HTMLSelectElement).addEventListener(
    'change',
    again(async (found) => {
      await tell(page, found);
    }),
  );
  return async (image) => {
    status.textContent = 'Looking for a face …';
    await painted();
    const photo = await decodePhoto(image);
    const face = await findFace(page.detector, photo, page.data.classifier.crop);
    const square = squareOf(photo, face?.part, page.data.classifier.description.imageSize);
    looked = { photo, face, square, answer: {} };
    showPhoto(looked);
    await tell(page, looked);
    elementOf('results', HTMLElement).hidden = false;
    if (page.translation !== undefined) {
      chooseDirection(page, looked);
      await translate(page, looked);
    }
    status.textContent = noteOf(looked);
  };
}

/** Asks the classifier that is chosen, and shows its answer and where that comes from. */
async function tell(page: OpenPage, looked: Looked): Promise<void> {
  const classifier = chosenOf(page);
  const { targets } = classifier.description;
  looked.answer = await classifier.tell(looked.square);
  const explained = elementOf('explained', HTMLSelectElement);
  fillExplained(explained, targets);
  const [first] = targets;
  const told = looked.answer[first?.target ?? '']?.prediction ?? '';
  explained.value = `0 ${Math.max(0, first?.classes.indexOf(told) ?? 0)}`;
  showAnswer(elementOf('answer', HTMLElement), looked.answer, (target) =>
    targets.some((each) => each.target === target && (each.temperature ?? null) !== null),
  );
  await explain(page, looked);
}

/** Returns the classifier that the page answers by. */
function chosenOf({ classifiers }: OpenPage): OpenClassifier {
  const chosen = classifiers[Number(elementOf('classifier', HTMLSelectElement).value)];
  if (chosen === undefined)
    throw new Error('there is no classifier to answer. Load the page again.');
  return chosen;
}

function noteOf({ face }: Looked): string {
  if (face === undefined) {
    return 'No face was found: the answer is about the middle square of the image.';
  }
  return face.count === 1
    ? 'One face was found: the answer is about it.'
    : `${face.count} faces were found: the answer is about the largest.`;
}

function showPhoto({ photo, face }: Looked): void {
  const canvas = elementOf('photo', HTMLCanvasElement);
  drawImage(canvas, photo);
  const side = Math.min(photo.width, photo.height);
  drawFrame(
    canvas,
    face?.part ?? {
      ...{ left: (photo.width - side) / 2, top: (photo.height - side) / 2 },
      ...{ width: side, height: side },
    },
  );
  elementOf('photo-note', HTMLElement).textContent =
    `Your image, ${photo.width} x ${photo.height}; the frame is what the answer is about.`;
}

/** Lists all classes; the value tells target and class. */
function fillExplained(select: HTMLSelectElement, targets: readonly TargetDescription[]): void {
  select.replaceChildren(
    ...targets.flatMap(({ target, classes }, t) =>
      classes.map((name, c) =>
        optionOf(`${t} ${c}`, targets.length === 1 ? name : `${target}: ${name}`),
      ),
    ),
  );
}

async function explain(page: OpenPage, looked: Looked): Promise<void> {
  const [target = 0, label = 0] = elementOf('explained', HTMLSelectElement)
    .value.split(' ')
    .map(Number);
  const { square } = looked;
  const map = await chosenOf(page).explain(square, { target, label });
  looked.map = map;
  const size = page.data.classifier.description.imageSize;
  const pixels = heatOverlay({ pixels: square, size, heat: map });
  drawImage(elementOf('heat', HTMLCanvasElement), { pixels, width: size, height: size });
}

type Again = (work: (looked: Looked) => Promise<void> | void) => () => void;

function openTranslationControls(page: OpenPage, again: Again): void {
  elementOf('direction', HTMLSelectElement).addEventListener(
    'change',
    again((found) => translate(page, found)),
  );
  elementOf('strength', HTMLInputElement).addEventListener('input', again(showTranslated));
  elementOf('save-translation', HTMLButtonElement).addEventListener(
    'click',
    again(() => {
      saveTranslated(page);
    }),
  );
}

/** Chooses the direction away from what the image is taken for; where that is none of the two sets, leaves the choice as it is. */
function chooseDirection({ data }: OpenPage, { answer }: Looked): void {
  const told = Object.values(answer).map(({ prediction }) => prediction);
  const away = data.translation?.directions.findIndex(({ from }) => told.includes(from)) ?? -1;
  if (away >= 0) elementOf('direction', HTMLSelectElement).value = String(away);
}

async function translate({ translation, data, detector }: OpenPage, looked: Looked): Promise<void> {
  if (translation === undefined || data.translation === undefined) return;
  const direction = Number(elementOf('direction', HTMLSelectElement).value);
  const face = await findFace(detector, looked.photo, data.translation.crop);
  const how = { direction, face: face?.part };
  looked.translated = await translation.translate(looked.photo, how);
  showTranslated(looked);
  const where = face === undefined ? 'the whole image' : 'the face in its place';
  elementOf('translation-note', HTMLElement).textContent =
    `Synthetic: ${where}, at ${data.translation.size} px, in ${looked.translated.ms.toFixed(0)} ms.`;
}

function showTranslated({ translated }: Looked): void {
  if (translated === undefined) return;
  const strength = Number(elementOf('strength', HTMLInputElement).value);
  elementOf('strength-value', HTMLOutputElement).value = strength.toFixed(2);
  const { pieces, after } = translated;
  drawImage(elementOf('translated', HTMLCanvasElement), pieces.join(after, strength));
}

/** Saves the translation with its mark in the pixels: the page shows the mark above them. */
function saveTranslated({ data }: OpenPage): void {
  const shown = elementOf('translated', HTMLCanvasElement);
  const canvas = document.createElement('canvas');
  canvas.width = shown.width;
  canvas.height = shown.height;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.drawImage(shown, 0, 0);
  const height = Math.max(9, Math.round(canvas.height / 24));
  context.font = `${height}px sans-serif`;
  const width = context.measureText('synthetic').width + height;
  context.fillStyle = '#000000cc';
  context.fillRect(canvas.width - width, canvas.height - 1.6 * height, width, 1.6 * height);
  context.fillStyle = '#ffffff';
  context.fillText('synthetic', canvas.width - width + height / 2, canvas.height - 0.45 * height);
  canvas.toBlob((blob) => {
    if (blob !== null) save(blob, `${data.translation?.name ?? 'translation'}-synthetic.png`);
  }, 'image/png');
}

function saveAnswer({ data, engine }: OpenPage, { face, answer, map, photo }: Looked): void {
  const text = JSON.stringify({
    ...{ run: data.name, janus: data.version, engine, answer },
    classifier: elementOf('classifier', HTMLSelectElement).selectedOptions[0]?.textContent ?? '',
    ...{ face: face?.part ?? null, width: photo.width, height: photo.height },
    explained: elementOf('explained', HTMLSelectElement).selectedOptions[0]?.textContent ?? '',
    gradCam: map && { height: map.height, width: map.width, data: [...map.data] },
  });
  save(new Blob([text], { type: 'application/json' }), 'answer.json');
}
