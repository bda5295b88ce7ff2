import { spawn } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readableText, writeFixture } from './fixture.js';
import { paperRowsFor } from './paper-rows.js';
import { writeReport, type ReportResult } from './write-report.js';

let folder = '';
let page = '';
let result: ReportResult;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-report-'));
  await writeFixture(join(folder, 'runs'));
  result = await writeReport({
    runs: join(folder, 'runs'),
    out: join(folder, 'report'),
    title: 'A study of <faces>',
    date: new Date('2026-01-03T00:00:00Z'),
  });
  page = await readFile(result.index, 'utf8');
});

afterAll(() => rm(folder, { recursive: true }));

const words = (): string => readableText(page);

describe('the page', () => {
  test('says headline figures with n and interval', () => {
    expect(words()).toContain('Accuracy, presentation 94.0 % 90.7–96.1 %, n = 298');
    expect(words()).toContain('feminine → masculine, judged so 86.0 % 79.5–90.7 %, n = 150');
    expect(words()).toContain('masculine → feminine, judged so 80.7 % 73.6–86.2 %, n = 150');
    expect(words()).toContain('Images used 1,988 of 2,060; 72 left out');
  });

  test('has every section: runs, data, classifier, translation, cards, records, limits', () => {
    expect([...page.matchAll(/<section id="([^"]+)"/g)].map((match) => match[1])).toEqual([
      'runs',
      'compare',
      'data',
      'classifier',
      'cyclegan',
      'cards',
      'records',
      'limits',
    ]);
    expect(words()).toContain('blank 30');
    expect(words()).toContain('feminine 94.0 % 89.0–96.8 %, n = 150');
    expect(words()).toContain(
      'Images: the run&#39;s own images, whose data has changed since; 2 gone and 0 changed since are left out; trained on 0 of 298.',
    );
    expect(words()).toContain('The judge was trained on 0 of these 150 originals.');
    expect(words()).toContain('Images of feminine: the run&#39;s own images; trained on 0 of 150.');
    expect(words()).toContain('tensorflow 2.21.0 (CPU)');
    expect(words()).toContain('Labels are perceived.');
    expect(words()).toContain('photographs &lt;of anybody&gt;');
  });

  test('escapes its title', () => {
    expect(page).toContain('<title>A study of &lt;faces&gt;</title>');
  });

  test('needs no network and no other file but the figures it links', () => {
    const markup = page.replace(/<script>[\s\S]*?<\/script>/g, '');
    const addresses = [...markup.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
    for (const address of addresses) expect(address).toMatch(/^(#|data:|figures\/)/);
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    expect(style).toContain('url(data:font/woff2');
    expect(style.match(/url\((?!data:)|@import/g)).toBeNull();
    expect(addresses.filter((each) => each.startsWith('data:image/webp'))).toHaveLength(4);
    // Three sheets of the training are the same file as the first.
    expect(markup.match(/data-same="/g)).toHaveLength(3);
  });

  test('holds each figure’s numbers once, as JSON that a script can read', () => {
    const blocks = [
      ...page.matchAll(/<script type="application\/json" id="data-([^"]+)">([\s\S]*?)<\/script>/g),
    ];
    const figures = new Map(
      blocks.map(([, id, json]) => [id, JSON.parse(json!) as { data: unknown[] }]),
    );
    expect(figures.get('classifier-confusion')?.data[0]).toMatchObject({
      customdata: [
        [141, 9],
        [9, 139],
      ],
    });
    expect(figures.get('data-steps')?.data[0]).toMatchObject({ x: [2060, 1988, 1988] });
    expect(figures.get('data-column-born')?.data[0]).toMatchObject({ y: [300, 900, 700, 88] });
    expect(figures.get('data-missing')?.data[0]).toMatchObject({ x: [12 / 1988] });
    expect(figures.has('data-split-presentation')).toBe(true);
    // Splits are compared by what a classifier was trained on.
    expect(figures.has('data-split-age')).toBe(false);
    expect(figures.get('classifier-accuracy')?.data[0]).toMatchObject({ x: [280 / 298] });
    expect(figures.size * 3).toBe(result.figures.length);
  });
});

test('a CycleGAN that no classifier judged has its other measures, and no tile', async () => {
  const unjudged = join(folder, 'unjudged');
  await mkdir(join(unjudged, 'run'), { recursive: true });
  const record = await readFile(join(folder, 'runs', 'cyclegan', 'run.json'), 'utf8');
  await writeFile(join(unjudged, 'run', 'run.json'), record);
  const twinError = { n: 40, pixels: 0.88, ranges: { pixels: { low: 0.87, high: 0.89 } } };
  const direction = { n: 40, cycleL1: 0.081, changeL1: 0.2, twinError };
  const evaluation = {
    kind: 'cyclegan',
    domains: { x: 'a', y: 'b' },
    split: 'test',
    xToY: direction,
    yToX: direction,
    judge: 'none',
  };
  await writeFile(join(unjudged, 'run', 'evaluation.json'), JSON.stringify(evaluation));
  const out = join(folder, 'unjudged-report');
  const { figures, index } = await writeReport({ runs: unjudged, out });
  expect(figures).toEqual([]);
  const text = await readFile(index, 'utf8');
  expect(text).toContain('a → b (n = 40)');
  expect(text).toContain('0.081');
  expect(text).toMatch(/twin error, pixels[^]{0,60}0\.88 \[0\.87, 0\.89\]/);
  expect(text).toContain('It comes closer to the twins than no change would');
  expect(text).not.toContain('twin error, features');
  expect(text).not.toContain('judged as');
  await rm(unjudged, { recursive: true });
  await rm(out, { recursive: true });
});

describe('the files', () => {
  test('are the page and each figure as SVG and PNG, and nothing is left beside them', async () => {
    expect((await readdir(join(folder, 'report'))).sort()).toEqual([
      ...['figures', 'files.json', 'index.html', 'report.pdf', 'tables'],
    ]);
    const tables = await readdir(join(folder, 'report', 'tables'));
    expect(tables).toContain('runs.tex');
    expect(tables).toContain('cyclegan-measures.csv');
    expect(tables).toHaveLength(result.tables.length);
    const pdf = await readFile(join(folder, 'report', 'report.pdf'), 'latin1');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['report', 'runs']);
    const names = await readdir(join(folder, 'report', 'figures'));
    expect(names).toContain('cyclegan-losses.png');
    expect(names).toContain('classifier-learning.svg');
    expect(names).toHaveLength(result.figures.length);
  });

  test('replace an older report, but no folder with other files', async () => {
    const bare = join(folder, 'bare');
    await mkdir(join(bare, 'run'), { recursive: true });
    const record = await readFile(join(folder, 'runs', 'classifier', 'run.json'), 'utf8');
    await writeFile(join(bare, 'run', 'run.json'), record);
    const out = join(folder, 'again');
    await writeReport({ runs: bare, out, title: 'one' });
    await writeReport({ runs: bare, out, title: 'two' });
    expect(await readFile(join(out, 'index.html'), 'utf8')).toContain('<title>two</title>');
    await writeFile(join(out, 'notes.txt'), 'mine');
    await expect(writeReport({ runs: bare, out })).rejects.toThrow('holds other files');
    const site = join(folder, 'site');
    await mkdir(site);
    await writeFile(join(site, 'index.html'), 'of another program');
    await expect(writeReport({ runs: bare, out: site })).rejects.toThrow('holds other files');
    expect(await readFile(join(site, 'index.html'), 'utf8')).toBe('of another program');
    expect(await readFile(join(out, 'notes.txt'), 'utf8')).toBe('mine');
    await rm(bare, { recursive: true });
    await rm(out, { recursive: true });
  });

  test('are not touched when a run’s evaluation is broken', async () => {
    const broken = join(folder, 'broken');
    await mkdir(join(broken, 'run'), { recursive: true });
    const record = await readFile(join(folder, 'runs', 'classifier', 'run.json'), 'utf8');
    await writeFile(join(broken, 'run', 'run.json'), record);
    await writeFile(join(broken, 'run', 'evaluation.json'), '{"kind":"classifier"}');
    const out = join(folder, 'none');
    await expect(writeReport({ runs: broken, out })).rejects.toThrow(
      /evaluation\.json: target is not as it should be.*janus evaluate/,
    );
    expect(await readdir(folder)).not.toContain('none');
    await rm(broken, { recursive: true });
  });
});

describe('a write-up', () => {
  const write = async (name: string, text: string): Promise<ReportResult> => {
    const template = join(folder, name);
    await writeFile(template, text);
    const out = join(folder, 'written');
    try {
      return await writeReport({ runs: join(folder, 'runs'), out, writeUp: template });
    } finally {
      await rm(template);
    }
  };

  test('becomes Markdown, a page and a PDF file, with the images that it shows', async () => {
    const template = [
      '# <Faces>\n\nRight for {{value:classifier.accuracy}}; see {{ref:figure:cyclegan-figure6}}.\n',
      '{{table:classifier-measures}}\n\n{{figure:cyclegan-figure6|Faces, {{value:cyclegan.xToY.n}} of them.}}',
    ];
    const made = await write('study.md', template.join('\n'));
    expect(made.values).toBe(5);
    expect(made.writeUp.map((path) => path.split('/').at(-1))).toEqual([
      ...['study.md', 'study.html', 'study.pdf'],
    ]);
    const [text = '', html = ''] = await Promise.all(
      made.writeUp.map((path) => readFile(path, 'utf8')),
    );
    expect(text).toContain('Right for 94.0 % (90.7–96.1 %, n = 298); see Figure 1.');
    expect(text).toContain('![Figure 1. Faces, 150 of them.](figures/cyclegan-figure6.png)');
    expect(html).toContain('<h1>&lt;Faces&gt;</h1>');
    expect(html).toMatch(/<img src="data:image\/webp[^>]*alt="Figure 1\. Faces, 150 of them\."/);
    const names = await readdir(join(folder, 'written', 'figures'));
    expect(names).toContain('cyclegan-figure6.png');
    expect(names).not.toContain('classifier-mistakes.png');
  });

  test('of a report is replaced by one of another name, also in LaTeX', async () => {
    const { writeUp } = await write('paper.tex', '{{value:classifier.accuracy}}');
    expect(await readFile(writeUp[0]!, 'utf8')).toBe('94.0 \\% (90.7--96.1 \\%, n = 298)');
    expect(await readdir(join(folder, 'written'))).not.toContain('study.md');
  });

  test('fails with one line when a number has no source, and writes nothing', async () => {
    await rm(join(folder, 'written'), { recursive: true });
    await expect(write('bad.md', 'a\n{{value:classifier.acuracy}}')).rejects.toThrow(
      /bad\.md:2: \{\{value:classifier\.acuracy\}\} has no source; classifier has accuracy, /,
    );
    await expect(write('bad.txt', '')).rejects.toThrow(/must be a \.md or a \.tex file/);
    expect(await readdir(folder)).not.toContain('written');
  });
});

describe('a run with a broken file', () => {
  test('is skipped with a line and on the page, and costs nothing of the others', async () => {
    const mixed = join(folder, 'mixed');
    await cp(join(folder, 'runs'), mixed, { recursive: true });
    const breaks = {
      'null-loss': async (run: string) => {
        await appendFile(
          join(run, 'metrics.jsonl'),
          '{"kind":"epoch","step":9,"epoch":1,"losses":{"crossEntropy":null},"learningRate":1,"seconds":1}\n',
        );
      },
      'no-record': (run: string) => writeFile(join(run, 'run.json'), '{'),
      'no-image': (run: string) => writeFile(join(run, 'samples', 'mistakes.png'), 'text'),
    };
    for (const [name, damage] of Object.entries(breaks)) {
      await cp(join(folder, 'runs', 'classifier'), join(mixed, name), { recursive: true });
      await damage(join(mixed, name));
    }
    await writeFile(join(mixed, 'bench.json'), '[]');
    const lines: string[] = [];
    const out = join(folder, 'mixed-report');
    const written = await writeReport({ runs: mixed, out, report: (line) => lines.push(line) });
    expect(written.runs).toEqual(['classifier', 'cyclegan']);
    expect(written.skipped.map(({ name }) => name)).toEqual([
      ...['bench.json', 'no-image', 'no-record', 'null-loss'],
    ]);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^report: skipped null-loss: .*line 253 must be a step record, but losses\.crossEntropy /,
      ),
    );
    const text = await readFile(written.index, 'utf8');
    expect(text).toContain('2 runs.');
    expect(text).toMatch(/<section id="skipped">[^]*no-record[^]*must be JSON[^]*<\/section>/);
    await rm(mixed, { recursive: true });
    await rm(out, { recursive: true });
  });
});

test('paperRowsFor takes Table 1 for party and Table 2 for anything else', () => {
  expect(paperRowsFor('party')).toMatchObject({ table: 1, sameTarget: true });
  expect(paperRowsFor('gender')).toMatchObject({ table: 2, sameTarget: true });
  expect(paperRowsFor('glasses')).toMatchObject({ table: 2, sameTarget: false });
  expect(paperRowsFor('gender').rows[0]).toMatchObject({ value: 0.685, n: 300 });
  expect(paperRowsFor('party').rows.map((row) => row.value)).toContain(0.57);
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program as the command does. */
async function program(...args: readonly string[]): Promise<Ended> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [
    '--conditions=@janus/source',
    '--import',
    loader,
    main,
    ...args,
  ]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, out, err };
}

describe('the program', () => {
  test('ends with one line and status 1 when there is no run, and writes nothing', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const ended = await program('--runs', empty, '--out', join(folder, 'nothing'));
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.err).toMatch(/^report: .*must hold at least one run.*\n$/);
    expect(await readdir(folder)).not.toContain('nothing');
    await rm(empty, { recursive: true });
  });

  test('ends with one line and status 1 when it may not write', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'in the way');
    const ended = await program('--runs', join(folder, 'runs'), '--out', join(file, 'report'));
    expect(ended.code).toBe(1);
    expect(ended.err.trim().split('\n').at(-1)).toMatch(
      /^report: .*report: a folder is needed on the way there, but .*file is a file \(ENOTDIR\)\./,
    );
    await rm(file);
  });

  test('ends with status 2 on an unknown flag', async () => {
    const ended = await program('--rums', 'x');
    expect(ended.code).toBe(2);
    expect(ended.err).toContain("Unknown option '--rums'");
  });
});
