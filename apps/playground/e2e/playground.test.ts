/** The page in a browser against the same work in Node. */
import { createServer, type Server } from 'node:http';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { useEngine } from '@janus/engine';
import { decodeImage, decodeUpright } from '@janus/images';
import { gradCam, loadFaceDetector, loadTarget } from '@janus/models';
import { generateFaces, predictImages, translateImages } from '@janus/runs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  hasBrowser,
  screenshot,
  seriousFindings,
  type Browser,
  type Page,
} from '../../../tools/browser/browser.js';
import { writePlayground } from '../src/write-playground.js';
import { canvasPixels, open, ready, savedBy, startBrowserWithCamera } from './browser.fixture.js';
import { makeRuns, writeNoise, type MadeRuns } from './playground.fixture.js';

/** What the page and Node may differ by: both add float32 numbers in other orders. */
const SAME = 1e-3;

/** Levels of 255 by which a translation may differ: a value that lies between two is rounded either way. */
const LEVEL = 1;

let folder = '';
let address = '';
let runs: MadeRuns;
let browser: Browser;

beforeAll(async () => {
  if (!hasBrowser) return;
  folder = await mkdtemp(join(tmpdir(), 'janus-playground-'));
  runs = await makeRuns(folder);
  const { classifier, translation } = runs;
  const { index } = await writePlayground(classifier, { out: join(folder, 'page'), translation });
  address = pathToFileURL(index).href;
  browser = await startBrowserWithCamera();
});

afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

/** What the page saves of an answer. */
interface SavedAnswer {
  readonly answer: Readonly<Record<string, { readonly probabilities: Record<string, number> }>>;
  readonly face: { readonly left: number; readonly width: number } | null;
  readonly explained: string;
  readonly gradCam: { readonly height: number; readonly width: number; readonly data: number[] };
}

async function look(page: Page, file: string): Promise<SavedAnswer> {
  await page.setInputFiles('#file', file);
  await page.locator('#status', { hasText: /found: the answer/ }).waitFor();
  return JSON.parse((await savedBy(page, 'Save the answer as JSON')).toString()) as SavedAnswer;
}

function expectClose(actual: ArrayLike<number>, wanted: ArrayLike<number>, most: number): void {
  expect(actual.length).toBe(wanted.length);
  const differences = Array.from(actual, (value, i) => Math.abs(value - (wanted[i] ?? NaN)));
  expect(differences.reduce((a, b) => Math.max(a, b), 0)).toBeLessThanOrEqual(most);
  expect(differences.some(Number.isNaN)).toBe(false);
}

/** Returns Node's map of the class that the page explains. */
async function nodeMap(file: string, explained: string): Promise<Float32Array> {
  await useEngine({ engine: 'wasm' });
  const { model, description, dispose } = await loadTarget(join(runs.classifier, 'model'));
  const { classes, preprocessing, imageSize: size } = description;
  const images = { pixels: await decodeImage(file, size), count: 1, size };
  const { data } = await gradCam(
    model,
    { images, classes: [classes.indexOf(explained)] },
    { preprocessing },
  );
  dispose();
  return data;
}

/** Returns the RGB values of Node's translation of a file. */
async function nodeTranslation(
  file: string,
  options: {
    readonly direction: 'x-to-y' | 'y-to-x';
    readonly faces?: boolean;
    readonly strength?: number;
  },
): Promise<Uint8Array> {
  const out = await mkdtemp(join(folder, 'fakes-'));
  const { rows } = await translateImages(runs.translation, [file], {
    ...{ out, engine: 'wasm', ...options },
  });
  return (await decodeUpright(rows[0]?.out ?? '')).pixels;
}

/** Returns the direction that is away from what the page takes an image for, which it must have chosen. */
async function chosenDirection(page: Page, { answer }: SavedAnswer): Promise<'x-to-y' | 'y-to-x'> {
  const [[told] = []] = Object.entries(answer['presentation']?.probabilities ?? {}).sort(
    ([, a], [, b]) => b - a,
  );
  const other = told === 'feminine' ? 'masculine' : 'feminine';
  const shown = await page.locator('#direction option:checked').innerText();
  expect(shown).toBe(`${told} to ${other}`);
  return told === 'feminine' ? 'x-to-y' : 'y-to-x';
}

/** Draws a large face as a PNG file. */
async function writeFace(): Promise<string> {
  const drawn = join(folder, 'drawn');
  await generateFaces(1, { out: drawn, size: 200, seed: 3 });
  const file = join(folder, 'face.png');
  const [first] = await readdir(join(drawn, 'images'));
  await sharp(join(drawn, 'images', first ?? ''))
    .extend({ left: 60, right: 20, top: 10, bottom: 10, background: '#888888' })
    .png()
    .toFile(file);
  return file;
}

describe.skipIf(!hasBrowser)('the page', () => {
  test.for(['wasm', 'webgl', 'webgpu'])(
    'tells, explains and translates an image as Node does (%s)',
    async (engine, { skip }) => {
      const file = join(folder, `noise-${engine}.png`);
      await writeNoise(file, 90, 70);
      const { page, errors } = await open(browser, `${address}?engine=${engine}`);
      const line = await page.locator('#engine').innerText();
      if (line.includes('no WebGPU: the browser has none')) skip(line);
      expect(line).toContain('as chosen');
      const saved = await look(page, file);
      const { answer, face, explained, gradCam: map } = saved;
      const direction = await chosenDirection(page, saved);
      expect(face).toBeNull();
      expect(await page.locator('#status').innerText()).toContain('middle square');
      const { rows } = await predictImages(runs.classifier, [file], { engine: 'wasm' });
      const wanted = rows[0]?.probabilities ?? {};
      const told = answer['presentation']?.probabilities ?? {};
      expect(Object.keys(told)).toEqual(Object.keys(wanted));
      expectClose(Object.values(told), Object.values(wanted), SAME);
      expectClose(map.data, await nodeMap(file, explained), SAME);
      expectClose(
        await canvasPixels(page, 'translated'),
        await nodeTranslation(file, { direction }),
        LEVEL,
      );
      expect(await canvasPixels(page, 'translated')).not.toEqual(await canvasPixels(page, 'photo'));
      await page.locator('#strength').fill('0.5');
      expectClose(
        await canvasPixels(page, 'translated'),
        await nodeTranslation(file, { direction, strength: 0.5 }),
        LEVEL,
      );
      process.stdout.write(`${engine}: ${await page.locator('#translation-note').innerText()}\n`);
      expect(errors).toEqual([]);
      await page.close();
    },
  );

  test('finds the face that Node finds, and translates it in its place', async () => {
    const file = await writeFace();
    const { page } = await open(browser, `${address}?engine=wasm`);
    const saved = await look(page, file);
    const { face } = saved;
    const direction = await chosenDirection(page, saved);
    await useEngine({ engine: 'wasm' });
    const { pixels, width, height } = await decodeUpright(file);
    const detector = await loadFaceDetector();
    const [found] = await detector.detect(pixels, width, height);
    detector.dispose();
    expect(face?.width).toBeCloseTo(Math.min(height, 1.8 * (found!.x2 - found!.x1)), -1);
    const wanted = await nodeTranslation(file, { direction, faces: true });
    expectClose(await canvasPixels(page, 'translated'), wanted, LEVEL);
    await screenshot(page, 'face');
    await page.close();
  });

  test.each(['light', 'dark'] as const)(
    'asks for nothing but its own files, and has no serious finding of axe (%s)',
    async (scheme) => {
      const { page, requests, errors } = await open(browser, address, { colorScheme: scheme });
      const own = address.slice(0, address.lastIndexOf('/') + 1);
      const file = join(folder, 'noise.png');
      await writeNoise(file, 90, 70);
      await look(page, file);
      await screenshot(page, `noise-${scheme}`);
      expect(await seriousFindings(page)).toEqual([]);
      expect(requests.filter((url) => !url.startsWith(own))).toEqual([]);
      expect(errors).toEqual([]);
      const sent = await page.evaluate<string>(
        "fetch('https://example.org/', { method: 'POST', body: 'x' }).then(() => 'sent', (error) => error.name)",
      );
      expect(sent).toBe('TypeError');
      expect(errors.join()).toContain('Content Security Policy');
      await page.close();
    },
  );

  test('takes an image with the camera', async () => {
    const { page, errors } = await open(browser, address);
    await page.locator('#camera').click();
    await page.getByRole('button', { name: 'Take the image', exact: true }).click();
    await page.locator('#results').waitFor();
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    expect(await page.locator('#camera-panel').isVisible()).toBe(false);
    expect(errors).toEqual([]);
    await page.close();
  });

  test('says what it cannot read, and goes on', async () => {
    const { page } = await open(browser, address);
    await page.setInputFiles('#file', {
      ...{ name: '<b>x</b>.png', mimeType: 'image/png', buffer: Buffer.from('no image') },
    });
    await page.locator('#status', { hasText: 'cannot be read as an image' }).waitFor();
    await page.close();
  });

  test('opens again without the server that it came from', async () => {
    const { server, url } = await serve(join(folder, 'page'));
    const { page } = await open(browser, url);
    await page.evaluate('navigator.serviceWorker.ready.then(() => 1)');
    await close(server);
    await page.goto(`${url}?engine=wasm`);
    await ready(page);
    expect(await page.locator('#engine').innerText()).toContain('WebAssembly, as chosen');
    await page.close();
  });
});

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** Serves the files of a folder. */
async function serve(root: string): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = join(root, pathname === '/' ? 'index.html' : pathname);
    readFile(path).then(
      (content) => {
        response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' });
        response.end(content);
      },
      () => {
        response.writeHead(404).end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
