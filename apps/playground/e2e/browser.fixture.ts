/** The page in Debian's Chromium, or in what `JANUS_CHROMIUM` names. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const BROWSER = process.env['JANUS_CHROMIUM'] ?? '/usr/bin/chromium';

/** Where screenshots go, to be looked at; none where it is not set. */
const SCREENSHOTS = process.env['JANUS_SCREENSHOTS'];

export const hasBrowser: boolean = existsSync(BROWSER);

/** Starts the browser, with a camera that shows a test image. */
export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: BROWSER,
    args: ['--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
  });
}

/** A page, and what it did that it should not. */
export interface Opened {
  readonly page: Page;
  readonly requests: string[];
  readonly errors: string[];
}

/** Opens the page and waits until it is ready. */
export async function open(
  browser: Browser,
  address: string,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Opened> {
  const page = await browser.newPage({ colorScheme, viewport: { width: 1200, height: 900 } });
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('dialog', (dialog) => {
    errors.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  await page.locator('#status', { hasText: 'Ready.' }).waitFor();
  return { page, requests, errors };
}

export async function screenshot(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS === undefined) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** Returns what axe finds serious or critical: rule and place. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(await readFile(axe, 'utf8'));
  const found = await page.evaluate<
    readonly { id: string; impact: string; nodes: { html: string }[] }[]
  >('axe.run(document, { preload: false }).then(({ violations }) => violations)');
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
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
