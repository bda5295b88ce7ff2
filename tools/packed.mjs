#!/usr/bin/env node
// Packs every package, installs them in an empty project, and runs the example of each README there, as ECMAScript
// module and as CommonJS, type-checked against the packed declarations. Prints one line a check; exits with 1 when one
// fails. `--node 22,24` runs the examples on these versions of Node too, each taken from the package registry.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = promisify(execFile);
const require = createRequire(import.meta.url);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const { values } = parseArgs({ options: { node: { type: 'string', default: '' } } });
const LIMIT = 64 * 2 ** 20;

/** Folders of all packages and apps. */
async function packageFolders() {
  const found = [];
  for (const room of ['packages', 'apps']) {
    for (const entry of await readdir(join(ROOT, room), { withFileTypes: true })) {
      if (entry.isDirectory()) found.push(join(ROOT, room, entry.name));
    }
  }
  return found;
}

let failed = 0;
async function check(what, work) {
  try {
    const seen = await work();
    console.log(`ok      ${what}${seen ? `: ${seen}` : ''}`);
  } catch (error) {
    failed += 1;
    const text = String(error.stdout ?? '') + String(error.stderr ?? '') || String(error.stack);
    console.log(`FAILED  ${what}\n${text.trim()}`);
  }
}

/** The README's example, and what it prints where the README says so. */
async function exampleOf(folder) {
  const text = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
  const [code] = [...text.matchAll(/```ts\n([^]*?)```/g)].map(([, block]) => block);
  const [printed] = [...text.matchAll(/```text\n([^]*?)```/g)].map(([, block]) => block);
  return code === undefined ? undefined : { code, printed };
}

/** The same statements in a function: a CommonJS module has no await outside of one. */
function asCommonJs(code) {
  const imports = code.match(/^(import [^;]*;\n)+/)?.[0] ?? '';
  return `${imports}\nvoid (async () => {\n${code.slice(imports.length)}\n})();\n`;
}

async function pack(folder, to) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', to];
  const { stdout } = await run(npm, args, { cwd: folder, maxBuffer: LIMIT });
  return join(to, JSON.parse(stdout)[0].filename);
}

async function nodesAsked(project) {
  const nodes = [{ name: process.version, path: process.execPath }];
  for (const version of values.node.split(',').filter(Boolean)) {
    const folder = join(project, 'nodes', version);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"private":true}');
    // The package's install script puts the binary in place.
    await run(npm, ['install', '--no-audit', '--no-fund', `node@${version}`], { cwd: folder });
    const path = join(folder, 'node_modules', 'node', 'bin', 'node');
    nodes.push({ name: (await run(path, ['--version'])).stdout.trim(), path });
  }
  return nodes;
}

async function runExample(project, node, { name, file, printed }) {
  const cwd = await mkdtemp(join(project, 'run-'));
  const { stdout } = await run(node.path, [file], { cwd, maxBuffer: LIMIT });
  await rm(cwd, { recursive: true, force: true });
  if (stdout.trim() === '') throw new Error(`${name}: printed nothing`);
  if (printed !== undefined && stdout !== printed) {
    throw new Error(`${name}: the README says\n${printed}but it printed\n${stdout}`);
  }
}

/** What importing a package takes, and which libraries come with it. */
async function importFacts(project, node, name) {
  const script = `const t = performance.now(); await import('${name}'); const ms = performance.now() - t;
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(process.cwd() + '/x.js').cache).filter((file) => file.includes('tensorflow'));
    console.log(JSON.stringify({ ms: Math.round(ms), tensorflow: loaded.length }));`;
  const { stdout } = await run(node.path, ['--input-type=module', '-e', script], { cwd: project });
  return JSON.parse(stdout);
}

async function checkTarball(name, tarball) {
  // Node 20.19 and later load these modules through require too, so that `import` and `require` reach the same code:
  // a copy in CommonJS would be a second set of classes. The old resolution (`node10`) is not supported.
  const attw = require.resolve('@arethetypeswrong/cli/package.json');
  const args = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-color'];
  await check(`${name}: types as an importer resolves them`, async () => {
    await run(process.execPath, [join(dirname(attw), 'dist', 'index.js'), tarball, ...args]);
  });
  await check(`${name}: files that package.json names`, async () => {
    const { publint } = await import('publint');
    const bytes = await readFile(tarball);
    const { messages } = await publint({
      pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
    });
    const found = messages.filter(({ type }) => type !== 'suggestion');
    if (found.length > 0) throw new Error(JSON.stringify(found, undefined, 1));
  });
}

const project = await mkdtemp(join(tmpdir(), 'janus-packed-'));
try {
  await run(process.execPath, [require.resolve('typescript/bin/tsc'), '--build'], { cwd: ROOT });
  const packages = [];
  for (const folder of await packageFolders()) {
    const { name, exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    packages.push({
      name,
      exports,
      example: await exampleOf(folder),
      tarball: await pack(folder, project),
    });
  }
  await writeFile(join(project, 'package.json'), '{"private":true,"type":"module"}');
  const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const tools = ['typescript', '@types/node'].map((each) => `${each}@${devDependencies[each]}`);
  const install = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await check('npm install of all packages in an empty project', async () => {
    const args = [...install, ...packages.map(({ tarball }) => tarball), ...tools];
    await run(npm, args, { cwd: project, maxBuffer: LIMIT });
  });

  const examples = packages.filter(({ example }) => example !== undefined);
  for (const { name, exports, example } of packages) {
    if (exports === undefined) continue;
    await check(`${name}: a README with an example`, async () => {
      if (example === undefined) throw new Error(`${name}: README.md has no block of ts`);
    });
  }
  const fileOf = (name) => name.replace(/^@janus\//, '');
  for (const { name, example } of examples) {
    await writeFile(join(project, `${fileOf(name)}.mts`), example.code);
    await writeFile(join(project, `${fileOf(name)}.cts`), asCommonJs(example.code));
  }
  const compilerOptions = {
    ...{ strict: true, target: 'ES2022', module: 'NodeNext', types: ['node'], outDir: 'built' },
    ...{ skipLibCheck: true, noEmitOnError: true, rootDir: '.' },
  };
  const files = examples.flatMap(({ name }) => [`${fileOf(name)}.mts`, `${fileOf(name)}.cts`]);
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  await check('types of all examples, as module and as CommonJS', async () => {
    await run(process.execPath, [join(project, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
      cwd: project,
    });
  });

  for (const node of await nodesAsked(project)) {
    for (const { name, example } of examples) {
      for (const ending of ['mjs', 'cjs']) {
        const file = join(project, 'built', `${fileOf(name)}.${ending}`);
        const { printed } = example;
        await check(`${name}: example as .${ending} on Node ${node.name}`, () =>
          runExample(project, node, { name, file, printed }),
        );
      }
    }
  }
  for (const name of ['@janus/core', '@janus/data', '@janus/figures']) {
    await check(`${name}: loads no TensorFlow`, async () => {
      const { ms, tensorflow } = await importFacts(project, { path: process.execPath }, name);
      if (tensorflow > 0) throw new Error(`${tensorflow} files of TensorFlow were loaded`);
      return `imported in ${ms} ms`;
    });
  }
  await check('janus --help from the installed package', async () => {
    await run(
      process.execPath,
      [join(project, 'node_modules/@janus/cli/bin/janus.mjs'), '--help'],
      { cwd: project },
    );
  });
  for (const { name, exports, tarball } of packages) {
    if (exports !== undefined) await checkTarball(name, tarball);
  }
} finally {
  await rm(project, { recursive: true, force: true });
}
console.log(failed === 0 ? 'all packages install and run' : `${failed} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
