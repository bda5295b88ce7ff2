/** Pages of the end-to-end tests in Debian's Chromium, or in what `JANUS_CHROMIUM` names. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

export type { Browser, Page };

const BROWSER = process.env['JANUS_CHROMIUM'] ?? '/usr/bin/chromium';

/** Where screenshots go, to be looked at; none where it is not set. */
const SCREENSHOTS = process.env['JANUS_SCREENSHOTS'];

/**
 * Milliseconds that the browser, a navigation, a click, a download or what a test waits for may take. Ten times Playwright's default:
 * pages train and translate, WebGL in software compiles every operation, and a machine of two cores may run other work. Nothing waits
 * that long unless it fails, and a test's own limit is twice as long, so that the error names what did not come.
 */
const PATIENCE_MS = 300_000;

export const hasBrowser: boolean = existsSync(BROWSER);

/**
 * Starts the browser.
 *
 * @param flags of Chromium, beside those that every test needs
 */
export async function startBrowser(flags: readonly string[] = []): Promise<Browser> {
  return await chromium.launch({
    executablePath: BROWSER,
    args: ['--no-sandbox', ...flags],
    timeout: PATIENCE_MS,
  });
}

/** A page, and what it did. */
export interface OpenedPage {
  readonly page: Page;
  /** Addresses that it asked for; those whose content is in the page (`data:`, `blob:`) are left out. */
  readonly requests: string[];
  /** Uncaught errors, errors in the console, and dialogs, which are dismissed. */
  readonly errors: string[];
  /** All that it wrote to the console. */
  readonly printed: string[];
}

/** How a page is shown. */
export interface PageOptions {
  /** Default `light`. */
  readonly colorScheme?: 'light' | 'dark';
  /** In CSS pixels; default 1200. */
  readonly width?: number;
}

const WINDOW = { width: 1200, height: 900 };

/** Opens an address in a page of its own session: no other page's storage, nothing cached. */
export async function openPage(
  browser: Browser,
  address: string,
  { colorScheme = 'light', width = WINDOW.width }: PageOptions = {},
): Promise<OpenedPage> {
  const page = await browser.newPage({ colorScheme, viewport: { ...WINDOW, width } });
  page.setDefaultTimeout(PATIENCE_MS);
  page.setDefaultNavigationTimeout(PATIENCE_MS);
  const requests: string[] = [];
  const errors: string[] = [];
  const printed: string[] = [];
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url())) requests.push(request.url());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    printed.push(message.text());
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('dialog', (dialog) => {
    errors.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  return { page, requests, errors, printed };
}

/** Writes the whole page, also what lies below the window, into the folder of screenshots. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS === undefined) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** Returns what axe finds serious or critical: rule and place. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(await readFile(axe, 'utf8'));
  // Without `preload`: it would ask for style sheets again, which a page may forbid.
  const found = await page.evaluate<
    readonly { id: string; impact: string; nodes: { html: string }[] }[]
  >('axe.run(document, { preload: false }).then(({ violations }) => violations)');
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
