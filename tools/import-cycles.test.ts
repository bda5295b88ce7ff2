import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const TOOL = fileURLToPath(new URL('import-cycles.mjs', import.meta.url));

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'janus-cycles-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Writes a tree of files into one package, `@janus/a`, or as the paths say. */
function check(files: Readonly<Record<string, string>>): { status: number | null; err: string } {
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const { status, stderr } = spawnSync(process.execPath, [TOOL, root], { encoding: 'utf8' });
  return { status, err: stderr };
}

const NAMED = { 'packages/a/package.json': '{"name": "@janus/a"}' };

it('a tree without a circle passes, whatever its tests and lists import', () => {
  const { status, err } = check({
    ...NAMED,
    'packages/a/src/index.ts': "export * from './one.js';\nexport * from './room/two.js';\n",
    'packages/a/src/one.ts': "import { two } from './room/two.js';\nexport const one = two;\n",
    'packages/a/src/room/two.ts': 'export const two = 2;\n',
    'packages/a/src/room/two.test.ts': "import { one } from '../one.js';\n",
  });
  expect(err).toBe('');
  expect(status).toBe(0);
});

it('files that import each other fail, types too, and are named in order', () => {
  const { status, err } = check({
    ...NAMED,
    'packages/a/src/one.ts': "import type { Two } from './two.js';\nexport type One = Two;\n",
    'packages/a/src/two.ts': "export type { One as Two } from './one.js';\n",
  });
  expect(status).toBe(1);
  expect(err).toContain(
    'A circle of files:\n  packages/a/src/one.ts\n  packages/a/src/two.ts\n  packages/a/src/one.ts\n',
  );
});

it('folders that import each other fail, though no files do, with the import of each side', () => {
  const { status, err } = check({
    ...NAMED,
    'packages/a/src/left/one.ts': "import '../right/two.js';\n",
    'packages/a/src/left/leaf.ts': 'export const leaf = 1;\n',
    'packages/a/src/right/two.ts': 'export const two = 2;\n',
    'packages/a/src/right/three.ts': "import { leaf } from '../left/leaf.js';\nleaf;\n",
  });
  expect(status).toBe(1);
  expect(err).not.toContain('A circle of files');
  expect(err).toContain(
    'packages/a/src/left -> packages/a/src/right (packages/a/src/left/one.ts imports packages/a/src/right/two.ts)',
  );
  expect(err).toContain('1 circle of imports');
});

it('packages that import each other fail', () => {
  const { status, err } = check({
    ...NAMED,
    'packages/b/package.json': '{"name": "@janus/b"}',
    'packages/a/src/index.ts': "export * from '@janus/b';\n",
    'packages/b/src/index.ts': "import '@janus/a';\n",
  });
  expect(status).toBe(1);
  expect(err).toContain('packages/b/src/index.ts');
});
