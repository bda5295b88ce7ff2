/** The part of the page that learns a person's own classes. */
import { estimateText, percentText, type ClassifierEvaluation } from '@janus/core';
import { classCard, type ClassCard } from './class-cards.js';
import { drawCurves } from './curve-figure.js';
import { element, elementOf, guarded, optionOf, painted } from './elements.js';
import { takeFromCamera, type CameraElements } from './image-sources.js';
import { findFace } from './networks.js';
import {
  FEW_IMAGES,
  learnOwnClasses,
  ownFeatures,
  squareHash,
  type OwnRun,
} from './own-classes.js';
import { decodePhoto, save, squareOf } from './photos.js';
import { runZip } from './run-zip.js';
import type { OpenPage } from './try-view.js';

/** Images of the camera that follow each other and stay together: they are nearly the same. */
const BURST = 5;

/** Ids of the camera's elements. */
const CAMERA: CameraElements = {
  panel: 'learn-camera-panel',
  video: 'learn-video',
  shoot: 'learn-shoot',
  stop: 'learn-camera-stop',
};

/** Makes the part that learns listen. */
export function openLearnView(page: OpenPage): void {
  const status = elementOf('learn-status', HTMLElement);
  const place = elementOf('classes', HTMLElement);
  const cards: ClassCard[] = [];
  let shootFor: ClassCard | undefined;
  let run: OwnRun | undefined;
  const startCamera = takeFromCamera(CAMERA, {
    status,
    take: async (images) => {
      if (shootFor !== undefined)
        await addImages(page, { card: shootFor, cards, images, shot: true });
    },
  });
  const addCard = (): void => {
    const card = classCard(`Class ${cards.length + 1}`, {
      status,
      add: (to, images) => addImages(page, { card: to, cards, images, shot: false }),
      shoot: async (to) => {
        shootFor = to;
        await startCamera();
        elementOf('learn-shoot', HTMLButtonElement).textContent =
          `Take an image for ${to.content().name}`;
      },
      remove: (gone) => {
        cards.splice(cards.indexOf(gone), 1);
        gone.place.remove();
      },
    });
    cards.push(card);
    place.append(card.place);
  };
  addCard();
  addCard();
  // The images of the classes are nowhere but in the page.
  addEventListener('beforeunload', (event) => {
    if (cards.some((card) => card.content().images.length > 0)) event.preventDefault();
  });
  elementOf('add-class', HTMLButtonElement).addEventListener('click', addCard);
  elementOf('train', HTMLButtonElement).addEventListener(
    'click',
    guarded(status, async () => {
      run = await learn(page, cards, status);
    }),
  );
  elementOf('save-run', HTMLButtonElement).addEventListener(
    'click',
    guarded(status, async () => {
      if (run === undefined) return;
      const bytes = await runZip(run, page.data, page.engine);
      save(new Blob([bytes.slice().buffer], { type: 'application/zip' }), 'own-classes.zip');
    }),
  );
}

/** Images that come to a class. */
interface AddedImages {
  readonly card: ClassCard;
  /** All classes: an image counts once. */
  readonly cards: readonly ClassCard[];
  readonly images: readonly Blob[];
  /** Whether they come from the camera, one after the other. */
  readonly shot: boolean;
}

async function addImages(
  page: OpenPage,
  { card, cards, images, shot }: AddedImages,
): Promise<void> {
  const status = elementOf('learn-status', HTMLElement);
  const [base] = page.classifiers;
  if (base === undefined) return;
  const { imageSize: size } = base.description;
  let [done, withoutFace, known] = [0, 0, 0];
  for (const image of images) {
    const photo = await decodePhoto(image);
    const face = await findFace(page.detector, photo, page.data.classifier.crop);
    const square = squareOf(photo, face?.part, size);
    done += 1;
    if (face === undefined) withoutFace += 1;
    const hash = squareHash(square);
    const all = cards.flatMap((each) => each.content().images);
    if (all.some((each) => each.id.endsWith(hash))) {
      known += 1;
    } else {
      const place = card.content().images.length;
      const id = `${image instanceof File ? image.name : `camera ${place + 1}`} ${hash}`;
      const group = shot ? `camera ${cards.indexOf(card)} ${Math.floor(place / BURST)}` : id;
      card.show({ id, square, group, features: await ownFeatures(base, square) }, size);
    }
    status.textContent = `${done} of ${images.length} images looked at`;
    await painted();
  }
  status.textContent = addedText({ done, withoutFace, known });
}

function addedText(counts: {
  readonly done: number;
  readonly withoutFace: number;
  readonly known: number;
}): string {
  const { done, withoutFace, known } = counts;
  return [
    `${done - known} added.`,
    ...(withoutFace > 0 ? [`No face in ${withoutFace}: the middle square counts.`] : []),
    ...(known > 0 ? [`${known} left out: they were there already.`] : []),
  ].join(' ');
}

async function learn(
  page: OpenPage,
  cards: readonly ClassCard[],
  status: HTMLElement,
): Promise<OwnRun> {
  const [base] = page.classifiers;
  if (base === undefined) throw new Error('the network is not there yet. Wait for it.');
  status.textContent = 'Learning …';
  await painted();
  const run = await learnOwnClasses(
    base,
    cards.map((card) => card.content()),
    async (done, total) => {
      status.textContent = `Learning: ${done} of ${total} parts`;
      await painted();
    },
  );
  page.classifiers[1] = run.classifier;
  offerClassifier(page);
  showLearned(run);
  status.textContent = `Learned in ${run.seconds.toFixed(1)} s. The answer above can come from your classes now.`;
  return run;
}

function offerClassifier({ data }: OpenPage): void {
  const select = elementOf('classifier', HTMLSelectElement);
  select.replaceChildren(optionOf('0', data.name), optionOf('1', 'your own classes'));
  select.value = '1';
  elementOf('classifiers', HTMLElement).hidden = false;
  select.dispatchEvent(new Event('change'));
}

function showLearned({ evaluation, folds, curve, records }: OwnRun): void {
  const { accuracy, balancedAccuracy, calibrationError, n } = evaluation;
  elementOf('learned-facts', HTMLElement).replaceChildren(
    element('p', [
      element('strong', [
        `Right for ${estimateText(accuracy, n)} of the images that were left out`,
      ]),
      `, balanced over the classes ${percentText(balancedAccuracy.value)}. Its probabilities are off by ${percentText(calibrationError)} on average. ${folds} parts; intervals 95 %.`,
    ]),
    ...warningsOf(evaluation).map((text) => element('p', [text], 'warning')),
    confusionTable(evaluation),
  );
  drawCurves(elementOf('curve-images', HTMLElement), {
    title:
      'Accuracy on images left out, by how many were learned from: where it still rises, more images help',
    labels: curve.map(({ images }) => String(images)),
    curves: [{ name: 'accuracy', values: curve.map((each) => each.accuracy) }],
    ...{ range: [0, 1], format: (value) => `${(100 * value).toFixed(0)} %` },
  });
  const of = (split: string): readonly number[] =>
    records.flatMap((each) => (each.split === split ? [each.losses['crossEntropy'] ?? NaN] : []));
  const losses = [...of('train'), ...of('validation')].filter(Number.isFinite);
  drawCurves(elementOf('curve-penalty', HTMLElement), {
    title:
      'Loss by the penalty on large weights, from strong to weak: the lowest on left-out images is taken',
    labels: records.flatMap(({ split, metrics }) =>
      split === 'train' ? [String(metrics?.['penalty'] ?? '')] : [],
    ),
    curves: [
      { name: 'learned from', values: of('train') },
      { name: 'left out', values: of('validation') },
    ],
    ...{ range: [0, Math.max(...losses, 0.01)], format: (value) => value.toFixed(2) },
  });
  elementOf('learned', HTMLElement).hidden = false;
}

/** What is to be said against the figures. */
function warningsOf({ perClass, majority, accuracy }: ClassifierEvaluation): readonly string[] {
  const few = Object.entries(perClass).filter(([, { n }]) => n < FEW_IMAGES);
  return [
    ...(few.length === 0
      ? []
      : [
          `Few images: ${few.map(([name, { n }]) => `${name} has ${n}`).join(', ')}. With fewer than ${FEW_IMAGES} a class, the figure says little; look at its interval.`,
        ]),
    ...(accuracy.low > majority
      ? []
      : [
          `Not shown to be better than always naming the commonest class (${percentText(majority)}): the interval reaches down to ${percentText(accuracy.low)}.`,
        ]),
  ];
}

function confusionTable({ classes, confusion }: ClassifierEvaluation): HTMLElement {
  const head = (text: string, scope: string): HTMLElement => {
    const made = element('th', [text]);
    made.setAttribute('scope', scope);
    return made;
  };
  const top = element('tr', [element('td', ['']), ...classes.map((name) => head(name, 'col'))]);
  const rows = classes.map((name, i) =>
    element('tr', [
      head(name, 'row'),
      ...(confusion[i] ?? []).map((count) => element('td', [String(count)])),
    ]),
  );
  return element('table', [
    element('caption', ['Rows: your classes. Columns: what was answered.']),
    element('thead', [top]),
    element('tbody', rows),
  ]);
}
