/** Classes learned in the page, and used in Node. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readEvaluation, readRun } from '@janus/core';
import { predictImages } from '@janus/runs';
import { strFromU8, unzipSync } from 'fflate';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  hasBrowser,
  screenshot,
  seriousFindings,
  type Browser,
} from '../../../tools/browser/browser.js';
import { writePlayground } from '../src/write-playground.js';
import { open, savedBy, startBrowserWithCamera } from './browser.fixture.js';
import { makeRuns, writeNoise } from './playground.fixture.js';

/** What the page and Node may differ by: both add float32 numbers in other orders. */
const SAME = 1e-3;

let folder = '';
let address = '';
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser) return;
  folder = await mkdtemp(join(tmpdir(), 'janus-learn-'));
  const { classifier } = await makeRuns(folder);
  const { index } = await writePlayground(classifier, { out: join(folder, 'page') });
  address = `${pathToFileURL(index).href}?engine=wasm`;
  browser = await startBrowserWithCamera();
});

afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

/** Writes images of smooth noise, each tinted with a colour. */
async function writeTinted(name: string, count: number, tint: string): Promise<readonly string[]> {
  const paths = Array.from({ length: count }, (_, i) => join(folder, name, `${i}.png`));
  await mkdir(join(folder, name), { recursive: true });
  for (const path of paths) {
    await writeNoise(path, 80, 80);
    const tinted = await sharp(path).tint(tint).png().toBuffer();
    await writeFile(path, tinted);
  }
  return paths;
}

describe.skipIf(!hasBrowser)('a page that learns', () => {
  test('saves a run that predicts in Node what it answers in the page', async () => {
    const { page, errors } = await open(browser, address);
    const classes = page.locator('#classes fieldset');
    for (const [i, [name, tint]] of [
      ['<i>warm</i>', '#d04020'],
      ['cold', '#2050d0'],
    ].entries()) {
      // prettier-ignore
      await classes.nth(i).getByLabel('Name').fill(name!);
      const files = await writeTinted(`class ${i}`, 12, tint!);
      await classes
        .nth(i)
        .locator('input[type=file]')
        .setInputFiles([...files]);
      await page.locator('#learn-status', { hasText: '12 added.' }).waitFor();
      await page.locator('#learn-status').evaluate((each) => (each.textContent = ''));
    }
    const [first] = await readdir(join(folder, 'class 0'));
    await classes
      .nth(1)
      .locator('input[type=file]')
      .setInputFiles(join(folder, 'class 0', first!));
    await page.locator('#learn-status', { hasText: 'there already' }).waitFor();
    await page.getByRole('button', { name: 'Learn', exact: true }).click();
    await page.locator('#learn-status', { hasText: 'Learned in' }).waitFor();
    const facts = await page.locator('#learned-facts').innerText();
    expect(facts).toMatch(/Right for [\d.]+ % \(.*n = 24\)/);
    expect(facts).toContain('Few images: <i>warm</i> has 12, cold has 12.');
    const zip = await savedBy(page, 'Save the run as a zip');
    const path = join(folder, 'own-classes.zip');
    await writeFile(path, zip);

    const file = join(folder, 'other.png');
    await writeNoise(file, 80, 80);
    await page.setInputFiles('#file', file);
    await page.locator('#status', { hasText: /found: the answer/ }).waitFor();
    const saved = JSON.parse((await savedBy(page, 'Save the answer as JSON')).toString()) as {
      answer: { class: { probabilities: Record<string, number> } };
      classifier: string;
    };
    expect(saved.classifier).toBe('your own classes');
    const { rows } = await predictImages(path, [file], { engine: 'wasm' });
    const wanted = rows[0]!.probabilities;
    const told = saved.answer.class.probabilities;
    expect(Object.keys(told)).toEqual(['<i>warm</i>', 'cold']);
    for (const [name, share] of Object.entries(wanted)) {
      expect(Math.abs(told[name]! - share)).toBeLessThanOrEqual(SAME);
    }
    // Images that are nowhere else are not lost to a file that is dropped beside the places for it, or to another page.
    const isCancelled = async (event: string): Promise<unknown> =>
      await page.evaluate(`!document.body.dispatchEvent(${event})`);
    const options = '{ bubbles: true, cancelable: true }';
    expect(await isCancelled(`new DragEvent('drop', ${options})`)).toBe(true);
    expect(await page.evaluate(`!dispatchEvent(new Event('beforeunload', ${options}))`)).toBe(true);
    await screenshot(page, 'learned');
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
    await checkRun(zip);
  });

  test('refuses too few images, and takes some with the camera', async () => {
    const { page } = await open(browser, address);
    await page.getByRole('button', { name: 'Learn', exact: true }).click();
    await page.locator('#learn-status', { hasText: 'at least three images' }).waitFor();
    const first = page.locator('#classes fieldset').first();
    await first.getByRole('button', { name: 'use the camera' }).click();
    await page.getByRole('button', { name: 'Take an image for Class 1' }).click();
    await page.locator('#learn-status', { hasText: '1 added.' }).waitFor();
    expect(await first.locator('.thumbs li').count()).toBe(1);
    await first.getByRole('button', { name: /^Remove camera 1/ }).click();
    expect(await first.locator('.thumbs li').count()).toBe(0);
    await page.close();
  });
});

/** Reads the run of a zip file as programs read runs. */
async function checkRun(zip: Uint8Array): Promise<void> {
  const run = join(folder, 'unpacked');
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    const path = join(run, name.replace(/^own-classes\//, ''));
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, bytes);
    if (name.endsWith('card.md')) expect(strFromU8(bytes)).toContain('| cold |');
  }
  expect(await readRun(run)).toMatchObject({ kind: 'classifier', status: 'finished' });
  const evaluation = await readEvaluation(join(run, 'evaluation.json'), 'classifier');
  expect(evaluation).toMatchObject({ split: 'cross-validation', n: 24, target: 'class' });
}
