import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeTemporaryFolder, withTemporaryFolder } from './temporary-folder.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-temporary-'));
  // Where the system's temporary folder is: POSIX, Windows.
  for (const name of ['TMPDIR', 'TEMP']) vi.stubEnv(name, root);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

/** Returns the names of our folders; tsx has its own there. */
const own = async (): Promise<readonly string[]> =>
  (await readdir(root)).filter((name) => name.startsWith('janus-')).sort();

/** Starts a process that makes a folder with a file in it, and then does something. */
function start(then: string): ReturnType<typeof spawn> {
  const module = new URL('temporary-folder.ts', import.meta.url).href;
  const script = `import { makeTemporaryFolder } from ${JSON.stringify(module)};
    import { writeFileSync } from 'node:fs';
    const { path } = await makeTemporaryFolder('test');
    writeFileSync(path + '/file', 'x');
    ${then}`;
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const flags = ['--import', loader, '--input-type=module', '--eval', script];
  return spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
}

it('is there while its work runs, and gone when that has ended or failed', async () => {
  const seen = await withTemporaryFolder('test', async (path) => {
    await mkdir(join(path, 'deep'));
    await writeFile(join(path, 'deep', 'file'), 'x');
    return path;
  });
  expect(seen).toMatch(/janus-test-\w+$/);
  const fails = withTemporaryFolder('test', () => Promise.reject(new Error('failed')));
  await expect(fails).rejects.toThrow('failed');
  expect(await own()).toEqual([]);
});

it('is one of any number without a warning of Node', async () => {
  const before = process.listenerCount('exit');
  const folders = await Promise.all(Array.from({ length: 12 }, () => makeTemporaryFolder('test')));
  expect(process.listenerCount('exit')).toBeLessThanOrEqual(before + 1);
  for (const { remove } of folders) await remove();
  expect(await own()).toEqual([]);
});

it('is gone when its process exits in the middle of the work, or throws', async () => {
  const exited = start('process.exit(130);');
  expect(await once(exited, 'close')).toEqual([130, null]);
  const thrown = start('setImmediate(() => { process.stderr.write = () => true; throw 0; });');
  expect((await once(thrown, 'close'))[0]).not.toBe(0);
  expect(await own()).toEqual([]);
});

it('of a killed process is removed by the next one of its name', async () => {
  const killed = start("console.log('made'); setInterval(() => undefined, 2 ** 30);");
  const ended = once(killed, 'close');
  await once(killed.stdout!, 'data');
  const [left] = await own();
  await withTemporaryFolder('test', async () => {
    expect(await own()).toContain(left);
  });
  killed.kill('SIGKILL');
  await ended;
  await withTemporaryFolder('other', () => Promise.resolve());
  expect(await own()).toEqual([left]);
  await withTemporaryFolder('test', () => Promise.resolve());
  expect(await own()).toEqual([]);
});

it('stays where nothing is certain: another machine, no owner, another name', async () => {
  const folder = await makeTemporaryFolder('test');
  const owner = JSON.parse(await readFile(join(folder.path, '.owner.json'), 'utf8')) as object;
  await folder.remove();
  const gone = { ...owner, pid: 2 ** 22 + 1 };
  const elsewhere = { ...gone, host: 'elsewhere' };
  const folders = { 'janus-test-a': elsewhere, 'janus-tests-b': gone, 'janus-test-c': gone };
  for (const [name, who] of Object.entries(folders)) {
    await mkdir(join(root, name));
    await writeFile(join(root, name, '.owner.json'), JSON.stringify(who));
  }
  await mkdir(join(root, 'janus-test-d'));
  await withTemporaryFolder('test', () => Promise.resolve());
  expect(await own()).toEqual(['janus-test-a', 'janus-test-d', 'janus-tests-b']);
});
