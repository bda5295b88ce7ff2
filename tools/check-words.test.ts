import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const TOOL = fileURLToPath(new URL('check-words.mjs', import.meta.url));

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'janus-words-'));
  spawnSync('git', ['init', '-q'], { cwd: root });
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function check(file: string, text: string): { status: number | null; err: string } {
  writeFileSync(join(root, file), text);
  const { status, stderr } = spawnSync(process.execPath, [TOOL, root], { encoding: 'utf8' });
  return { status, err: stderr };
}

it('a phrase in a comment, a string or a template fails, with its line and what is better', () => {
  const { status, err } = check(
    'a.ts',
    '/** Mends it. */\nexport const a = "begin anew";\nexport const b = `${a} and\n * be\n * had`;\n',
  );
  expect(status).toBe(1);
  expect(err).toContain('a.ts:1: "Mends" -> fixes');
  expect(err).toContain('a.ts:2: "begin anew" -> start over');
  expect(err).toMatch(/a\.ts:4: "be\n \* had" -> be available/);
});

it('identifiers, words that only contain a phrase, and code in Markdown pass', () => {
  const { status, err } = check('a.ts', 'export const mend = "amended, recommended";\n');
  expect(err).toBe('');
  expect(status).toBe(0);
  const docs = 'Run `--mend`:\n\n```\nmend it\n```\n\nThat is no longer so.\n';
  expect(check('a.md', docs).status).toBe(0);
});

it('a phrase in Markdown fails', () => {
  const { status, err } = check('a.md', '# A title\n\nThey are no use: a picture.\n');
  expect(status).toBe(1);
  expect(err).toContain('a.md:3: "are no" -> are not');
  expect(err).toContain('a.md:3: "picture" -> image');
});
