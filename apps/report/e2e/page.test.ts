/** The report's page in a browser. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  hasBrowser,
  openPage,
  screenshot,
  seriousFindings,
  startBrowser,
  type Browser,
  type OpenedPage,
  type Page,
} from '../../../tools/browser/browser.js';
import { writeFixture } from '../src/fixture.js';
import { writeReport } from '../src/write-report.js';

/** A folder's name that would be an alarm if it were markup. */
const MARKUP = 'x<img src=x onerror=alert(1)>';

let folder = '';
let address = '';
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser) return;
  folder = await mkdtemp(join(tmpdir(), 'janus-page-'));
  const runs = join(folder, 'runs');
  await writeFixture(runs);
  await cp(join(runs, 'classifier'), join(runs, MARKUP), { recursive: true });
  const { index } = await writeReport({ runs, out: join(folder, 'report') });
  address = pathToFileURL(index).href;
  browser = await startBrowser();
});

afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

async function open(colorScheme: 'light' | 'dark', width = 1440): Promise<OpenedPage> {
  return await openPage(browser, address, { colorScheme, width });
}

async function compareTwo(page: Page): Promise<void> {
  const boxes = page.locator('#runs tbody input[type=checkbox]');
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.locator('button.compare').click();
  await page.locator('#compare .main-svg').first().waitFor();
}

describe.skipIf(!hasBrowser)('the page in a browser', () => {
  test.each(['light', 'dark'] as const)(
    'has no serious finding of axe, asks for nothing, and takes no name for markup (%s)',
    async (scheme) => {
      const { page, requests, errors } = await open(scheme);
      await screenshot(page, `top-${scheme}`);
      await compareTwo(page);
      await screenshot(page, `compare-${scheme}`);
      expect(await seriousFindings(page)).toEqual([]);
      expect(requests).toEqual([address]);
      expect(errors).toEqual([]);
      expect(await page.locator('#runs tbody').innerText()).toContain(MARKUP);
      await page.close();
    },
  );

  test('is used with the keyboard alone: skip, search, sort, choose and compare', async () => {
    const { page, errors } = await open('light');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    const search = page.getByRole('searchbox', { name: 'Search' });
    await search.focus();
    await page.keyboard.type('presentation dropout=0.5');
    expect(await page.locator('#runs output').innerText()).toBe('2 of 3 runs');
    expect(await page.locator('nav [data-run=cyclegan]').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Started' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Run', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    expect(await page.locator('#runs tbody tr').first().innerText()).toContain(MARKUP);
    for (const name of ['Compare classifier', `Compare ${MARKUP}`]) {
      await page.getByRole('checkbox', { name, exact: true }).focus();
      await page.keyboard.press('Space');
    }
    await page.getByRole('button', { name: 'Compare two' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Two runs side by side');
    expect(await page.locator('#compare').innerText()).toContain('94.0 % (90.7–96.1 %, n = 298)');
    expect(errors).toEqual([]);
    await page.close();
  });

  test('leads from a result to the run and the command that made it', async () => {
    const { page } = await open('light', 420);
    await screenshot(page, 'narrow-light');
    await page.locator('#runs tbody a[href="#source-classifier"]').click();
    const source = page.locator('#source-classifier');
    expect(await source.getAttribute('open')).toBe('');
    expect(await source.textContent()).toContain('janus train classifier --target presentation');
    await page.close();
  });

  test('shows a picture that stands twice both times', async () => {
    const { page } = await open('light');
    const widths = await page.evaluate<readonly number[]>(
      "Promise.all([...document.querySelectorAll('img[data-same]')].map((each) => each.decode().then(() => each.naturalWidth)))",
    );
    expect(widths.length).toBeGreaterThan(0);
    expect(Math.min(...widths)).toBeGreaterThan(1);
    await page.close();
  });
});
