// Fails where help, errors, comments or docs use a phrase that tools/words.json advises against:
// node tools/check-words.mjs [root]
import { existsSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const ROOT = resolve(process.argv[2] ?? HERE);
const { phrases, exceptions } = JSON.parse(readFileSync(join(HERE, 'tools', 'words.json'), 'utf8'));
const PATTERNS = Object.entries(phrases).map(([phrase, better]) => ({
  phrase,
  better,
  // Words may be parted by a line's end and the comment's mark there.
  pattern: new RegExp(`(?<![\\w-])${phrase.replaceAll(' ', '(?:\\s|\\*|//)+')}(?![\\w-])`, 'gi'),
}));

/** Returns the files that are read: those that git knows or would add, where there is git. */
function filesOf(root) {
  const { status, stdout } = spawnSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error('check-words: needs a git checkout.');
  return stdout
    .split('\n')
    .filter((file) => /\.(ts|mjs|cjs|md)$/.test(file) && existsSync(join(root, file)))
    .filter((file) => !/(\.test\.ts|tools\/check-words\.mjs)$/.test(file));
}

/** Yields the pieces of a file that a person reads, each with its place. */
function* piecesOf(file, text) {
  if (file.endsWith('.md')) {
    yield { at: 0, text: withoutCode(text) };
    return;
  }
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const seen = new Set();
  const pieces = [];
  const visit = (node) => {
    for (const range of [
      ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.end) ?? []),
    ]) {
      if (seen.has(range.pos)) continue;
      seen.add(range.pos);
      pieces.push({ at: range.pos, text: text.slice(range.pos, range.end) });
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) {
      const start = node.getStart(source);
      pieces.push({ at: start, text: text.slice(start, node.end) });
    }
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  yield* pieces;
}

/** Blanks out code in Markdown: it may quote anything. */
function withoutCode(text) {
  const blank = (code) => code.replace(/[^\n]/g, ' ');
  return text.replace(/^```[^]*?^```/gm, blank).replace(/`[^`\n]*`/g, blank);
}

const lineOf = (text, at) => text.slice(0, at).split('\n').length;

let hits = 0;
for (const file of filesOf(ROOT)) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  for (const piece of piecesOf(file, text)) {
    for (const { phrase, better, pattern } of PATTERNS) {
      for (const found of piece.text.matchAll(pattern)) {
        if (exceptions[file]?.[phrase] !== undefined) continue;
        hits += 1;
        const line = lineOf(text, piece.at + found.index);
        process.stderr.write(`${file}:${line}: "${found[0]}" -> ${better}\n`);
      }
    }
  }
}
if (hits > 0) {
  process.stderr.write(
    `check-words: ${hits} phrases. tools/words.json says what to write instead.\n`,
  );
  process.exitCode = 1;
}
