/** The server of the page of runs, on run folders that are made here. */
import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { appendMetrics, lockFile, writeRun, type FileLock, type StepRecord } from '@janus/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchRuns, type Watching } from './watch-runs.js';
import type { CurvesView, RunView } from './run-view.js';

let root = '';
let runs = '';
let watching: Watching;
const locks: FileLock[] = [];

const MARKUP = 'x<img src=x onerror=alert(1)>';

const recordOf = (step: number): StepRecord => ({
  ...{ kind: 'step', step, epoch: 0, split: 'train', learningRate: 1e-3, seconds: step / 10 },
  losses: { crossEntropy: 1 / step },
});

/** Makes a run that appears whole: the page is read while it is made. */
async function makeRun(name: string, status: 'running' | 'stopped' | 'finished'): Promise<string> {
  const [made, folder] = [join(root, 'made'), join(runs, name)];
  await writeRun(made, {
    ...{ format: 2, kind: 'classifier', name, started: '2026-01-01T00:00:00Z', seed: 1 },
    ...{ options: { data: 'a b', batchSize: 4 }, versions: {}, dataHash: 'h', engine: 'js' },
    ...{ status, updates: 100 },
  });
  await appendMetrics(made, [1, 2, 3].map(recordOf));
  await mkdir(dirname(folder), { recursive: true });
  await rename(made, folder);
  return folder;
}

async function makeTraining(name: string): Promise<string> {
  const folder = await makeRun(name, 'running');
  locks.push(await lockFile(join(folder, 'run.lock'), 'training'));
  return folder;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-watch-'));
  runs = join(root, 'runs');
  watching = await watchRuns({ runs, intervalMs: 50 });
});
afterAll(async () => {
  await watching.close();
  for (const lock of locks) await lock.release();
  await rm(root, { recursive: true });
});

/** An open page: what it was sent. */
interface OpenPage {
  readonly runs: Map<string, RunView>;
  /** Names of all events. */
  readonly events: string[];
  /** Resolves once `met` holds, asked after each reading. */
  readonly until: (met: () => boolean) => Promise<void>;
  readonly close: () => void;
}

async function openPage(): Promise<OpenPage> {
  const stop = new AbortController();
  const response = await fetch(`${watching.url}events`, { signal: stop.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const [views, events] = [new Map<string, RunView>(), [] as string[]];
  let rest = '';
  const take = (block: string): void => {
    const [, name = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
    events.push(name);
    const value = data === '' ? '' : (JSON.parse(data) as RunView | string);
    if (name === 'run') views.set((value as RunView).id, value as RunView);
    if (name === 'gone') views.delete(value as string);
  };
  const until = async (met: () => boolean): Promise<void> => {
    while (!(events.at(-1) === 'read' && met())) {
      const { value, done } = await reader.read();
      if (done) throw new Error('The stream ended.');
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop() ?? '';
      blocks.forEach(take);
    }
  };
  return {
    runs: views,
    events,
    until,
    close: () => {
      stop.abort();
    },
  };
}

const curvesOf = async (id: string): Promise<CurvesView> => {
  const answer = await fetch(`${watching.url}curves?run=${encodeURIComponent(id)}&theme=light`);
  return (await answer.json()) as CurvesView;
};

it('shows runs as they appear, grow, break and go, to all pages alike', async () => {
  const [page, other] = [await openPage(), await openPage()];
  await page.until(() => page.runs.size === 0);
  const folder = await makeRun('sets/first', 'stopped');
  await page.until(() => page.runs.has('sets/first'));
  const first = page.runs.get('sets/first');
  expect(first).toMatchObject({
    ...{ state: 'stopped', progress: { done: 3, total: 100 }, curves: 1 },
    cells: ['3 of 100', '', '', 'crossEntropy 0.333'],
    command: `janus train classifier --data 'a b' --batch-size 4 --engine js --run ${folder} --resume`,
  });
  expect((await curvesOf('sets/first')).figures.map(({ title }) => title)).toEqual([
    'Losses',
    'Learning rate',
  ]);
  const line = `${JSON.stringify(recordOf(4))}\n`;
  await appendFile(join(folder, 'metrics.jsonl'), line.slice(0, 20));
  await page.until(() => (page.runs.get('sets/first')?.curves ?? 0) > 1);
  expect(page.runs.get('sets/first')?.progress?.done).toBe(3);
  await appendFile(join(folder, 'metrics.jsonl'), line.slice(20));
  await page.until(() => page.runs.get('sets/first')?.progress?.done === 4);
  await writeFile(join(folder, 'run.json'), '{');
  await page.until(() => page.runs.get('sets/first')?.state === 'unreadable');
  expect(page.runs.get('sets/first')?.stateText).toMatch(/run\.json: must be JSON/);
  await makeRun(MARKUP, 'finished');
  await other.until(
    () => other.runs.get('sets/first')?.state === 'unreadable' && other.runs.has(MARKUP),
  );
  await rm(folder, { recursive: true });
  await page.until(() => !page.runs.has('sets/first'));
  await other.until(() => !other.runs.has('sets/first'));
  page.close();
  other.close();
});

it('sends what has changed, not everything again and again', async () => {
  await makeRun('still', 'finished');
  const page = await openPage();
  await page.until(
    () => page.runs.has('still') && page.events.filter((name) => name === 'read').length > 4,
  );
  const own = page.events.filter((name) => name === 'run');
  expect(own).toHaveLength(page.runs.size);
  page.close();
});

/** Answers of `node:http`, which can send any host and any path. */
async function ask(
  path: string,
  {
    method = 'GET',
    headers = {},
  }: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<{
  readonly status: number;
  readonly text: string;
  readonly headers: Record<string, unknown>;
}> {
  const { hostname, port } = new URL(watching.url);
  return await new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

it('answers to this machine by its own names only, and tells browsers to load nothing else', async () => {
  for (const host of ['127.0.0.1:1', 'localhost:9000', '[::1]:80', 'LOCALHOST']) {
    expect((await ask('/', { headers: { host } })).status).toBe(200);
  }
  for (const host of [
    'evil.example',
    'evil.example:8123',
    '127.0.0.1.evil.example',
    'localhost.evil.example:1',
  ]) {
    expect((await ask('/', { headers: { host } })).status).toBe(403);
  }
  const { headers } = await ask('/', { headers: { origin: 'http://evil.example' } });
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'self'; .*frame-ancestors 'none'$/,
  );
  expect(headers['access-control-allow-origin']).toBeUndefined();
  expect((await ask('/', { method: 'OPTIONS' })).status).toBe(405);
});

it('serves the samples that a run has, and no other file', async () => {
  const folder = await makeRun('samples', 'finished');
  await mkdir(join(folder, 'samples'));
  const sheet = Buffer.from('a sheet');
  for (const name of ['step-000100.png', 'step-000200.png', 'step-000200-back.png']) {
    await writeFile(join(folder, 'samples', name), sheet);
  }
  await symlink(join(folder, 'run.json'), join(folder, 'samples', 'step-000300.png'));
  const page = await openPage();
  await page.until(() => page.runs.get('samples')?.samples.length === 2);
  expect(page.runs.get('samples')?.samples).toMatchObject([
    { name: 'step-000200.png', text: 'after 200 updates' },
    { name: 'step-000200-back.png', text: 'after 200 updates, the way back' },
  ]);
  page.close();
  const found = await ask('/sample?run=samples&name=step-000200.png');
  expect([found.status, found.text, found.headers['content-type']]).toEqual([
    200,
    'a sheet',
    'image/png',
  ]);
  for (const name of [
    'step-000300.png',
    '../run.json',
    '..%2Frun.json',
    '%2Fetc%2Fpasswd',
    'step-000200.png%00',
  ]) {
    expect((await ask(`/sample?run=samples&name=${name}`)).status).toBe(404);
  }
  for (const path of [
    '/sample?run=..&name=step-000200.png',
    '/../run.json',
    '/%2e%2e/run.json',
    '/samples/run.json',
  ]) {
    expect((await ask(path)).status).toBe(404);
  }
});

it('stops a training for who has the token of the page', async () => {
  const folder = await makeTraining('trained');
  await cp(folder, join(runs, 'copy'), { recursive: true });
  await rm(join(runs, 'copy', 'run.lock'));
  const page = await openPage();
  await page.until(() => page.runs.get('trained')?.state === 'running' && page.runs.has('copy'));
  expect(page.runs.get('trained')?.cells.slice(0, 3)).toEqual(['3 of 100', '40', '10 s']);
  const token = /data-token="([^"]+)"/.exec((await ask('/')).text)?.[1] ?? '';
  const post = (path: string, given: string) =>
    ask(path, { method: 'POST', headers: { 'x-janus-token': given } });
  expect((await ask('/stop?run=trained', { method: 'POST' })).status).toBe(403);
  expect((await post('/stop?run=trained', token.replace(/.$/, '!'))).status).toBe(403);
  expect((await ask('/stop?run=trained', { headers: { 'x-janus-token': token } })).status).toBe(
    404,
  );
  expect(await readFile(join(folder, 'run.stop'), 'utf8').catch(() => 'none')).toBe('none');
  expect((await post('/stop?run=nobody', token)).status).toBe(404);
  const refused = await post('/stop?run=copy', token);
  expect([refused.status, refused.text]).toEqual([
    409,
    expect.stringMatching(/needs a training to stop/),
  ]);
  expect((await post('/stop?run=trained', token)).status).toBe(202);
  await page.until(() => page.runs.get('trained')?.state === 'stopping');
  page.close();
});

it('refuses a port that is taken or out of range, and what cannot be a folder of runs', async () => {
  const port = Number(new URL(watching.url).port);
  await expect(watchRuns({ runs, port })).rejects.toThrow(
    new RegExp(`--port: must be a port .* ${port} is not \\(EADDRINUSE\\)`),
  );
  await expect(watchRuns({ runs, port: 70_000 })).rejects.toThrow(/port must be a whole number/);
  await expect(watchRuns({ runs, intervalMs: 1 })).rejects.toThrow(
    /intervalMs must be at least 50/,
  );
  const file = join(root, 'file');
  await writeFile(file, '');
  for (const each of [file, join(file, 'below')]) {
    await expect(watchRuns({ runs: each })).rejects.toThrow(/--runs: must be a folder/);
  }
});

it('closes also while pages are open', async () => {
  const second = await watchRuns({ runs });
  const page = await fetch(`${second.url}events`);
  await second.close();
  await expect(fetch(second.url)).rejects.toThrow();
  await page.body?.cancel().catch(() => undefined);
});
