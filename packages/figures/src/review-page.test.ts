import { JSDOM } from 'jsdom';
import { expect, it } from 'vitest';
import { reviewPage, type ReviewPageOptions } from './review-page.js';

const PIXELS = new Uint8Array(16 * 16 * 3).fill(120);

const OPTIONS: ReviewPageOptions = {
  ...{ target: 'gender', name: 'people', classes: ['female', 'male', 'other'] },
  ...{ lead: 'Two labels are doubtful.', command: 'npx janus data clean people' },
  items: ['a/1', 'b<2>', 'c'].map((id) => ({
    ...{ id, image: PIXELS, given: 'female', suggested: 'male', confidence: 0.9, quality: 0.1 },
  })),
};

/** A page in a browser that holds what it saves, as text. */
function opened(page: string, storage = new Map<string, string>()) {
  const saved: Blob[] = [];
  const dom = new JSDOM(page, {
    runScripts: 'dangerously',
    beforeParse: (window) => {
      Object.defineProperty(window, 'localStorage', {
        value: {
          getItem: (key: string) => storage.get(key) ?? null,
          setItem: (key: string, value: string) => storage.set(key, value),
        },
      });
      window.HTMLAnchorElement.prototype.click = () => undefined;
      window.URL.createObjectURL = (blob) => {
        saved.push(blob as Blob);
        return 'blob:x';
      };
      window.URL.revokeObjectURL = () => undefined;
    },
  });
  const { document } = dom.window;
  const press = (key: string): void => {
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new dom.window.KeyboardEvent('keydown', { key, bubbles: true }));
  };
  const text = async (): Promise<unknown> => {
    const reader = new dom.window.FileReader();
    const read = new Promise((resolve) => {
      reader.onload = () => {
        resolve(reader.result);
      };
    });
    reader.readAsText(saved.at(-1)!);
    return JSON.parse(String(await read));
  };
  const counts = (): string => document.getElementById('counts')?.textContent ?? '';
  return { document, press, text, counts };
}

it('keys decide and move on, and what is saved holds each decision with the label that was judged', async () => {
  const { press, text, counts } = opened(await reviewPage(OPTIONS));
  for (const key of ['ArrowRight', 'c', 'r', 'k', 's']) press(key);
  expect(counts()).toBe('1 kept, 1 changed, 1 removed, 0 undecided');
  expect(await text()).toEqual({
    ...{ format: 1, kind: 'label-decisions', target: 'gender' },
    decisions: [
      { id: 'a/1', given: 'female', decision: 'relabel', label: 'male' },
      { id: 'b<2>', given: 'female', decision: 'remove' },
      { id: 'c', given: 'female', decision: 'keep' },
    ],
  });
});

it('buttons decide, a second click undecides, and another class can be chosen', async () => {
  const { document, text, counts } = opened(await reviewPage(OPTIONS));
  const [first, second] = [...document.querySelectorAll('.card')];
  const remove = first!.querySelector<HTMLButtonElement>('button[data-decision=remove]')!;
  remove.click();
  remove.click();
  const select = second!.querySelector('select')!;
  select.value = 'other';
  select.dispatchEvent(new document.defaultView!.Event('change', { bubbles: true }));
  expect(counts()).toBe('0 kept, 1 changed, 0 removed, 2 undecided');
  document.getElementById('save')!.click();
  expect(await text()).toMatchObject({ decisions: [{ id: 'b<2>', label: 'other' }] });
});

it('decisions are there again when the page is opened again', async () => {
  const storage = new Map<string, string>();
  const page = await reviewPage(OPTIONS);
  const before = opened(page, storage);
  for (const key of ['ArrowRight', 'r']) before.press(key);
  expect(opened(page, storage).counts()).toBe('0 kept, 0 changed, 1 removed, 2 undecided');
});

it('needs no other file, and an image that cannot be read is crossed out', async () => {
  const items = [{ ...OPTIONS.items[0]!, image: '/nowhere/x.jpg' }, OPTIONS.items[1]!];
  const page = await reviewPage({ ...OPTIONS, items });
  expect([...page.matchAll(/ src="([^:]*:[^;]*)/g)].map(([, type]) => type)).toEqual([
    'data:image/png',
    'data:image/jpeg',
  ]);
  expect(page).not.toMatch(/https?:/);
});
