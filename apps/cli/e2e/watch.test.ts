/** `janus watch` in a browser, with a real training. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hasBrowser,
  openPage,
  screenshot,
  seriousFindings,
  startBrowser,
  type Browser,
  type OpenedPage,
} from '../../../tools/browser/browser.js';
import { janus, janusJson, startJanus } from './janus.js';

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
  browser = await startBrowser();
});
afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

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

/** Returns what a page did that it should not: it asks its own server alone, and writes nothing to the console. */
function faultsOf({ page, requests, errors, printed }: OpenedPage): readonly string[] {
  const { origin } = new URL(page.url());
  return [...errors, ...printed, ...requests.filter((url) => !url.startsWith(origin))];
}

const weightsOf = async (run: string): Promise<Buffer> =>
  await readFile(join(folder, 'runs', run, 'model', 'weights.bin'));

describe.skipIf(!hasBrowser)('the page of runs', () => {
  it('shows a training as it grows, stops it so that its command resumes it bit for bit, and ends with Ctrl-C', async () => {
    const watching = startJanus(['watch', '--runs', 'runs'], folder);
    const address = await addressOf(watching);
    const opened = await openPage(browser, address, { width: 1280 });
    const { page } = opened;
    await page.getByRole('button', { name: MARKUP }).waitFor();
    // The training waits for the browser, whichever of the two is faster.
    const heldUntil = join(folder, 'go on');
    const metrics = { call: 'appendFile', path: 'metrics\\.jsonl$', holdAt: 3, heldUntil } as const;
    const training = startJanus([...TRAIN, '--run', join('runs', 'stopped')], folder, metrics);
    const row = page.locator('tr[data-run="stopped"]');
    await row.getByText('running').waitFor();
    await row.getByRole('button').focus();
    await page.keyboard.press('Enter');
    await page.locator('#detail .main-svg').first().waitFor();
    expect(await row.innerText()).toMatch(/\d+ of 120/);
    await page.getByRole('button', { name: 'Stop this run' }).focus();
    await page.keyboard.press('Enter');
    await training.until((printed) => printed.includes('Asked to stop'));
    await writeFile(heldUntil, '');
    const { status, out } = await training.end;
    expect([status, out]).toEqual([130, expect.stringMatching(/Stopped after step \d+/)]);
    await row.getByText('stopped, resumable').waitFor();
    expect(await page.locator('#detail-state').innerText()).toBe('stopped, can be resumed');
    expect(await seriousFindings(page)).toEqual([]);
    await screenshot(page, 'watch-stopped-light');
    const command = await page.locator('#command').innerText();
    const resumed = await janus(wordsOf(command), folder);
    expect(resumed).toMatchObject({ status: 0 });
    await row.getByText('finished').waitFor();
    expect((await weightsOf('stopped')).equals(await weightsOf('whole'))).toBe(true);
    expect(faultsOf(opened)).toEqual([]);
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
    async (colorScheme, width) => {
      const watching = startJanus(['watch', '--runs', 'runs'], folder);
      const address = await addressOf(watching);
      const opened = await openPage(browser, `${address}#whole`, { colorScheme, width });
      const { page } = opened;
      await page.locator('#detail .main-svg').first().waitFor();
      expect(await page.locator('#detail-name').innerText()).toBe('whole');
      // The way round the table keeps the run that was chosen.
      await page.locator('.skip').focus();
      await page.keyboard.press('Enter');
      expect(new URL(page.url()).hash).toBe('#whole');
      expect(await page.evaluate('document.activeElement.id')).toBe('detail');
      expect(await seriousFindings(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
      await screenshot(page, `watch-${colorScheme}-${width}`);
      expect(faultsOf(opened)).toEqual([]);
      await page.close();
      watching.child.kill('SIGINT');
      await watching.end;
    },
  );
});
