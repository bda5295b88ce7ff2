/** The person's classes on the page: a card each, with its name, its images, and ways to add some. */
import type { OwnClass, OwnImage } from './own-classes.js';
import { element, guarded } from './elements.js';
import { takeChosen, takeDropped } from './image-sources.js';
import { drawImage } from './photos.js';

/** What happens to a card's images. */
export interface CardListener {
  readonly status: HTMLElement;
  /** Adds images to a card. */
  readonly add: (card: ClassCard, images: readonly Blob[]) => Promise<void>;
  /** Starts the camera for a card. */
  readonly shoot: (card: ClassCard) => Promise<void>;
  /** Removes a card. */
  readonly remove: (card: ClassCard) => void;
}

/** A class on the page. */
export interface ClassCard {
  readonly place: HTMLElement;
  /** Its name and images, as they are now. */
  readonly content: () => OwnClass;
  /** Shows an image that was added. */
  readonly show: (image: OwnImage, size: number) => void;
}

/** Makes the card of a class. */
export function classCard(first: string, listener: CardListener): ClassCard {
  const { status, add, shoot, remove } = listener;
  const images: OwnImage[] = [];
  const name = element('input', []);
  name.type = 'text';
  name.value = first;
  name.maxLength = 60;
  const file = element('input', []);
  file.type = 'file';
  file.accept = 'image/*';
  file.multiple = true;
  const camera = element('button', ['use the camera']);
  const gone = element('button', ['remove the class']);
  for (const button of [camera, gone]) button.type = 'button';
  const thumbs = element('ul', [], 'thumbs');
  const count = element('p', ['no image yet'], 'muted');
  const recount = (): void => {
    count.textContent = images.length === 1 ? '1 image' : `${images.length} images`;
  };
  const legend = element('legend', [first]);
  name.addEventListener('input', () => {
    legend.textContent = name.value;
  });
  const place = element('fieldset', [
    legend,
    element('label', ['Name ', name]),
    element('p', [element('label', ['add images', file], 'button'), camera, gone], 'buttons'),
    count,
    thumbs,
  ]);
  const card: ClassCard = {
    place,
    content: () => ({ name: name.value.trim(), images: [...images] }),
    show: (image, size) => {
      images.push(image);
      const item = thumbOf(image, size, () => {
        images.splice(images.indexOf(image), 1);
        item.remove();
        recount();
      });
      thumbs.append(item);
      recount();
    },
  };
  const taker = { status, take: (given: readonly Blob[]) => add(card, given) };
  takeChosen(file, taker);
  takeDropped(place, taker);
  camera.addEventListener('click', guarded(status, () => shoot(card))); // prettier-ignore
  gone.addEventListener('click', () => {
    remove(card);
  });
  return card;
}

function thumbOf({ id, square }: OwnImage, size: number, remove: () => void): HTMLElement {
  const canvas = element('canvas', []);
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', id);
  drawImage(canvas, { pixels: square, width: size, height: size });
  const button = element('button', ['×']);
  button.type = 'button';
  button.setAttribute('aria-label', `Remove ${id}`);
  button.addEventListener('click', remove);
  return element('li', [canvas, button]);
}
