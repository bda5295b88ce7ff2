import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ENGINE_BUILDS } from '../install/builds.js';
import { installedAddon, installedKinds, nativeFolder } from '../install/installed.js';
import { loadAddonFile } from '../install/settings.js';

const [kind] = installedKinds();
const skipped = kind === undefined ? ' (skipped: no native engine)' : '';

/** Loads a library in a process of its own. */
function load(library: string, environment: NodeJS.ProcessEnv = {}) {
  const folder = nativeFolder(kind);
  const addon = join(folder, loadAddonFile());
  const code = `console.log(require(process.argv[1]).openQuietly(process.argv[2])); console.error('after');`;
  const path = join(folder, ENGINE_BUILDS[kind ?? 'cpu'].libraries, library);
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code, addon, path], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { stdout, stderr };
}

it.skipIf(skipped !== '')(
  `TensorFlow's information lines stay out of sight, and others do not${skipped}`,
  () => {
    const framework = 'libtensorflow_framework.so.2';
    expect(load(framework)).toEqual({ stdout: 'undefined\n', stderr: 'after\n' });
    // The dynamic linker's own report of what it looks for is no information of TensorFlow's.
    const { stderr } = load(framework, { LD_DEBUG: 'statistics' });
    expect(stderr).toMatch(/relocation/);
    expect(stderr).not.toMatch(/oneDNN|absl/);
  },
);

it.skipIf(skipped !== '')(`a library that is absent is named, not thrown${skipped}`, () => {
  const { stdout, stderr } = load('libnothing.so');
  expect(stdout).toMatch(/libnothing\.so: cannot open shared object file/);
  expect(stderr).toBe('after\n');
});

it.skipIf(skipped !== '')(`no line of TensorFlow's comes with an engine${skipped}`, () => {
  expect(installedAddon()).toBeDefined();
  const code = `import('@janus/engine').then(({ useEngine }) => useEngine({ engine: 'tensorflow' })).then(({ line }) => console.log(line))`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@janus/source', '--import', 'tsx', '-e', code],
    { encoding: 'utf8' },
  );
  expect(stdout).toMatch(/^Engine: tensorflow /);
  expect(stderr).toBe('');
});
