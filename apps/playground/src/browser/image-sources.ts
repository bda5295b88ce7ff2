/** The ways in which images come into the page: chosen, dropped, pasted, taken. */
import { elementOf, guarded } from './elements.js';

/** Where images go, and where is said what went wrong. */
export interface ImageTaker {
  readonly status: HTMLElement;
  readonly take: (images: readonly Blob[]) => Promise<void>;
}

/** Takes images that are chosen with a button. */
export function takeChosen(input: HTMLInputElement, { status, take }: ImageTaker): void {
  input.addEventListener(
    'change',
    guarded(status, async () => {
      const files = [...(input.files ?? [])];
      input.value = ''; // the same file may be chosen again
      if (files.length > 0) await take(files);
    }),
  );
}

/** Takes images that are dropped on an element. */
export function takeDropped(place: HTMLElement, { status, take }: ImageTaker): void {
  for (const name of ['dragenter', 'dragover'] as const) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.add('over');
    });
  }
  place.addEventListener('dragleave', () => {
    place.classList.remove('over');
  });
  place.addEventListener('drop', (event) => {
    event.preventDefault();
    place.classList.remove('over');
    const files = imagesOf(event.dataTransfer);
    guarded(status, () => take(files))();
  });
}

/** Keeps the browser from opening a file that is dropped beside the places for it, in place of the page. */
export function ignoreOtherDrops(): void {
  for (const name of ['dragover', 'drop'] as const) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
    });
  }
}

/** Takes an image that is pasted anywhere but into a field. */
export function takePasted({ status, take }: ImageTaker): void {
  document.addEventListener('paste', (event) => {
    const files = imagesOf(event.clipboardData);
    if (files.length > 0) guarded(status, () => take(files))();
  });
}

const imagesOf = (data: DataTransfer | null): readonly File[] => [...(data?.files ?? [])];

/** The buttons and the image of a camera, by their ids. */
export interface CameraElements {
  readonly panel: string;
  readonly video: string;
  readonly shoot: string;
  readonly stop: string;
}

/**
 * Takes images with the camera; returns what starts it. It runs until its button stops it, and an
 * image can be taken as soon as the camera shows one.
 */
export function takeFromCamera(
  ids: CameraElements,
  { status, take }: ImageTaker,
): () => Promise<void> {
  const panel = elementOf(ids.panel, HTMLElement);
  const video = elementOf(ids.video, HTMLVideoElement);
  const shoot = elementOf(ids.shoot, HTMLButtonElement);
  const stop = (): void => {
    const stream = video.srcObject;
    if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    panel.hidden = true;
  };
  const start = async (): Promise<void> => {
    // Pages that are neither local nor encrypted have no camera, whatever the types say.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (devices === undefined) {
      throw new Error('this page may not use the camera. Open it from a folder, or over https.');
    }
    video.srcObject = await devices.getUserMedia({ video: { facingMode: 'user' } }).catch(() => {
      throw new Error('there is no camera, or the page may not use it. Allow it in the browser.');
    });
    shoot.disabled = true;
    panel.hidden = false;
    await video.play();
    shoot.disabled = false;
    shoot.focus();
  };
  elementOf(ids.stop, HTMLButtonElement).addEventListener('click', stop);
  shoot.addEventListener(
    'click',
    guarded(status, async () => {
      await take([await stillOf(video)]);
    }),
  );
  return start;
}

function stillOf(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('the camera shows nothing yet. Try again.'));
      else resolve(blob);
    }, 'image/png');
  });
}
