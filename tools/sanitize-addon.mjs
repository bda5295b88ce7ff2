// Compiles our addon with g++'s address and undefined-behaviour sanitizers and runs the tests of the
// native engine with it, which must be installed:
//
//   npm run native:sanitize                              # all of them
//   npm run native:sanitize -- packages/engine/src/native # some, as vitest takes them
//
// The installed engine stays as it is: the addon is built in a temporary cache that links to it. What a
// sanitizer finds ends the test's process, so that vitest fails and shows the report. Leaks are not
// looked for, because Node and TensorFlow keep memory until the process ends.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const janus = join('apps', 'cli', 'bin', 'janus.mjs');

/** Tests that load the addon. */
const TESTS = [
  'packages/engine/src/compile',
  'packages/engine/src/gradients.test.ts',
  'packages/engine/src/native',
  'packages/models/src/compiled-steps.test.ts',
];

const CXX =
  'g++ -g -Werror -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined';

function main() {
  const cache = JSON.parse(output(process.execPath, [janus, 'doctor', '--json'])).cache;
  const engines = existsSync(join(cache, 'engines')) ? readdirSync(join(cache, 'engines')) : [];
  const engine = engines.find((name) => name.startsWith('cpu-'));
  if (engine === undefined) {
    return fail('there is no native engine here. Install it: npx janus engine install');
  }
  const own = mkdtempSync(join(tmpdir(), 'janus-sanitize-'));
  try {
    const [from, to] = [cache, own].map((each) => join(each, 'engines', engine));
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) {
      if (!name.startsWith('janus_graph')) symlinkSync(join(from, name), join(to, name));
    }
    const env = { ...process.env, JANUS_CACHE: own };
    const built = run([janus, 'engine', 'install'], { ...env, CXX });
    if (built !== 0) return built;
    const libraries = ['libasan.so', 'libubsan.so'];
    return run(['node_modules/vitest/vitest.mjs', 'run', ...tests()], {
      ...env,
      // Sanitizers must be in the process before the program's own allocator is used.
      LD_PRELOAD: libraries.map((name) => output('g++', [`-print-file-name=${name}`])).join(':'),
      ASAN_OPTIONS: 'detect_leaks=0',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    });
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function tests() {
  const given = process.argv.slice(2);
  return given.length > 0 ? given : TESTS;
}

function run(args, env) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
}

function output(program, args) {
  const { stdout, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return stdout.trim();
}

function fail(reason) {
  console.error(`native:sanitize: ${reason}`);
  return 1;
}

process.exit(main());
