// Fails when files, or folders, import each other in a circle: node tools/import-cycles.mjs [root]
// A folder under src is one node, a file directly in src a node of its own; index.ts and web.ts, which
// list what a package exports, count among files only. Types count as values do. Tests do not count.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const IS_TEST = /\.(test|test-d|fixture)\.ts$/;
const LISTS = new Set(['index.ts', 'web.ts']);

/** Returns the source files of a folder, at any depth. */
function sourcesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesIn(path);
    return entry.name.endsWith('.ts') && !IS_TEST.test(entry.name) ? [path] : [];
  });
}

/** Returns the `src` folders of all packages and apps, by the name of the package. */
function packagesOf(root) {
  const found = new Map();
  for (const group of ['packages', 'apps']) {
    if (!existsSync(join(root, group))) continue;
    for (const name of readdirSync(join(root, group))) {
      const folder = join(root, group, name);
      if (!existsSync(join(folder, 'src'))) continue;
      const { name: packageName } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      found.set(packageName, join(folder, 'src'));
    }
  }
  return found;
}

const packages = packagesOf(ROOT);

/** Returns the file that an import means, if it is in a package or app. */
function targetOf(file, specifier) {
  const entry = packages.get(specifier);
  if (entry !== undefined) return join(entry, 'index.ts');
  if (!specifier.startsWith('.')) return undefined;
  const path = resolve(dirname(file), specifier).replace(/\.js$/, '.ts');
  return existsSync(path) && statSync(path).isFile() ? path : undefined;
}

/** Returns which files each file imports. */
function importsOf(files) {
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
      const targets = importedFiles.map(({ fileName }) => targetOf(file, fileName));
      return [file, [...new Set(targets.filter((each) => each !== undefined && each !== file))]];
    }),
  );
}

/** Returns the folder, or the file directly in `src`, that stands for a file; undefined for a list. */
function roomOf(file) {
  const source = [...packages.values()].find((each) => file.startsWith(`${each}${sep}`));
  if (source === undefined) return undefined;
  const [first, ...rest] = relative(source, file).split(sep);
  return rest.length === 0 && LISTS.has(first) ? undefined : join(source, first);
}

/** Returns which rooms each room imports, with a file and its import for each pair. */
function roomsOf(imports) {
  const rooms = new Map();
  const witness = new Map();
  for (const [file, targets] of imports) {
    const from = roomOf(file);
    if (from === undefined) continue;
    if (!rooms.has(from)) rooms.set(from, []);
    for (const target of targets) {
      const to = roomOf(target);
      if (to === undefined || to === from) continue;
      if (!rooms.get(from).includes(to)) rooms.get(from).push(to);
      const pair = `${from}\n${to}`;
      if (!witness.has(pair)) witness.set(pair, [file, target]);
    }
  }
  return { rooms, witness };
}

/** Returns a circle through each node that lies on one, each circle once. */
function circlesOf(graph) {
  const circles = [];
  const done = new Set();
  const path = [];
  const visit = (node) => {
    const at = path.indexOf(node);
    if (at >= 0) {
      circles.push([...path.slice(at), node]);
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return circles;
}

const shown = (path) => relative(ROOT, path);
const imports = importsOf([...packages.values()].flatMap(sourcesIn));
const { rooms, witness } = roomsOf(imports);
const found = [
  ...circlesOf(imports).map((circle) => ['files', circle.map(shown)]),
  ...circlesOf(rooms).map((circle) => [
    'folders',
    circle.slice(1).map((to, i) => {
      const [file, target] = witness.get(`${circle[i]}\n${to}`);
      return `${shown(circle[i])} -> ${shown(to)} (${shown(file)} imports ${shown(target)})`;
    }),
  ]),
];
for (const [kind, lines] of found) {
  process.stderr.write(`A circle of ${kind}:\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
if (found.length > 0) {
  const count = `${found.length} circle${found.length === 1 ? '' : 's'}`;
  process.stderr.write(`import-cycles: ${count} of imports. Move what both sides need apart.\n`);
  process.exitCode = 1;
}
