import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const tool = join(import.meta.dirname, 'notebooks.mjs');
const folder = mkdtempSync(join(tmpdir(), 'janus-notebooks-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface WrittenNotebook {
  readonly cells: readonly {
    readonly metadata: object;
    readonly outputs: readonly { readonly text?: readonly string[] }[];
  }[];
}

interface SourceNotebook {
  readonly cells: readonly {
    readonly cell_type: string;
    readonly source: string | readonly string[];
    readonly outputs?: readonly unknown[];
    readonly execution_count?: number | null;
  }[];
}

function run(flags: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const env = { ...process.env, ...environment };
  return new Promise((done) => {
    execFile(process.execPath, [tool, ...flags], { env }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

function notebook(name: string, cells: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    JSON.stringify({
      cells: cells.map((source, i) => ({
        cell_type: 'code',
        id: `cell-${i}`,
        source,
        metadata: {},
        outputs: [],
        execution_count: null,
      })),
      metadata: {
        kernelspec: { name: 'tslab', display_name: 'TypeScript (tslab)', language: 'typescript' },
      },
      nbformat: 4,
      nbformat_minor: 5,
    }),
  );
  return path;
}

// Makes the environment (seconds, the first time only), or says why there can be none.
const setUp = await run(['set-up']);
const title =
  setUp.code === 0 ? 'notebooks' : `notebooks (skipped: ${setUp.stderr.trim().slice(0, 300)})`;

// Each case starts a kernel, most of which is waiting.
// One after the other: Jupyter picks a kernel's ports before the kernel opens them, and two would race.
describe.skipIf(setUp.code !== 0)(title, () => {
  it('run cells that import a package by name and await at the top level', async ({ expect }) => {
    const path = notebook('good.ipynb', [
      "import { wilsonInterval, Interval } from '@janus/core';\nconst interval: Interval = wilsonInterval(9, 10);",
      'await new Promise((done) => setTimeout(done, 5));\nconsole.log(interval.low.toFixed(4), process.cwd());',
    ]);
    const { code, stdout } = await run(['test', path]);
    expect(code).toBe(0);
    expect(stdout).toContain('1 ran to the end, 0 failed');
    const copy = join(folder, 'executed', 'good.ipynb');
    const written = JSON.parse(readFileSync(copy, 'utf8')) as WrittenNotebook;
    // 0.5958 is the lower end for 9 of 10 (Wilson 1927); the path is written from the root on.
    expect(written.cells[1]!.outputs[0]!.text).toEqual(['0.5958 ./notebooks\n']);
    expect(written.cells[1]!.metadata).toEqual({});
  });

  it('end with exit code 1 and the number, source and own error of a cell that throws', async ({
    expect,
  }) => {
    const path = notebook('broken.ipynb', [
      'const faces = 3;',
      'throw new Error(`only ${faces} faces here`);',
      "console.log('never reached');",
    ]);
    const before = readFileSync(path, 'utf8');
    const { code, stdout, stderr } = await run(['test', path]);
    expect(code).toBe(1);
    expect(stderr).toContain('broken.ipynb: code cell 2 of 3 failed:');
    expect(stderr).toContain('    throw new Error(`only ${faces} faces here`);');
    expect(stderr).toContain('Error: only 3 faces here');
    expect(stdout + stderr).not.toContain('code cell 3');
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(existsSync(join(folder, 'executed', 'broken.ipynb'))).toBe(false);
  });

  it('fail a cell with a type error, in the words of the compiler', async ({ expect }) => {
    const path = notebook('types.ipynb', ["const faces: string = 3;\nthrow new Error('ran');"]);
    const { code, stderr } = await run(['test', path]);
    expect(code).toBe(1);
    expect(stderr).toContain("1:7 - Type 'number' is not assignable to type 'string'.");
    expect(stderr).not.toContain('Error: ran');
  });

  it('fail the cell during which a promise that nobody awaited failed', async ({ expect }) => {
    const path = notebook('stray.ipynb', [
      `let lose = (reason: Error): void => undefined;
void new Promise((_, reject) => { lose = reject; });`,
      "lose(new Error('lost'));\nawait new Promise((done) => setTimeout(done, 200));",
    ]);
    const { code, stderr } = await run(['test', path]);
    expect(code).toBe(1);
    expect(stderr).toContain('code cell 2 of 2: something nobody awaited failed');
    expect(stderr).toContain('Error: lost');
  });

  it('fail for such a promise also when it fails while no cell runs', async ({ expect }) => {
    const path = notebook('between.ipynb', [
      "setTimeout(() => { void Promise.reject(new Error('lost')); }, 0);",
      'await new Promise((done) => setTimeout(done, 200));',
    ]);
    const { code, stderr } = await run(['test', path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/code cell [12] of 2: something nobody awaited failed/);
    expect(stderr).toContain('Error: lost');
  });
});

interface Cell {
  readonly source: string;
  /** The cell is interrupted when it has shown this. */
  readonly stopAt?: string;
}

interface RunCell {
  readonly status: 'ok' | 'error' | 'abort';
  /** Texts in the order in which they were shown. */
  readonly shown: readonly string[];
  /** MIME types of each display. */
  readonly types: readonly (readonly string[])[];
  /** The last text of each display. */
  readonly displays: readonly string[];
}

/** Runs cells in one kernel. */
async function session(cells: readonly Cell[]): Promise<readonly RunCell[]> {
  const venv = process.env['JANUS_NOTEBOOKS_VENV'] ?? join(root, 'notebooks', '.venv');
  const python = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const env = { ...process.env, JUPYTER_PATH: join(venv, 'share', 'jupyter') };
  const flags = [join(root, 'tools', 'kernel_session.py'), '--in', join(root, 'notebooks')];
  const printed = await new Promise<string>((done, fail) => {
    const child = execFile(python, flags, { env }, (error, stdout) => {
      if (error === null) done(stdout);
      else fail(new Error('the session failed', { cause: error }));
    });
    child.stdin?.end(JSON.stringify(cells));
  });
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunCell);
}

describe.skipIf(setUp.code !== 0)(`${title}: what cells show`, () => {
  it('are figures with an image below, tables as markup, and a run that the stop button ends', async ({
    expect,
  }) => {
    const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')];
    const train = (run: string): string =>
      `const run = await follow(trainClassifier, options, { folder: ${JSON.stringify(run)} });`;
    const [opened, tables, first, cut, again] = await session([
      {
        source: `import { follow, show } from '@janus/notebook';
import { CLASSIFIER_SMALL, prepareFaces, trainClassifier } from '@janus/runs';
const data = await prepareFaces(${JSON.stringify(join(folder, 'faces'))}, { count: 60, target: 'presentation', size: 48 });
const options = { ...CLASSIFIER_SMALL, data: data, target: 'presentation', size: 32, epochs: 12, batchSize: 4, patience: 0, precision: 'float32' as const };
void 0`,
      },
      {
        source: `import { labelDistribution } from '@janus/figures';
await show([{ a: '<b>' }]);
await show(labelDistribution({ x: 2, y: 3 }, { title: 'letters' }));`,
      },
      { source: train(whole) },
      { source: train(stopped), stopAt: 'epoch 2' },
      { source: `${train(stopped)}\nconsole.log(run.finished)` },
    ]);
    expect(opened?.status).toBe('ok');
    expect(tables?.types).toEqual([
      ['text/html', 'text/plain'],
      ['application/vnd.plotly.v1+json', 'image/png', 'text/plain'],
    ]);
    expect(first?.displays[0]).toMatch(/^120 updates in /m);
    // The kernel rejects the cell at once; the run ends by itself, and says so in the same place.
    expect(cut?.status).toBe('error');
    const shown = [...(cut?.shown ?? []), ...(again?.shown ?? [])];
    expect(shown.filter((text) => text.includes('Run the cell again to resume')).length).toBe(1);
    expect(again?.status).toBe('ok');
    expect(again?.shown.at(-1)).toBe('true\n');
    expect(resultOf(stopped)).toEqual(resultOf(whole));
  });
});

/** Returns all that a run has measured and learned; times differ between runs. */
function resultOf(run: string): unknown {
  const metrics = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as object), seconds: 0 }));
  const model = join(run, 'model');
  const weights = readdirSync(model).filter((name) => name.endsWith('.bin'));
  return {
    metrics,
    weights: weights.map((name) => readFileSync(join(model, name)).toString('hex')),
  };
}

describe('a kernel', () => {
  beforeAll(() => {
    execFileSync(process.execPath, [join(root, 'tools', 'build-packages.mjs')]);
  });
  const { env } = JSON.parse(readFileSync(join(root, 'notebooks/kernel/kernel.json'), 'utf8')) as {
    readonly env: NodeJS.ProcessEnv;
  };

  it.each(readdirSync(join(root, 'packages')))(
    'can load @janus/%s as cells do, through require',
    async (name) => {
      const program = `console.log(Object.keys(require('@janus/${name}')).length > 0)`;
      const options = { cwd: join(root, 'notebooks'), env: { ...process.env, ...env } };
      const printed = await new Promise((done) => {
        execFile(process.execPath, ['-e', program], options, (error, stdout) => {
          done(error?.message ?? stdout.trim());
        });
      });
      expect(printed).toBe('true');
    },
  );
});

describe('the notebooks of the repository', () => {
  const notebooks = join(root, 'notebooks');
  const names = readdirSync(notebooks).filter((name) => name.endsWith('.ipynb'));

  it.each(names)('%s has no outputs, and at most 60 lines of code', (name) => {
    const { cells } = JSON.parse(readFileSync(join(notebooks, name), 'utf8')) as SourceNotebook;
    const code = cells.filter((cell) => cell.cell_type === 'code');
    expect(
      code.every(({ outputs, execution_count: run }) => outputs?.length === 0 && run === null),
    ).toBe(true);
    const lines = code.flatMap(({ source }) => [source].flat().join('').split('\n'));
    expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(60);
  });
});

describe('notebooks without what they need', () => {
  it('end with exit code 2 and the usage for a flag that there is not', async () => {
    const { code, stderr } = await run(['test', '--allow-errors']);
    expect(code).toBe(2);
    expect(stderr).toContain('notebooks: no such flag: --allow-errors. usage:');
  });

  it('end with exit code 1 and one line for a notebook that is not there', async () => {
    const { code, stderr } = await run(['test', join(folder, 'absent.ipynb')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^notebooks: there is no notebook .*absent\.ipynb\. .*\n$/);
  });

  it('end with one line and the way out where there is no Python', async () => {
    const environment = { JANUS_PYTHON: 'no-such-python', JANUS_NOTEBOOKS_VENV: join(folder, 'a') };
    const { code, stderr } = await run(['set-up'], environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^notebooks: no-such-python was not found\. Install Python 3\.9 .*\n$/m);
  });

  it.skipIf(process.platform === 'win32')(
    'end with one line and the way out where Python has no venv module',
    async () => {
      const python = join(folder, 'python');
      writeFileSync(python, '#!/bin/sh\n[ "$1" = -c ] && echo 3 11\n');
      chmodSync(python, 0o755);
      const environment = { JANUS_PYTHON: python, JANUS_NOTEBOOKS_VENV: join(folder, 'b') };
      const { code, stderr } = await run(['set-up'], environment);
      expect(code).toBe(1);
      expect(stderr).toMatch(/could not make a virtual environment\. Install .* python3-venv/);
    },
  );

  it.skipIf(setUp.code !== 0)('end with one line where pip cannot have the packages', async () => {
    const environment = { PIP_NO_INDEX: '1', JANUS_NOTEBOOKS_VENV: join(folder, 'c') };
    const { code, stderr } = await run(['test'], environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^notebooks: pip could not install requirements\.txt: .*nbclient.*\d\. Check that pip reaches .*\n$/m,
    );
  });
});
