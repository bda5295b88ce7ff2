/** `janus watch` in a browser, with a real training: Debian's Chromium, or what `JANUS_CHROMIUM` names. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { janus, janusJson, startJanus } from './janus.js';

const BROWSER = process.env['JANUS_CHROMIUM'] ?? '/usr/bin/chromium';
const hasBrowser = existsSync(BROWSER);

/** Where screenshots go, to be looked at; none where it is not set. */
const SCREENSHOTS = process.env['JANUS_SCREENSHOTS'];

/** A folder's name that would be an alarm if it were markup. */
const MARKUP = 'x<img src=x onerror=alert(1)>';

const TRAIN = [
  ...['train', 'classifier', '--data', 'faces', '--target', 'presentation', '--engine', 'wasm'],
  ...['--backbone', 'small-vgg', '--size', '32', '--head', '1x16', '--epochs', '20'],
  ...['--batch-size', '8', '--learning-rate', '0.001', '--precision', 'float32'],
];

let folder = '';
let browser: Browser;
beforeAll(async () => {
  if (!hasBrowser) return;
  folder = await mkdtemp(join(tmpdir(), 'janus-watch-'));
  await janusJson(['data', 'import', 'synthetic', '60', '--size', '32', '--out', 'faces'], folder);
  await janusJson(['data', 'split', 'faces', '--stratify', 'presentation'], folder);
  await janusJson([...TRAIN, '--run', join('runs', 'whole')], folder);
  await mkdir(join(folder, 'runs', MARKUP));
  await writeFile(join(folder, 'runs', MARKUP, 'run.json'), '{');
  browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
});
afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

/** A page, and what it did that it should not. */
interface Opened {
  readonly page: Page;
  readonly faults: string[];
}

/** Returns the address that the command prints. */
async function addressOf({ until }: ReturnType<typeof startJanus>): Promise<string> {
  let address = '';
  await until((printed) => {
    address = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed)?.[0] ?? '';
    return address !== '';
  });
  return address;
}

/** Returns the words of a printed command, without the program's name. */
function wordsOf(command: string): readonly string[] {
  const words = command.match(/'[^']*'|\S+/g) ?? [];
  return words.slice(1).map((word) => word.replace(/^'(.*)'$/, '$1'));
}

async function open(address: string, scheme: 'light' | 'dark', width: number): Promise<Opened> {
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 1000 } });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => faults.push(message.text()));
  page.on('dialog', (dialog) => {
    faults.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(address).origin) && !request.url().startsWith('data:')) {
      faults.push(request.url());
    }
  });
  await page.goto(address);
  return { page, faults };
}

async function screenshot(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS === undefined) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `watch-${name}.png`), fullPage: true });
}

/** Returns what axe finds serious or critical. */
async function seriousFindings(page: Page): Promise<readonly string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(await readFile(axe, 'utf8'));
  const found = await page.evaluate<readonly { id: string; impact: string }[]>(
    'axe.run(document).then(({ violations }) => violations)',
  );
  return found.flatMap(({ id, impact }) => (/serious|critical/.test(impact) ? [id] : []));
}

const weightsOf = async (run: string): Promise<Buffer> =>
  await readFile(join(folder, 'runs', run, 'model', 'weights.bin'));

describe.skipIf(!hasBrowser)('the page of runs', () => {
  it('shows a training as it grows, stops it so that its command resumes it bit for bit, and ends with Ctrl-C', async () => {
    const watching = startJanus(['watch', '--runs', 'runs'], folder);
    const address = await addressOf(watching);
    const { page, faults } = await open(address, 'light', 1280);
    await page.getByRole('button', { name: MARKUP }).waitFor();
    const training = startJanus([...TRAIN, '--run', join('runs', 'stopped')], folder);
    const row = page.locator('tr[data-run="stopped"]');
    await row.getByText('running').waitFor();
    await row.getByRole('button').focus();
    await page.keyboard.press('Enter');
    await page.locator('#detail .main-svg').first().waitFor();
    expect(await row.innerText()).toMatch(/\d+ of 120/);
    await page.getByRole('button', { name: 'Stop this run' }).focus();
    await page.keyboard.press('Enter');
    const { status, out } = await training.end;
    expect([status, out]).toEqual([130, expect.stringMatching(/Stopped after step \d+/)]);
    await row.getByText('stopped, resumable').waitFor();
    expect(await page.locator('#detail-state').innerText()).toBe('stopped, can be resumed');
    expect(await seriousFindings(page)).toEqual([]);
    await screenshot(page, 'stopped-light');
    const command = await page.locator('#command').innerText();
    const resumed = await janus(wordsOf(command), folder);
    expect(resumed).toMatchObject({ status: 0 });
    await row.getByText('finished').waitFor();
    expect((await weightsOf('stopped')).equals(await weightsOf('whole'))).toBe(true);
    expect(faults).toEqual([]);
    watching.child.kill('SIGINT');
    expect(await watching.end).toMatchObject({ status: 0, err: '' });
    await page.getByText('not connected').waitFor();
    await page.close();
  });

  it.each([
    ['dark', 1280],
    ['light', 380],
  ] as const)(
    'has no serious finding of axe and fits its screen (%s, %d px)',
    async (scheme, width) => {
      const watching = startJanus(['watch', '--runs', 'runs'], folder);
      const address = await addressOf(watching);
      const { page, faults } = await open(`${address}#whole`, scheme, width);
      await page.locator('#detail .main-svg').first().waitFor();
      expect(await page.locator('#detail-name').innerText()).toBe('whole');
      expect(await seriousFindings(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
      await screenshot(page, `${scheme}-${width}`);
      expect(faults).toEqual([]);
      await page.close();
      watching.child.kill('SIGINT');
      await watching.end;
    },
  );
});
