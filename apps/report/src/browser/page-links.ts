/** What refers to another place of the page. */

/** Gives each image that stands a second time the bytes of the first. */
export function sharePictures(): void {
  for (const image of document.querySelectorAll<HTMLImageElement>('img[data-same]')) {
    const id = image.dataset['same'] ?? '';
    const first = document.querySelector<HTMLImageElement>(`img[data-image="${id}"]`);
    if (first !== null) image.src = first.src;
  }
}

/** Unfolds what the address points at, and what it lies in. */
export function openTarget(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target === null) return;
  for (const folded of document.querySelectorAll('details')) {
    if (folded.contains(target)) folded.open = true;
  }
  target.scrollIntoView();
}

/** Folds the contents up where they stand above the page, and not beside it. */
export function foldContents(): void {
  const contents = document.querySelector<HTMLDetailsElement>('nav details');
  if (contents !== null && matchMedia('(max-width: 1319px)').matches) contents.open = false;
}
