/** The playground's page in a browser. */
import { readFile } from 'node:fs/promises';
import {
  openPage,
  startBrowser,
  type Browser,
  type OpenedPage,
  type Page,
  type PageOptions,
} from '../../../tools/browser/browser.js';

/** Starts the browser, with a camera that shows a test image, and with WebGPU computed in software, which the page takes only if asked. */
export async function startBrowserWithCamera(): Promise<Browser> {
  return await startBrowser([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
  ]);
}

/** Opens the page and waits until it is ready. */
export async function open(
  browser: Browser,
  address: string,
  options: PageOptions = {},
): Promise<OpenedPage> {
  const opened = await openPage(browser, address, options);
  await ready(opened.page);
  return opened;
}

/** Resolves when the page can be used. */
export async function ready(page: Page): Promise<void> {
  await page.locator('#status', { hasText: 'Ready.' }).waitFor();
}

/** Returns the file that a button saves. */
export async function savedBy(page: Page, name: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name, exact: true }).click(),
  ]);
  return await readFile(await download.path());
}

/** Returns the RGB values that a canvas shows. */
export async function canvasPixels(page: Page, id: string): Promise<Uint8Array> {
  const values = await page.evaluate<readonly number[]>(
    `(() => { const c = document.getElementById(${JSON.stringify(id)});
      return [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((_, i) => i % 4 < 3); })()`,
  );
  return Uint8Array.from(values);
}
