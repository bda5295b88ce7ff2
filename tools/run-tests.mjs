// `npm test`: puts the native engine in place when it is available, then runs every test that needs
// nothing but npm. Arguments go on to vitest.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (command, args) =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit', env: process.env }).status ?? 1;

if (process.env.JANUS_ENGINE === undefined || process.env.JANUS_ENGINE === 'tensorflow') {
  const installed = run(process.execPath, ['apps/cli/bin/janus.mjs', 'engine', 'install']);
  if (installed !== 0)
    console.log('npm test: no native engine here; its tests will say so and be skipped.');
}
process.exit(
  run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]),
);
