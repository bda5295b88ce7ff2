// Writes packages/*/dist for the notebooks: plain JavaScript, and declarations that the kernel's compiler reads in a
// seventh of the time that sources take. No type checking, which `npm run typecheck` does; only files that changed.
//
//   node tools/build-packages.mjs
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** What was built: the time and size of each source. */
const STATE = join('node_modules', '.cache', 'janus-built-packages.json');
/** Changes when built files would differ for the same sources. */
const FORMAT = 1;

/**
 * Brings `packages/*\/dist` up to date with the sources; takes milliseconds where it is.
 *
 * @param {{ root?: string, report?: (line: string) => void }} options `root` of the workspace, default this one;
 * `report` receives a line where there is something to build
 * @returns {Promise<number>} files that were built
 */
export async function buildPackages({ root = ROOT, report = () => undefined } = {}) {
  const state = readState(join(root, STATE));
  const sources = sourcesOf(root);
  const stale = sources.filter(
    ({ key, stamp, out }) =>
      state[key] !== stamp || !existsSync(`${out}.js`) || !existsSync(`${out}.d.ts`),
  );
  if (stale.length === 0) return 0;
  report(`building the packages for the kernel (${stale.length} files)`);
  const { default: ts } = await import('typescript');
  for (const source of stale) buildFile(ts, source);
  const stamps = sources.map(({ key, stamp }) => [key, stamp]);
  mkdirSync(dirname(join(root, STATE)), { recursive: true });
  write(join(root, STATE), JSON.stringify({ format: FORMAT, files: Object.fromEntries(stamps) }));
  return stale.length;
}

/** Returns the stamps of what was built; none where it was built otherwise. */
function readState(path) {
  try {
    const { format, files } = JSON.parse(readFileSync(path, 'utf8'));
    return format === FORMAT ? files : {};
  } catch {
    return {};
  }
}

/** Returns the sources of all packages but their tests. */
function sourcesOf(root) {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const folder = join(root, 'packages', name, 'src');
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true })
      .filter((file) => /(?<!\.(test|fixture|d))\.ts$/.test(file))
      .map((file) => {
        const path = join(folder, file);
        const { mtimeMs, size } = statSync(path);
        const out = join(root, 'packages', name, 'dist', file.slice(0, -'.ts'.length));
        return { path, out, key: `${name}/${file}`, stamp: `${mtimeMs} ${size}` };
      });
  });
}

/** Writes a file's JavaScript and declarations, each from the file alone: the sources are written for that. */
function buildFile(ts, { path, out }) {
  const text = readFileSync(path, 'utf8');
  const options = {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      declaration: true,
      isolatedDeclarations: true,
      verbatimModuleSyntax: true,
    },
  };
  mkdirSync(dirname(out), { recursive: true });
  write(`${out}.js`, ts.transpileModule(text, options).outputText);
  write(`${out}.d.ts`, ts.transpileDeclaration(text, options).outputText);
}

/** A kernel that starts meanwhile reads the whole file, old or new. */
function write(path, text) {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPackages({ report: (line) => console.error(line) });
}
