// How a program of the apps is started from its sources: as a bundle that esbuild makes of them, kept until one of them
// changes, since a loader that compiles hundreds of files one by one takes most of the time of a short command. Where no
// bundle can be made or kept, through that loader; JANUS_BUNDLE=0 asks for it. See docs/decisions/0023-commands-bundled.md.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

/** Bundles of a program that are kept: an older one may still run, and load more of itself. */
const KEPT = 20;

/**
 * Returns what Node is to be started with for a program.
 *
 * @param {string} main path of its TypeScript file
 * @returns {Promise<readonly string[]>}
 */
export async function programArguments(main) {
  const condition = '--conditions=@janus/source';
  const bundle = process.env.JANUS_BUNDLE === '0' ? undefined : await bundleOf(main);
  if (bundle !== undefined) return [condition, '--enable-source-maps', bundle];
  return [condition, '--import', pathToFileURL(require.resolve('tsx')).href, main];
}

/** Returns the bundle of a program as its sources are; undefined where none can be made or kept. */
async function bundleOf(main) {
  const name = `${basename(dirname(dirname(main)))}-${hashOf(main).slice(0, 8)}`;
  try {
    const folder = join(installedPackages(), '.cache', 'janus', name);
    return keptBundle(folder) ?? (await makeBundle(main, folder));
  } catch {
    return undefined;
  }
}

const hashOf = (text) => createHash('sha256').update(text).digest('hex');

/** Returns the folder of installed packages: what is kept there goes when these are installed again. */
function installedPackages() {
  const loader = require.resolve('tsx');
  const name = `${sep}node_modules`;
  return loader.slice(0, loader.lastIndexOf(name + sep) + name.length);
}

/** Which files a bundle was made of. */
const SOURCES = 'sources.json';

/** Returns what tells files from changed ones; throws where one is gone. */
function stateOf(files) {
  const lines = files.map((path) => {
    const { mtimeMs, size } = statSync(path);
    return `${path} ${mtimeMs} ${size}`;
  });
  return hashOf(lines.join('\n'));
}

function keptBundle(folder) {
  try {
    const { state, files } = JSON.parse(readFileSync(join(folder, SOURCES), 'utf8'));
    const bundle = join(folder, state, 'main.mjs');
    return stateOf(files) === state && existsSync(bundle) ? bundle : undefined;
  } catch {
    return undefined;
  }
}

async function makeBundle(main, folder) {
  await mkdir(folder, { recursive: true });
  const made = await mkdtemp(join(folder, '.new-'));
  try {
    const began = Date.now();
    const files = await bundle(main, made);
    // One that was written meanwhile may have been read before.
    if (files.some((path) => statSync(path).mtimeMs >= began)) return undefined;
    const state = stateOf(files);
    const kept = join(folder, state);
    // Another process may have made the same.
    await rename(made, kept).catch((error) => {
      if (!existsSync(kept)) throw error;
    });
    const list = `${made}.json`;
    await writeFile(list, JSON.stringify({ state, files }));
    await rename(list, join(folder, SOURCES));
    await forgetOld(folder);
    return join(kept, 'main.mjs');
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** Writes a program's bundle into a folder; returns the files that it depends on. */
async function bundle(main, outdir) {
  const { build, stop } = await import('esbuild');
  const root = dirname(main);
  const { metafile } = await build({
    ...{ entryPoints: { main }, outdir, outExtension: { '.js': '.mjs' }, absWorkingDir: root },
    ...{ bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node20' },
    ...{ conditions: ['@janus/source'], sourcemap: 'linked', sourcesContent: false },
    ...{ keepNames: true, metafile: true, logLevel: 'silent', plugins: [ownSources] },
  }).finally(stop); // else its process waits as long as the command runs
  const sources = Object.keys(metafile.inputs).map((path) => join(root, path));
  const described = new Set(sources.flatMap((path) => packageFile(dirname(path))));
  return [...sources, ...described, fileURLToPath(import.meta.url)];
}

/** Returns the package.json that a folder is under, if there is one. */
function packageFile(folder) {
  const file = join(folder, 'package.json');
  if (existsSync(file)) return [file];
  return dirname(folder) === folder ? [] : packageFile(dirname(folder));
}

/** A module's own URL, where it is not named in quotes. */
const MODULE_URL = /(?<!['"`])\bimport\.meta\.url\b(?!['"`])/g;

/** Leaves all packages but our own where they are, and lets each module know where its source is. */
const ownSources = {
  name: 'own sources',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ kind, path, importer }) => {
      if (kind === 'entry-point' || path.startsWith('@janus/')) return undefined;
      return { path: nestedPackage(path, importer) ?? path, external: true };
    });
    onLoad({ filter: /\.m?[jt]s$/ }, async ({ path }) => {
      const url = JSON.stringify(pathToFileURL(path).href);
      const text = await readFile(path, 'utf8');
      const loader = path.endsWith('ts') ? 'ts' : 'js';
      return { contents: text.replaceAll(MODULE_URL, () => url), loader };
    });
  },
};

/** Returns the file of a package that is installed beside one package of this project alone, where a bundle elsewhere would not look. */
function nestedPackage(path, importer) {
  const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
  const shared = dirname(installedPackages());
  for (let folder = dirname(importer); folder.startsWith(shared + sep); folder = dirname(folder)) {
    if (!existsSync(join(folder, 'node_modules', name))) continue;
    return pathToFileURL(createRequire(importer).resolve(path)).href;
  }
  return undefined;
}

async function forgetOld(folder) {
  const bundles = await Promise.all(
    (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(async ({ name }) => ({ name, made: (await stat(join(folder, name))).mtimeMs })),
  );
  bundles.sort((a, b) => b.made - a.made);
  for (const { name } of bundles.slice(KEPT)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}
