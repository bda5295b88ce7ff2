import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { writeRun, type RunKind } from '@janus/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { splitBytes } from './page-parts.js';
import { squareSide } from './read-page-data.js';
import { serviceWorker } from './service-worker.js';
import { writePlayground } from './write-playground.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-write-playground-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function emptyRun(kind: RunKind): Promise<string> {
  const run = join(folder, kind);
  await writeRun(run, {
    ...{ format: 2, kind, name: kind, started: '2026-01-01T00:00:00Z', seed: 1, versions: {} },
    ...{ options: { data: 'faces', target: 'x' }, dataHash: '', engine: 'none' },
    status: 'finished',
  });
  return run;
}

it('splitBytes gives scripts that hand over the same bytes', () => {
  const content = Uint8Array.from({ length: (3 << 20) + 5 }, (_, i) => (i * 31) % 256);
  const { bytes, files } = splitBytes('some', content);
  expect(bytes).toEqual({ name: 'some', parts: 2, bytes: content.length });
  expect(files.map(({ path }) => path)).toEqual(['parts/some-0.js', 'parts/some-1.js']);
  const parts: Buffer[] = [];
  const janusPart = (text: string): number => parts.push(Buffer.from(text, 'base64'));
  for (const file of files) runInContext(String(file.content), createContext({ janusPart }));
  expect(Buffer.concat(parts).equals(content)).toBe(true);
});

it('serviceWorker is another one when a file has changed', () => {
  const one = serviceWorker([{ path: 'a.js', content: 'x' }]);
  expect(serviceWorker([{ path: 'a.js', content: 'x' }])).toBe(one);
  expect(serviceWorker([{ path: 'a.js', content: 'y' }])).not.toBe(one);
  expect(one).toContain('"a.js"');
});

it('writePlayground refuses a folder of other files, and leaves them', async () => {
  const out = join(folder, 'mine');
  await mkdir(out);
  await writeFile(join(out, 'diary.txt'), 'x');
  await expect(writePlayground(join(folder, 'none'), { out })).rejects.toThrow(
    'mine: a playground needs an empty folder, but this one holds other files.',
  );
});

it('writePlayground says which run is missing, unfinished or of another kind', async () => {
  const out = join(folder, 'page');
  await expect(writePlayground(join(folder, 'none'), { out })).rejects.toThrow('none');
  await expect(writePlayground(await emptyRun('classifier'), { out })).rejects.toThrow(
    'needs a trained model (model.json), but there is none',
  );
  await expect(writePlayground(await emptyRun('cyclegan'), { out })).rejects.toThrow(
    'must be a classifier run, but is a cyclegan run',
  );
});

it('a translation of images that are not square is refused by their size', () => {
  expect(squareSide('run', { imageSize: 64 })).toBe(64);
  expect(() => squareSide('run', { imageSize: 64, imageWidth: 96 })).toThrow(
    'run: --translation must be a run of square images, which the page shows, but its images have 96 x 64 px.',
  );
});
