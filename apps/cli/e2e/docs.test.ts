/** The scripts of the docs, as they stand, on generated faces. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { JanusError } from '@janus/core';
import { readManifest, splitDataset } from '@janus/data';
import { engineEnvironment } from '@janus/engine';
import { generateFaces, getWeights } from '@janus/runs';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const FACES = 24;

// Inside the workspace, where a script finds the packages by name.
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(ROOT, 'node_modules', '.janus-readme-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Type-checks scripts as a strict project of the reader's own would. */
async function checkTypes(files: readonly string[]): Promise<void> {
  const compilerOptions = {
    ...{ strict: true, target: 'ES2022', module: 'NodeNext', types: ['node'], noEmit: true },
    ...{ skipLibCheck: true, customConditions: ['@janus/source'] },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const checked = promisify(execFile)(process.execPath, [compiler, '-p', folder]);
  expect(await checked.catch((error: unknown) => error)).toHaveProperty('stdout', '');
}

/** Returns the TypeScript blocks of a page. */
async function blocksOf(page: string): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  return [...text.matchAll(/```ts\n([^]*?)```/g)].map(([, block = '']) => block);
}

/** Runs the one TypeScript block of a page that holds `word`, in the folder; returns what it prints. */
async function runBlock(page: string, word: string): Promise<string> {
  const found = (await blocksOf(page)).filter((block) => block.includes(word));
  expect(found).toHaveLength(1);
  await writeFile(join(folder, 'study.mts'), found[0] ?? '');
  await checkTypes(['study.mts']);
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@janus/source', '--import', loader, 'study.mts'],
    { cwd: folder, env: { ...process.env, ...engineEnvironment() } },
  );
  return stdout;
}

/** Skips a test where VGG-16's weights cannot be had. */
async function needWeights(context: TestContext): Promise<void> {
  try {
    await getWeights('vgg16');
  } catch (error) {
    if (!(error instanceof JanusError)) throw error;
    context.skip(`VGG-16's weights are not available: ${error.message}`);
  }
}

/** Draws faces and sorts them into a folder for each class, as photos of one's own would lie. */
async function makePhotos(photos: string): Promise<void> {
  const drawn = join(folder, 'drawn');
  await generateFaces(FACES, { out: drawn, size: 64 });
  for (const { id, path, labels } of await readManifest(drawn)) {
    const to = join(photos, String(labels['presentation']));
    await mkdir(to, { recursive: true });
    await cp(join(drawn, path), join(to, `${id}.jpg`));
  }
}

it('the script of the README trains twice and prints both evaluations', async (context) => {
  await needWeights(context);
  await makePhotos(join(folder, 'photos'));
  const stdout = await runBlock('README.md', 'trainClassifier');
  expect(stdout.match(/kind: 'classifier'/g)).toHaveLength(2);
  expect(stdout).toMatch(/none \{[^]*block5 \{/);
  for (const run of ['photos-class-vgg16', 'photos-class-vgg16-block5']) {
    expect(await readFile(join(folder, 'runs', run, 'card.md'), 'utf8')).toContain('| class |');
  }
});

it('every script of the docs fits the types', async () => {
  const docs = (await readdir(join(ROOT, 'docs'), { recursive: true })).filter(
    (name) => name.endsWith('.md') && !name.startsWith('api'),
  );
  const files: string[] = [];
  for (const page of ['README.md', ...docs.map((name) => join('docs', name))]) {
    for (const block of await blocksOf(page)) {
      const file = `block-${files.length}.mts`;
      await writeFile(join(folder, file), `// ${page}\n${block}`);
      files.push(file);
    }
  }
  expect(files.length).toBeGreaterThan(6);
  await checkTypes(files);
});

describe('on generated faces', () => {
  beforeAll(async () => {
    const faces = join(folder, 'data', 'faces');
    await generateFaces(60, { out: faces, size: 64 });
    await splitDataset(faces, { stratify: ['presentation'] });
  });

  it('the queries and figures of docs/explore.md print and draw', async () => {
    expect(await runBlock('docs/explore.md', 'queryDataset')).toContain('mean_age');
    expect(await runBlock('docs/explore.md', 'datasetStats')).toContain('[');
    expect(await readdir(folder)).toContain('balance.png');
  });

  it('the script of docs/guides/use-the-packages.md trains', async (context) => {
    await needWeights(context);
    const printed = await runBlock('docs/guides/use-the-packages.md', 'AbortController');
    expect(printed).toMatch(/^1 train [^]*\n3 validation \{ crossEntropy: [\d.]+ \}\nruns/);
  });

  it('the loop of docs/pipeline.md trains', async () => {
    const lines = (await runBlock('docs/pipeline.md', 'classifierSteps')).trim().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toMatch(/^validation 5 \d+\.\d+$/);
  });
});

it('the script of the page about watching serves runs, and finds none to stop', async () => {
  const printed = await runBlock('docs/watch.md', 'watchRuns');
  expect(printed).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n.*needs a training to stop/);
});
